//! Jobs: work that keeps house. One of a kind runs at a time, whatever the replica; what it does and what came of it is in the database.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use crate::claims::Heartbeat;
use crate::db::{Database, DbError, JobRow, JobStart};
use crate::error_chain::ErrorChain;

/// Between two signs of life, which carry the progress.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Kinds of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Removes what nobody needs.
    Gc,
    /// Reads everything again.
    Scrub,
}

impl JobKind {
    /// Its name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gc => "gc",
            Self::Scrub => "scrub",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Gc, Self::Scrub].into_iter().find(|kind| kind.name() == name)
    }

    /// A runner that gives no sign of life for this long is dead.
    #[must_use]
    pub const fn lease(self) -> Duration {
        match self {
            // Long, because what it removes must not be removed by two.
            Self::Gc => crate::claims::GC_LEASE,
            Self::Scrub => Duration::from_secs(60),
        }
    }
}

/// Whether a job that is recorded as running gave no sign of life for so long, at this time by the database's clock, that it counts as ended.
#[must_use]
pub fn is_lost(job: &JobRow, now_ms: i64) -> bool {
    let lease = JobKind::of_name(&job.kind).map_or(Duration::MAX, JobKind::lease);
    let silence = Duration::from_millis(u64::try_from(now_ms.saturating_sub(job.seen_ms)).unwrap_or(0));
    job.state == "running" && silence > lease
}

/// Why a job did not run.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Another one of its kind runs.
    #[error(
        "a {} runs already, since {} s, last seen {} s ago ({})",
        running.kind,
        (now_ms - running.started_ms) / 1000,
        (now_ms - running.seen_ms) / 1000,
        running.id
    )]
    Running {
        /// That one.
        running: Box<JobRow>,
        /// When it was looked, by the database's clock.
        now_ms: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// A job that runs. It has to be [finished](Self::finish); one that is dropped counts as dead when its lease is over.
pub struct Job {
    id: String,
    db: Database,
    progress: Arc<Mutex<String>>,
    heartbeat: Heartbeat,
}

impl Job {
    /// Begins a job, if none of its kind runs.
    ///
    /// # Errors
    /// One runs, or the database failed.
    pub async fn begin(db: &Database, kind: JobKind, parameters: &impl Serialize) -> Result<Self, JobError> {
        Self::begin_with(db, kind, parameters, kind.lease()).await
    }

    /// As [`Self::begin`]; others of its kind are dead when they gave no sign of life for `lease`.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub async fn begin_with(
        db: &Database,
        kind: JobKind,
        parameters: &impl Serialize,
        lease: Duration,
    ) -> Result<Self, JobError> {
        let id = Uuid::now_v7().to_string();
        if let JobStart::Running(running) = db.start_job(&id, kind.name(), &as_json(parameters), lease).await? {
            return Err(JobError::Running { running: Box::new(running), now_ms: db.now_ms().await? });
        }
        let progress = Arc::new(Mutex::new("{}".to_owned()));
        let (own, database, noted) = (id.clone(), db.clone(), Arc::clone(&progress));
        let touch = move || {
            let (own, database) = (own.clone(), database.clone());
            let progress = noted.lock().unwrap_or_else(PoisonError::into_inner).clone();
            async move { database.touch_job(&own, &progress).await }
        };
        Ok(Self { id, db: db.clone(), progress, heartbeat: Heartbeat::start(SIGN_OF_LIFE, touch) })
    }

    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Notes how far it is; the database hears of it with the next sign of life.
    pub fn report(&self, progress: &impl Serialize) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = as_json(progress);
    }

    /// Notes how far it is at once: false when the job was declared dead meanwhile.
    ///
    /// # Errors
    /// The database failed.
    pub async fn checkpoint(&self, progress: &impl Serialize) -> Result<bool, DbError> {
        self.report(progress);
        let progress = self.progress();
        self.db.touch_job(&self.id, &progress).await
    }

    pub(crate) const fn lease(&self) -> &Heartbeat {
        &self.heartbeat
    }

    fn progress(&self) -> String {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records what came of it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn finish(
        self,
        outcome: Result<&impl Serialize, &(dyn std::error::Error + Sync)>,
    ) -> Result<(), DbError> {
        let (state, report, error) = match outcome {
            Ok(report) => ("done", Some(as_json(report)), None),
            Err(error) => ("failed", None, Some(ErrorChain(error).to_string())),
        };
        self.db.finish_job(&self.id, state, &self.progress(), report.as_deref(), error.as_deref()).await
    }

    /// Records how it ended: by itself, or because somebody stopped it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end<T: Serialize, E: std::error::Error + Sync>(
        self,
        outcome: &Result<T, E>,
        was_interrupted: bool,
    ) -> Result<(), DbError> {
        match outcome {
            Ok(report) => self.finish(Ok(report)).await,
            Err(_) if was_interrupted => self.interrupt().await,
            Err(error) => self.finish(Err::<&(), _>(error)).await,
        }
    }

    /// Records that somebody stopped it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn interrupt(self) -> Result<(), DbError> {
        self.db.finish_job(&self.id, "interrupted", &self.progress(), None, Some("it was stopped")).await
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Job").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What jobs report is made of numbers and texts, which JSON has.
pub(crate) fn as_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| serde_json::Value::from(error.to_string()).to_string())
}
