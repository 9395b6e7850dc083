//! Jobs that a server runs in the background because somebody asked its API for them.
//!
//! They run on the runtime that [`Housekeeping`] was made on, not on a thread that answers requests, and go on when who asked has left.
//! When the server ends they end with it, and are recorded as interrupted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use stowaway_domain::Tag;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use crate::db::{Database, DbError, JobRow};
use crate::error_chain::ErrorChain;
use crate::gc::{Collector, GcError, GcOptions};
use crate::jobs::{Job, JobError, JobKind, is_lost};
use crate::scrub::{ScrubError, ScrubOptions, ScrubParameters, ScrubProgress, Scrubber};
use crate::store::Store;

/// How long the end of a server waits for a gc to come to a good moment. One that is slower counts as dead when its lease is over.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a gc is asked to do, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GcParameters {
    /// Remove; else only count.
    pub delete: bool,
    /// What is younger stays.
    pub grace_seconds: u64,
}

/// A job that somebody wants to have run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobOrder {
    /// Removes what nobody needs, or only counts it.
    Gc {
        /// Remove.
        delete: bool,
    },
    /// Reads everything again.
    Scrub {
        /// Only what this tag needs.
        tag: Option<Tag>,
        /// At most so many bytes a second.
        bytes_per_second: Option<u64>,
        /// Begin anew where the last one was stopped before its end.
        restart: bool,
    },
}

/// Why a job was not begun.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// Another one of its kind runs, or the database failed.
    #[error(transparent)]
    Job(#[from] JobError),
    /// The server ends.
    #[error("the server is about to end, and begins no job any more")]
    Ending,
}

/// Runs jobs in the background.
#[derive(Clone)]
pub struct Housekeeping(Arc<Shared>);

struct Shared {
    store: Store,
    db: Database,
    gc: GcOptions,
    runtime: Handle,
    ending: watch::Sender<bool>,
    running: Mutex<JoinSet<()>>,
}

impl Housekeeping {
    /// Over this store and database, on the runtime that this is called on; a gc goes by these options.
    ///
    /// # Panics
    /// There is no runtime here.
    #[must_use]
    pub fn new(store: Store, db: Database, gc: GcOptions) -> Self {
        let (runtime, (ending, _)) = (Handle::current(), watch::channel(false));
        Self(Arc::new(Shared { store, db, gc, runtime, ending, running: Mutex::default() }))
    }

    /// Up to `limit` jobs of all servers and commands that began before `before`, newest first, each without the names of what is damaged.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, before: Option<&str>, limit: u32) -> Result<Vec<JobRow>, DbError> {
        self.0.db.jobs_page(before, limit).await
    }

    /// The kinds of jobs that run now, on this server or any other, or by a command.
    ///
    /// # Errors
    /// The database failed.
    pub async fn running(&self) -> Result<Vec<String>, DbError> {
        let (jobs, now_ms) = (self.0.db.running_jobs().await?, self.0.db.now_ms().await?);
        Ok(jobs.into_iter().filter(|job| !is_lost(job, now_ms)).map(|job| job.kind).collect())
    }

    /// One job.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, id: &str) -> Result<Option<JobRow>, DbError> {
        self.0.db.job(id).await
    }

    /// Milliseconds since 1970, by the clock that the times of jobs are of.
    ///
    /// # Errors
    /// The database failed.
    pub async fn now_ms(&self) -> Result<i64, DbError> {
        self.0.db.now_ms().await
    }

    /// Begins a job, and gives its identifier as soon as it is recorded.
    ///
    /// # Errors
    /// One of its kind runs, the database failed, or the server ends.
    pub async fn begin(&self, order: JobOrder) -> Result<String, OrderError> {
        let (tell, told) = oneshot::channel();
        let shared = Arc::clone(&self.0);
        {
            let mut running = self.0.running();
            while running.try_join_next().is_some() {}
            if *self.0.ending.borrow() {
                return Err(OrderError::Ending);
            }
            // The beginning is a part of the task: who asked may leave between it and the rest.
            running.spawn_on(async move { shared.run(order, tell).await }, &self.0.runtime);
        }
        told.await.unwrap_or(Err(OrderError::Ending))
    }

    /// Ends what runs, and begins nothing any more. Returns when it has ended, or after some seconds.
    pub async fn end(&self) {
        self.0.ending.send_replace(true);
        let mut running = std::mem::take(&mut *self.0.running());
        let ended = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(PATIENCE, ended).await.is_err() {
            tracing::warn!("a job has not ended with the server: it counts as ended when its lease is over");
        }
    }
}

impl Shared {
    fn running(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&self, order: JobOrder, tell: oneshot::Sender<Result<String, OrderError>>) {
        match order {
            JobOrder::Gc { delete } => self.run_gc(delete, tell).await,
            JobOrder::Scrub { tag, bytes_per_second, restart } => {
                self.run_scrub(tag, bytes_per_second, restart, tell).await;
            }
        }
    }

    async fn run_gc(&self, delete: bool, tell: oneshot::Sender<Result<String, OrderError>>) {
        let options = GcOptions { delete, ..self.gc.clone() };
        let parameters = GcParameters { delete, grace_seconds: options.grace.as_secs() };
        let Some(job) = self.start(JobKind::Gc, &parameters, tell).await else { return };
        let collector = Collector::new(self.store.clone(), self.db.clone(), options);
        // It ends between two batches: what is being deleted is deleted, and said to be.
        let outcome = collector.run(&job, &|| *self.ending.borrow()).await;
        let was_interrupted = matches!(outcome, Err(GcError::Interrupted));
        record(job, &outcome, was_interrupted).await;
    }

    async fn run_scrub(
        &self,
        tag: Option<Tag>,
        bytes_per_second: Option<u64>,
        restart: bool,
        tell: oneshot::Sender<Result<String, OrderError>>,
    ) {
        let parameters = ScrubParameters { tag: tag.clone(), repair_from: None };
        let begin_at = if restart { Ok(ScrubProgress::default()) } else { parameters.left_off(&self.db).await };
        let begin_at = match begin_at {
            Ok(begin_at) => begin_at,
            Err(error) => return drop(tell.send(Err(JobError::Database(error).into()))),
        };
        let Some(job) = self.start(JobKind::Scrub, &parameters, tell).await else { return };
        let options = ScrubOptions { tag, bytes_per_second, copy: None, workspace: PathBuf::new() };
        let scrubber = Scrubber::new(self.store.clone(), self.db.clone(), options);
        let mut ending = self.ending.subscribe();
        // The sender lives as long as this.
        let end = async { drop(ending.wait_for(|ending| *ending).await) };
        let outcome = scrubber.run(&job, begin_at, &|_| (), end).await;
        let was_interrupted = matches!(outcome, Err(ScrubError::Interrupted));
        record(job, &outcome, was_interrupted).await;
    }

    /// Begins the job and tells who asked; nothing when it did not begin.
    async fn start(
        &self,
        kind: JobKind,
        parameters: &(impl Serialize + Sync),
        tell: oneshot::Sender<Result<String, OrderError>>,
    ) -> Option<Job> {
        // Who asked may have left: it runs all the same.
        match Job::begin(&self.db, kind, parameters).await {
            Ok(job) => {
                tracing::info!(job = job.id(), kind = kind.name(), "a job was begun");
                drop(tell.send(Ok(job.id().to_owned())));
                Some(job)
            }
            Err(error) => {
                drop(tell.send(Err(error.into())));
                None
            }
        }
    }
}

/// Records what came of it, and says it to the operator.
async fn record<T: Serialize + Sync, E: std::error::Error + Sync + 'static>(
    job: Job,
    outcome: &Result<T, E>,
    was_interrupted: bool,
) {
    let id = job.id().to_owned();
    match outcome {
        Ok(_) => tracing::info!(job = id, "a job is done"),
        Err(_) if was_interrupted => tracing::info!(job = id, "a job was interrupted: the server ends"),
        Err(error) => tracing::error!(job = id, error = %ErrorChain(error), "a job failed"),
    }
    let recorded: Result<(), DbError> = job.end(outcome, was_interrupted).await;
    if let Err(error) = recorded {
        tracing::error!(
            job = id,
            error = %ErrorChain(&error),
            "how a job ended could not be recorded: it counts as ended when its lease is over"
        );
    }
}

impl std::fmt::Debug for Housekeeping {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Housekeeping").finish_non_exhaustive()
    }
}
