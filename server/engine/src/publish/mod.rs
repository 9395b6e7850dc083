//! Publishing a folder, or a list of stored blobs, as the next release of a tag: scan, describe, claim, plan, upload, compress, settle,
//! commit.
//!
//! Nothing that readers see changes before the last step, and that is one transaction. Everything stored before it has a
//! name that says its content, so that running again goes on where an interrupted publish stopped.

mod adopt;
mod claimed;
mod commit;
mod cut;
mod describe;
mod error;
mod fault;
mod growth;
mod identifiers;
mod listing;
mod mend;
mod plan;
mod probe;
mod progress;
mod quota;
mod scan;
mod source;
mod stamp;
mod stored;
mod upload;
mod variants;
mod watch;

use std::path::Path;
use std::sync::Arc;

use stowaway_domain::content::DescribedAsset;
use stowaway_domain::file_list::FileList;
use stowaway_domain::tag_metadata::TagMetadata;
use stowaway_domain::{Digest, Tag};

use crate::claims::{self, ClaimError, Claims};
use crate::db::{CommitOutcome, Database, Leases};
use crate::store::Store;

pub use adopt::{AdoptError, AdoptOptions, ListedKey, Objects};
pub use error::PublishError;
pub use fault::{FaultHook, FaultPoint, NoFaults, UnknownFaultPoint};
pub use listing::{FolderListing, LocalFile, list_folder};
pub use progress::{NoProgress, Progress, ProgressEvent};
pub use watch::{FolderLook, Settling};

use commit::{Intended, Places};
use mend::Mending;
use plan::Plan;
use source::Source;
use upload::Uploads;

/// How often a publish is planned again because another one finished first.
const MAX_ATTEMPTS: u32 = 5;

/// Bounds on the work of a publish.
#[derive(Debug, Clone)]
pub struct PublishOptions {
    /// Files that are read, hashed and cut at once; each holds two of the largest pieces in memory.
    pub workers: usize,
    /// Blobs that are uploaded at once.
    pub uploads: usize,
}

impl Default for PublishOptions {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { workers, uploads: 4 }
    }
}

/// How a publish ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// The folder is what the current release already holds.
    Unchanged {
        /// That release.
        release: u64,
    },
    /// There is a new release, and readers get it.
    Released {
        /// Its number.
        release: u64,
        /// Its release digest.
        digest: Digest,
        /// Its assets.
        assets: u64,
        /// What a client that has nothing downloads for everything.
        bytes_total: u64,
        /// Bytes of blobs that the store lacked.
        bytes_uploaded: u64,
        /// What a client that has the release before must fetch; `None` for a first release, and when the old piece index
        /// cannot be read, which is logged.
        bytes_to_fetch_from_previous: Option<u64>,
    },
}

/// Publishes folders and lists of stored blobs.
#[derive(Clone)]
pub struct Publisher {
    store: Store,
    db: Database,
    options: PublishOptions,
    leases: Leases,
    quota_bytes: Option<u64>,
    faults: Arc<dyn FaultHook>,
}

impl Publisher {
    /// A publisher to this store and database.
    #[must_use]
    pub fn new(store: Store, db: Database, options: PublishOptions) -> Self {
        Self { store, db, options, leases: claims::LEASES, quota_bytes: None, faults: Arc::new(NoFaults) }
    }

    /// With a bound on the bytes of a tag, where the tag has none of its own.
    #[must_use]
    pub const fn with_quota(mut self, bytes: Option<u64>) -> Self {
        self.quota_bytes = bytes;
        self
    }

    /// Refuses blobs that the quota of the tag has no room for.
    pub(crate) async fn expect_room(
        &self,
        tag: &Tag,
        blobs: impl Iterator<Item = (Digest, u64)>,
    ) -> Result<(), PublishError> {
        quota::check(&self.db, tag, self.quota_bytes, blobs.collect()).await
    }

    /// With other leases, for tests.
    #[must_use]
    pub const fn with_leases(mut self, leases: Leases) -> Self {
        self.leases = leases;
        self
    }

    /// With a hook at every [`FaultPoint`], for tests.
    #[must_use]
    pub fn with_faults(mut self, faults: Arc<dyn FaultHook>) -> Self {
        self.faults = faults;
        self
    }

    /// Publishes `folder` as the next release of `tag`, or finds that nothing changed. When this returns, bytes, documents
    /// and rows are durable.
    ///
    /// # Errors
    /// The folder breaks a rule ([`PublishError::is_misuse`]), or the machine, store or database failed. Readers have what
    /// they had before, and publishing again goes on from there.
    #[tracing::instrument(skip_all, fields(tag = %tag))]
    pub async fn publish(
        &self,
        folder: &Path,
        tag: &Tag,
        progress: Arc<dyn Progress>,
    ) -> Result<Published, PublishError> {
        let folder = self.scan(folder).await?;
        self.publish_source(Source::Folder(folder), tag, progress).await
    }

    /// Publishes blobs that the store has as the next release of `tag`, as a folder with these files and a `tag.toml` that says
    /// `metadata` would be.
    ///
    /// # Errors
    /// As [`Self::publish`]; and a blob is not in the store, or damaged there.
    #[tracing::instrument(skip_all, fields(tag = %tag))]
    pub async fn publish_stored(
        &self,
        files: FileList,
        metadata: TagMetadata,
        tag: &Tag,
        progress: Arc<dyn Progress>,
    ) -> Result<Published, PublishError> {
        self.publish_source(Source::Stored { files, metadata }, tag, progress).await
    }

    async fn publish_source(
        &self,
        source: Source,
        tag: &Tag,
        progress: Arc<dyn Progress>,
    ) -> Result<Published, PublishError> {
        expect_unexpired(source.metadata())?;
        let files = source.files();
        let (count, bytes) = (files.len() as u64, files.iter().map(source::SourceFile::size).sum());
        progress.report(&ProgressEvent::Scanned { files: count, bytes });
        self.reached(FaultPoint::Scanned)?;
        drop(files);
        let assets = describe::describe(&self.store, &source, self.options.workers, &progress).await?;
        self.reached(FaultPoint::Described)?;
        self.expect_room(tag, assets.iter().map(|asset| (asset.content.digest, asset.content.size))).await?;
        let claims = self.claims(tag, &assets).await?;
        let outcome = self.publish_claimed(source, tag, &assets, &claims, &progress).await;
        claims.release().await;
        outcome
    }

    /// From here on nothing is removed from the store that this publish may find there.
    async fn claims(&self, tag: &Tag, assets: &[DescribedAsset]) -> Result<Claims, PublishError> {
        let claims = Claims::begin(&self.store, &self.db, &format!("publish {tag}"), self.leases).await?;
        let claimed = claims.add(&claimed::by_assets(tag, assets)).await.map_err(PublishError::from);
        match claimed.and_then(|()| self.reached(FaultPoint::Claimed)) {
            Ok(()) => Ok(claims),
            Err(error) => {
                claims.release().await;
                Err(error)
            }
        }
    }

    async fn publish_claimed(
        &self,
        source: Source,
        tag: &Tag,
        assets: &[DescribedAsset],
        claims: &Claims,
        progress: &Arc<dyn Progress>,
    ) -> Result<Published, PublishError> {
        let plan = plan::plan(&self.db, tag, source.metadata(), assets).await?;
        self.reached(FaultPoint::Planned)?;
        let mending = Mending::default();
        mending.look(&self.db, &claimed::by_assets(tag, assets)).await?;
        let uploads = self.uploads(progress, &mending);
        if let Some(current) = &plan.current {
            // A publish that died after its commit has left none.
            commit::keep_record(&uploads, &self.db, current).await?;
        }
        let bytes_uploaded = uploads.upload_missing(&source, assets).await?;
        self.reached(FaultPoint::BlobsStored)?;
        self.store_variants(&uploads, variants::of_assets(&source, assets)).await?;
        self.db.record_piece_indexes(&claimed::piece_indexes(assets)).await?;
        let source = source.settled().await?;
        let (metadata, places) = (source.metadata(), &Places::new());
        let intended = Intended { tag, metadata, assets, places };
        self.release(&intended, plan, claims, &uploads, bytes_uploaded).await
    }

    /// Documents and commit; planned again for the next number when another publish was faster.
    async fn release(
        &self,
        intended: &Intended<'_>,
        mut plan: Plan,
        claims: &Claims,
        uploads: &Uploads<'_>,
        bytes_uploaded: u64,
    ) -> Result<Published, PublishError> {
        let Intended { tag, metadata, assets, .. } = intended;
        for _ in 0..MAX_ATTEMPTS {
            claims.add(&claimed::by_plan(&plan)).await?;
            uploads.mending.look(&self.db, &claimed::by_plan(&plan)).await?;
            commit::write_documents(uploads, tag, &plan).await?;
            self.store_variants(uploads, variants::of_release(&plan)).await?;
            if plan.unchanged {
                commit::note_places(&self.db, intended, plan.number).await?;
                return Ok(Published::Unchanged { release: plan.number });
            }
            match commit::commit(&self.db, uploads, claims, intended, &plan).await? {
                CommitOutcome::Committed => return Ok(self.released(&plan, bytes_uploaded).await),
                CommitOutcome::Forgotten => return Err(ClaimError::Forgotten.into()),
                CommitOutcome::Superseded => plan = plan::plan(&self.db, tag, metadata, assets).await?,
            }
        }
        Err(PublishError::Overtaken { tag: (*tag).clone(), attempts: MAX_ATTEMPTS })
    }

    #[tracing::instrument(skip_all)]
    async fn scan(&self, folder: &Path) -> Result<scan::ScannedFolder, PublishError> {
        let folder = folder.to_owned();
        let scan = tokio::task::spawn_blocking(move || scan::scan(&folder));
        scan.await.map_err(|source| PublishError::Internal(Box::new(source)))?
    }

    fn uploads<'a>(&'a self, progress: &'a Arc<dyn Progress>, mending: &'a Mending) -> Uploads<'a> {
        let faults = self.faults.as_ref();
        Uploads { store: &self.store, db: &self.db, at_once: self.options.uploads, progress, mending, faults }
    }

    async fn store_variants(
        &self,
        uploads: &Uploads<'_>,
        documents: impl Iterator<Item = variants::Document>,
    ) -> Result<(), PublishError> {
        variants::store(uploads, &self.db, self.options.workers, documents).await
    }

    async fn released(&self, plan: &Plan, bytes_uploaded: u64) -> Published {
        Published::Released {
            release: plan.number,
            digest: plan.release.manifest.download.digest,
            assets: plan.release.asset_rows.len() as u64,
            bytes_total: plan.release.summary.download_total,
            bytes_uploaded,
            bytes_to_fetch_from_previous: growth::bytes_to_fetch(&self.store, plan).await,
        }
    }

    fn reached(&self, point: FaultPoint) -> Result<(), PublishError> {
        self.faults.reached(point).map_err(PublishError::Fault)
    }
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Publisher").field("options", &self.options).finish_non_exhaustive()
    }
}

/// A release that nobody could play from storage is a mistake.
fn expect_unexpired(metadata: &TagMetadata) -> Result<(), PublishError> {
    match metadata.expires {
        Some(expires) if expires <= jiff::Timestamp::now() => Err(PublishError::Expired { expires }),
        _ => Ok(()),
    }
}
