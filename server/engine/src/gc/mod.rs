//! Removing what nobody needs: objects that no release names, no publish in progress claims and no row records, and what uploads that
//! were killed have left on disk.
//!
//! It lists the store in batches and asks the database about each. An object is removed in three steps: it is condemned, in a
//! transaction that sees whether anybody needs or claims it; it is deleted; the condemnation is taken back. Whoever wants to rely on
//! it claims its subject first and waits while it is condemned (`claims`), so that nothing is removed on which somebody relies.

mod error;
mod hook;
mod indexes;
mod report;
mod retire;
mod sweep;

use std::time::{Duration, SystemTime};

use futures_util::StreamExt as _;
use stowaway_domain::StoreKey;
use stowaway_domain::retention::Retention;
use stowaway_domain::store_key::{COLLECTED_AREAS, RELEASES_AREA};

use crate::claims;
use crate::db::{Database, Kept, Leases};
use crate::error_chain::ErrorChain;
use crate::jobs::Job;
use crate::store::Store;

pub use error::GcError;
pub use hook::{GcHook, GcPoint, NoHook};
pub use report::{GcProgress, GcReport, Tally};

/// Objects that are asked about at once.
const BATCH: usize = 500;

/// What to do, and what to spare.
#[derive(Debug, Clone)]
pub struct GcOptions {
    /// Remove; else only count.
    pub delete: bool,
    /// What was written within this time stays, and what a release needed that was retired within it.
    pub grace: Duration,
    /// For how long releases stay, where the tag does not say otherwise.
    pub retention: Retention,
    /// For how long events stay in the outbox.
    pub events_kept: Duration,
    /// Silence after which a publish, and another gc, count as gone.
    pub leases: Leases,
}

impl Default for GcOptions {
    fn default() -> Self {
        Self {
            delete: false,
            grace: Duration::from_secs(24 * 3600),
            retention: Retention::default(),
            events_kept: Duration::from_secs(7 * 24 * 3600),
            leases: claims::LEASES,
        }
    }
}

/// Whether to end at the next good moment.
pub type ShallStop<'a> = &'a (dyn Fn() -> bool + Send + Sync);

/// Removes what nobody needs.
pub struct Collector {
    store: Store,
    db: Database,
    options: GcOptions,
    hook: Box<dyn GcHook>,
}

/// One run.
struct Run<'a> {
    job: &'a Job,
    kept: Kept,
    /// Objects written after this stay.
    written_before_ms: i64,
    report: GcReport,
}

impl Collector {
    /// A collector over this store and database.
    #[must_use]
    pub fn new(store: Store, db: Database, options: GcOptions) -> Self {
        Self { store, db, options, hook: Box::new(NoHook) }
    }

    /// With a hook at every [`GcPoint`], for tests.
    #[must_use]
    pub fn with_hook(mut self, hook: Box<dyn GcHook>) -> Self {
        self.hook = hook;
        self
    }

    /// Goes through the whole store once, as `job`.
    ///
    /// # Errors
    /// Store or database failed, or `shall_stop`. What was removed is removed; running again goes on.
    #[tracing::instrument(skip_all, fields(job = job.id()))]
    pub async fn run(&self, job: &Job, shall_stop: ShallStop<'_>) -> Result<GcReport, GcError> {
        let grace_ms = i64::try_from(self.options.grace.as_millis()).unwrap_or(i64::MAX);
        let kept = Kept { retired_after_ms: self.db.now_ms().await?.saturating_sub(grace_ms) };
        let report = GcReport { dry_run: !self.options.delete, ..GcReport::default() };
        let mut run = Run { job, kept, written_before_ms: unix_ms_now().saturating_sub(grace_ms), report };
        let releases = self.expect_own_database(kept, shall_stop).await?;
        let has_no_room = self.let_go(&mut run, shall_stop).await?;
        if self.options.delete {
            self.forget_events(&mut run).await?;
            self.db.forget_claimants(self.options.leases.claim).await?;
            self.finish_what_was_left(&mut run).await?;
        }
        indexes::complete(&self.store, &self.db, shall_stop).await?;
        for area in COLLECTED_AREAS {
            match releases.filter(|_| area == RELEASES_AREA) {
                Some(examined) => run.report.objects_examined += examined,
                None => self.sweep_area(&mut run, area, shall_stop).await?,
            }
            self.sweep_staged(&mut run, area, shall_stop).await?;
        }
        if has_no_room {
            // Where there is room now; what only those needed goes with the next gc.
            run.kept = kept;
            self.sweep_retired(&mut run).await?;
        }
        Ok(run.report)
    }

    /// Lets old releases go. That has to be noted in the store first: true when there is no room for that. Then nothing goes for the sake
    /// of old releases yet; what nobody needs anyway does, and makes room.
    async fn let_go(&self, run: &mut Run<'_>, shall_stop: ShallStop<'_>) -> Result<bool, GcError> {
        let outcome = match self.retire(run, shall_stop).await {
            Ok(()) if self.options.delete => self.sweep_retired(run).await,
            outcome => outcome,
        };
        match outcome {
            Err(GcError::Store(error)) if error.is_full() => {
                tracing::warn!(
                    error = %ErrorChain(&error),
                    "there is no room to note in the store that releases were retired: what nobody needs anyway is removed first"
                );
                run.kept = Kept::EVERY_RETIRED;
                Ok(true)
            }
            outcome => outcome.map(|()| false),
        }
    }

    /// A record is written once its release is in the database, and rows of releases stay: one without its row shows that this is not
    /// the database of the store, or one of before. To that nearly everything would look as if nobody needed it. Gives how many objects
    /// there are in the area of releases, if all of them are needed: then nobody has to go through it again.
    async fn expect_own_database(&self, kept: Kept, shall_stop: ShallStop<'_>) -> Result<Option<u64>, GcError> {
        let (mut examined, mut all_needed) = (0, true);
        let mut batches = self.store.list(RELEASES_AREA).chunks(BATCH);
        while let Some(batch) = batches.next().await {
            if shall_stop() {
                return Err(GcError::Interrupted);
            }
            let keys =
                batch.into_iter().map(|object| object.map(|object| object.key)).collect::<Result<Vec<_>, _>>()?;
            let unneeded = self.db.unneeded(&keys, kept).await?;
            if let Some(unknown) = unneeded.iter().find(|key| matches!(key, StoreKey::ReleaseRecord(..))) {
                return Err(GcError::OtherDatabase { key: unknown.to_string() });
            }
            examined += keys.len() as u64;
            all_needed &= unneeded.is_empty();
        }
        Ok(all_needed.then_some(examined))
    }

    /// What a gc before this one had condemned when it ended.
    async fn finish_what_was_left(&self, run: &mut Run<'_>) -> Result<(), GcError> {
        loop {
            let left = self.db.condemned_left_behind(self.options.leases, BATCH as u32).await?;
            if left.is_empty() {
                return Ok(());
            }
            let mut mine = Vec::new();
            for row in left {
                if self.db.take_over_condemned(&row, run.job.id()).await? {
                    mine.push(row.key);
                }
            }
            run.report.left_behind += mine.len() as u64;
            self.remove(run.job, mine).await?;
        }
    }

    fn reached(&self, point: GcPoint) -> Result<(), GcError> {
        self.hook.reached(point).map_err(GcError::Stopped)
    }
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Collector").field("options", &self.options).finish_non_exhaustive()
    }
}

fn unix_ms_now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
