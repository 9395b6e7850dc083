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

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use stowaway_domain::StoreKey;
use stowaway_domain::retention::Retention;
use stowaway_domain::store_key::{COLLECTED_AREAS, RELEASES_AREA};

use crate::claims;
use crate::db::{Database, Kept, Leases};
use crate::jobs::Job;
use crate::store::{Store, StoreError, StoredObject};

pub use error::GcError;
pub use hook::{GcHook, GcPoint, NoHook};
pub use report::{GcProgress, GcReport, Tally};

/// Objects that are asked about at once.
const BATCH: usize = 500;

/// Objects that are deleted at once.
const DELETES_AT_ONCE: usize = 8;

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
        self.retire(&mut run, shall_stop).await?;
        if self.options.delete {
            self.sweep_retired(&mut run).await?;
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
        Ok(run.report)
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

    async fn sweep_area(
        &self,
        run: &mut Run<'_>,
        area: &'static str,
        shall_stop: ShallStop<'_>,
    ) -> Result<(), GcError> {
        let mut batches = self.store.list(area).chunks(BATCH);
        while let Some(batch) = batches.next().await {
            if shall_stop() {
                return Err(GcError::Interrupted);
            }
            let listed: Vec<StoredObject> = batch.into_iter().collect::<Result<_, StoreError>>()?;
            run.report.objects_examined += listed.len() as u64;
            self.sweep_batch(run, listed).await?;
            run.job.report(&run.report.progress(area));
        }
        Ok(())
    }

    async fn sweep_batch(&self, run: &mut Run<'_>, listed: Vec<StoredObject>) -> Result<(), GcError> {
        let keys: Vec<StoreKey> = listed.iter().map(|object| object.key.clone()).collect();
        let unneeded = self.db.unneeded(&keys, run.kept).await?;
        self.reached(GcPoint::Listed)?;
        let listed: HashMap<StoreKey, StoredObject> = keys.into_iter().zip(listed).collect();
        let size = |key: &StoreKey| listed.get(key).map_or(0, |object| object.size);
        let is_old = |key: &StoreKey| listed.get(key).is_some_and(|object| object.modified_ms <= run.written_before_ms);
        let (old, young): (Vec<StoreKey>, Vec<StoreKey>) = unneeded.into_iter().partition(is_old);
        for key in &young {
            run.report.young.add(size(key));
        }
        let gone = if self.options.delete {
            let condemned = self.db.condemn(&old, run.kept, run.job.id()).await?.ok_or(GcError::Ended)?;
            self.reached(GcPoint::Condemned)?;
            self.remove(run.job, condemned.clone()).await?;
            condemned
        } else {
            old
        };
        for key in &gone {
            run.report.objects.entry(key.kind().to_owned()).or_default().add(size(key));
        }
        Ok(())
    }

    /// Deletes what is condemned, then says so.
    async fn remove(&self, job: &Job, keys: Vec<StoreKey>) -> Result<(), GcError> {
        let deletes: Vec<_> = keys.iter().map(|key| claims::remove(&self.store, key, job.lease())).collect();
        stream::iter(deletes).buffer_unordered(DELETES_AT_ONCE).try_collect::<()>().await?;
        self.reached(GcPoint::Deleted)?;
        Ok(self.db.forget_condemned(&keys, job.id()).await?)
    }

    /// Unfinished files whose upload is over: nobody claims what they were to become, and nobody has written to them for long.
    async fn sweep_staged(
        &self,
        run: &mut Run<'_>,
        area: &'static str,
        shall_stop: ShallStop<'_>,
    ) -> Result<(), GcError> {
        let mut staged = self.store.list_staged(area);
        while let Some(file) = staged.try_next().await? {
            if shall_stop() {
                return Err(GcError::Interrupted);
            }
            if file.modified_ms > run.written_before_ms || self.db.is_claimed(&file.key.subject()).await? {
                run.report.young.add(file.size);
                continue;
            }
            if self.options.delete {
                self.store.delete_staged(&file).await?;
            }
            run.report.staged.add(file.size);
        }
        Ok(())
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
