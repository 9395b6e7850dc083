//! What all commands that run a job have in common.

use serde::Serialize;
use stowaway_engine::db::Database;
use stowaway_engine::jobs::{Job, JobError, JobKind};

use super::errors;
use crate::failure::Failure;

/// Begins a job, if none of its kind runs.
pub(super) async fn begin(database: &Database, kind: JobKind, parameters: &impl Serialize) -> Result<Job, Failure> {
    Job::begin(database, kind, parameters).await.map_err(|error| match error {
        JobError::Database(error) => errors::database(error),
        error @ JobError::Running { .. } => {
            let seconds = kind.lease().as_secs();
            Failure::environment(error).remedy(format!(
                "wait until it is done; if its process is gone, it counts as ended {seconds} s after it was last seen"
            ))
        }
    })
}

/// Records how it ended.
pub(super) async fn end<T: Serialize, E: std::error::Error + Sync>(
    job: Job,
    outcome: &Result<T, E>,
    was_interrupted: bool,
) -> Result<(), Failure> {
    job.end(outcome, was_interrupted).await.map_err(errors::database)
}
