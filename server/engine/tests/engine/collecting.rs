//! Running gc in tests: alone, with a hook, or in the middle of a publish.

use std::sync::Mutex;
use std::time::Duration;

use stowaway_engine::db::Database;
use stowaway_engine::gc::{Collector, GcError, GcHook, GcOptions, GcReport};
use stowaway_engine::jobs::{Job, JobKind};
use stowaway_engine::publish::{FaultHook, FaultPoint};
use stowaway_engine::store::Store;
use tokio::runtime::Handle;

/// Without any grace.
pub(crate) fn without_grace(delete: bool) -> GcOptions {
    GcOptions { delete, grace: Duration::ZERO, ..GcOptions::default() }
}

pub(crate) async fn collect(store: &Store, db: &Database, options: GcOptions) -> Result<GcReport, GcError> {
    run(Collector::new(store.clone(), db.clone(), options), db).await
}

pub(crate) async fn collect_with(
    store: &Store,
    db: &Database,
    options: GcOptions,
    hook: Box<dyn GcHook>,
) -> Result<GcReport, GcError> {
    run(Collector::new(store.clone(), db.clone(), options).with_hook(hook), db).await
}

async fn run(collector: Collector, db: &Database) -> Result<GcReport, GcError> {
    let job = Job::begin(db, JobKind::Gc, &"a test").await.unwrap();
    let outcome = collector.run(&job, &|| false).await;
    job.end(&outcome, false).await.unwrap();
    outcome
}

/// Runs a whole gc at a point of a publish, once.
pub(crate) struct CollectAt {
    point: FaultPoint,
    store: Store,
    db: Database,
    removed: Mutex<Option<u64>>,
}

impl CollectAt {
    pub(crate) fn new(point: FaultPoint, store: &Store, db: &Database) -> Self {
        Self { point, store: store.clone(), db: db.clone(), removed: Mutex::default() }
    }

    /// How much it removed, if the point was reached.
    pub(crate) fn removed(&self) -> Option<u64> {
        *self.removed.lock().unwrap()
    }
}

impl FaultHook for CollectAt {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        let mut removed = self.removed.lock().unwrap();
        if point == self.point && removed.is_none() {
            let gc = collect(&self.store, &self.db, without_grace(true));
            let report = tokio::task::block_in_place(|| Handle::current().block_on(gc)).unwrap();
            *removed = Some(report.total().count);
        }
        Ok(())
    }
}
