//! Where a scrub goes on that was stopped.

use serde::{Deserialize, Serialize};
use stowaway_domain::Tag;

use super::ScrubProgress;
use crate::db::{Database, DbError, JobRow};
use crate::jobs::JobKind;

/// What a scrub is asked to read, as it is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrubParameters {
    /// Only what this tag needs.
    pub tag: Option<Tag>,
    /// Where the copy is that it mends from, without secrets.
    pub repair_from: Option<String>,
}

impl ScrubParameters {
    /// How far the last scrub came, if it had these parameters and was not done; else the beginning.
    ///
    /// # Errors
    /// The database failed.
    pub async fn left_off(&self, database: &Database) -> Result<ScrubProgress, DbError> {
        let last = database.last_job(JobKind::Scrub.name()).await?;
        let is_same = |job: &JobRow| serde_json::from_str::<Self>(&job.parameters).is_ok_and(|asked| asked == *self);
        let stopped = last.filter(|job| job.state != "done" && is_same(job));
        // What an older version noted, and this one does not understand, is begun anew.
        Ok(stopped.and_then(|job| serde_json::from_str(&job.progress).ok()).unwrap_or_default())
    }
}
