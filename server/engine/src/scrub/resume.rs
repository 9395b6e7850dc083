//! Where a scrub goes on that was stopped.

use serde::{Deserialize, Serialize};
use stowaway_domain::Tag;

use super::ScrubProgress;
use crate::db::{Database, DbError};
use crate::jobs::{JobKind, as_json};

/// What a scrub is asked to read, as it is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrubParameters {
    /// Only what this tag needs.
    pub tag: Option<Tag>,
    /// Where the copy is that it mends from, without secrets.
    pub repair_from: Option<String>,
}

impl ScrubParameters {
    /// How far the last scrub with these parameters came, if it was not done; else the beginning.
    ///
    /// # Errors
    /// The database failed.
    pub async fn left_off(&self, database: &Database) -> Result<ScrubProgress, DbError> {
        let last = database.last_job(JobKind::Scrub.name(), &as_json(self)).await?;
        let stopped = last.filter(|job| job.state != "done");
        // What an older version noted, and this one does not understand, is begun anew.
        Ok(stopped.and_then(|job| serde_json::from_str(&job.progress).ok()).unwrap_or_default())
    }
}
