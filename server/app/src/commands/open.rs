//! Opens store and database as configured. Start-up is the only place that names concrete types.

use std::num::NonZeroU32;
use std::time::Duration;

use stowaway_domain::cache_policy::CachePolicy;
use stowaway_domain::retention::Retention;
use stowaway_domain::slice::SliceSize;
use stowaway_engine::db::Database;
use stowaway_engine::gc::GcOptions;
use stowaway_engine::housekeeping::Housekeeping;
use stowaway_engine::publications::Publications;
use stowaway_engine::publish::{PublishOptions, Publisher};
use stowaway_engine::read::{Reader, ReaderOptions};
use stowaway_engine::releases::Releases;
use stowaway_engine::slices::{SliceCache, SliceOptions};
use stowaway_engine::store::{Store, StoreOptions};
use stowaway_engine::tokens::{Authenticator, TokenLimits, Tokens};
use stowaway_engine::uploads::{UploadOptions, Uploads};

use super::{errors, faults};
use crate::configuration::{self, Cache, Configuration, Settings, Upload};
use crate::failure::Failure;
use crate::http::ApiState;

/// An open store and database.
pub(super) struct Opened {
    pub(super) store: Store,
    pub(super) database: Database,
}

/// Opens both; the database is brought up to date.
pub(super) async fn open(configuration: &Configuration) -> Result<Opened, Failure> {
    let store = Store::open(configuration.storage_url(), &store_options(configuration)).map_err(errors::store)?;
    Ok(Opened { store, database: database(configuration).await? })
}

/// How stores are opened: the configured one, and what is exported to.
pub(super) fn store_options(configuration: &Configuration) -> StoreOptions {
    let settings = &configuration.settings;
    StoreOptions {
        read_chunk_bytes: settings.http.read_chunk_bytes,
        request_timeout: Duration::from_secs(settings.storage.request_timeout_seconds),
        connect_timeout: Duration::from_secs(settings.storage.connect_timeout_seconds),
        retries: settings.storage.retries,
        endpoint: settings.storage.endpoint.clone(),
        region: settings.storage.region.clone(),
        path_style: settings.storage.path_style,
        environment: configuration::vendor_environment(),
        ..StoreOptions::default()
    }
}

/// Opens the database alone, for commands that need no more.
pub(super) async fn database(configuration: &Configuration) -> Result<Database, Failure> {
    Database::open(configuration.database_url()).await.map_err(errors::database)
}

/// Opens both for a command that only reads: a database that is not there is not made, and neither is the store.
pub(super) async fn open_existing(configuration: &Configuration) -> Result<Opened, Failure> {
    expect_database(configuration)?;
    let store =
        Store::open_existing(configuration.storage_url(), &store_options(configuration)).map_err(errors::store)?;
    Ok(Opened { store, database: database(configuration).await? })
}

/// Opens the database alone for a command that only changes what is there.
pub(super) async fn existing_database(configuration: &Configuration) -> Result<Database, Failure> {
    expect_database(configuration)?;
    database(configuration).await
}

fn expect_database(configuration: &Configuration) -> Result<(), Failure> {
    let missing = Database::missing_file(configuration.database_url());
    missing.map_or(Ok(()), |file| Err(errors::nothing_published(&file.display().to_string())))
}

impl Opened {
    /// A reader over both.
    pub(super) fn reader(&self, settings: &Settings) -> Reader {
        let options = ReaderOptions {
            document_cache_bytes: settings.cache.document_bytes,
            cached_rows: settings.cache.rows,
            pointer_fresh: Duration::from_millis(settings.cache.pointer_fresh_ms),
            pointer_policy: CachePolicy::Pointer {
                max_age_s: settings.edge.pointer_max_age_seconds,
                shared_max_age_s: settings.edge.pointer_shared_max_age_seconds,
            },
            catalogue_title: settings.public_title.clone(),
            public_origin: settings.public_url.clone(),
            ..ReaderOptions::default()
        };
        Reader::new(self.store.clone(), self.database.clone(), options)
    }

    /// A reader over both that keeps slices of what is on another machine on this one.
    pub(super) async fn serving_reader(&self, settings: &Settings) -> Result<Reader, Failure> {
        let reader = self.reader(settings).watching();
        match slice_options(&settings.cache).filter(|_| self.store.is_remote()) {
            Some(options) => {
                let slices = SliceCache::open(options).await.map_err(Failure::environment)?;
                Ok(reader.with_slices(slices))
            }
            None => Ok(reader),
        }
    }

    /// What the administration API needs.
    pub(super) fn api(
        &self,
        settings: &Settings,
        reader: Reader,
        housekeeping: Housekeeping,
    ) -> Result<ApiState, Failure> {
        // Both are at least 1, which the configuration has checked.
        let at_least_one = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let limits = TokenLimits {
            failures_per_minute: at_least_one(settings.api.wrong_tokens_per_minute),
            requests_per_second: at_least_one(settings.api.requests_per_second),
        };
        let uploads = self.uploads(settings);
        let publisher = faults::in_publisher(self.publisher(settings))?;
        Ok(ApiState {
            publications: Publications::new(publisher, uploads.clone(), self.database.clone()),
            uploads,
            authenticator: Authenticator::new(self.database.clone(), limits),
            tokens: Tokens::new(self.database.clone()),
            releases: Releases::new(self.store.clone(), self.database.clone()),
            reader,
            housekeeping,
            body_timeout: Duration::from_secs(settings.api.body_timeout_seconds),
        })
    }

    /// Jobs on both, in the background of what runs now.
    pub(super) fn housekeeping(&self, settings: &Settings) -> Housekeeping {
        Housekeeping::new(self.store.clone(), self.database.clone(), gc_options(settings, false))
    }

    /// Uploads into both.
    pub(super) fn uploads(&self, settings: &Settings) -> Uploads {
        let Upload { max_bytes, open_per_token, expire_hours, at_once, idle_seconds } = settings.upload;
        let options = UploadOptions {
            max_bytes,
            open_per_owner: open_per_token,
            expire: Duration::from_secs(expire_hours.saturating_mul(3600)),
            at_once,
            idle: Duration::from_secs(idle_seconds),
            ..UploadOptions::default()
        };
        faults::in_uploads(Uploads::new(self.store.clone(), self.database.clone(), options))
    }

    /// A publisher to both.
    pub(super) fn publisher(&self, settings: &Settings) -> Publisher {
        let defaults = PublishOptions::default();
        let workers = if settings.publish.workers == 0 { defaults.workers } else { settings.publish.workers };
        let quota = Some(settings.quota.tag_bytes).filter(|&bytes| bytes > 0);
        Publisher::new(self.store.clone(), self.database.clone(), PublishOptions { workers, ..defaults })
            .with_quota(quota)
    }
}

/// How a gc goes by what is configured.
pub(super) fn gc_options(settings: &Settings, delete: bool) -> GcOptions {
    let (gc, retention) = (&settings.gc, &settings.retention);
    GcOptions {
        delete,
        grace: Duration::from_secs(gc.grace_seconds),
        retention: Retention { keep_releases: retention.keep_releases, keep_days: retention.keep_days },
        events_kept: Duration::from_secs(gc.events_days.saturating_mul(24 * 3600)),
        ..GcOptions::default()
    }
}

/// Nothing when the cache is turned off.
fn slice_options(cache: &Cache) -> Option<SliceOptions> {
    let slice_size = SliceSize::new(cache.slice_bytes)?;
    let directory = cache.directory.clone().filter(|_| cache.max_bytes > 0)?;
    Some(SliceOptions {
        slice_size,
        max_bytes: cache.max_bytes,
        read_ahead_slices: cache.read_ahead_slices,
        fills_at_once: cache.fills,
        open_files: cache.open_files,
        ..SliceOptions::in_directory(directory)
    })
}
