//! Removes uploads that nobody went on with, and forgets finished ones whose time is over.

use super::{UploadError, Uploads, now_ms};
use crate::error_chain::ErrorChain;

/// Rows that are looked at in one query.
const BATCH: u32 = 100;

impl Uploads {
    /// Removes what has expired; says how many uploads that were. One that cannot be removed now is left for the next time.
    ///
    /// # Errors
    /// The database failed.
    #[tracing::instrument(skip_all)]
    pub async fn sweep(&self) -> Result<u64, UploadError> {
        let mut removed = 0;
        loop {
            let expired = self.db.expired_uploads(now_ms(), BATCH).await?;
            let found = expired.len();
            let mut removed_now = 0;
            for row in expired {
                let id = row.id.clone();
                match self.sweep_one(row).await {
                    Ok(true) => removed_now += 1,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(upload = %id, error = %ErrorChain(&error), "an expired upload could not be removed");
                    }
                }
            }
            removed += removed_now;
            if found < BATCH as usize || removed_now == 0 {
                return Ok(removed);
            }
        }
    }

    async fn sweep_one(&self, row: crate::db::UploadRow) -> Result<bool, UploadError> {
        let held = match self.hold_any(row).await {
            Ok(held) => held,
            Err(UploadError::Busy { .. } | UploadError::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        let is_expired = held.row.expires_ms < now_ms();
        let outcome = if is_expired { self.forget(&held.row).await } else { Ok(()) };
        held.release().await;
        outcome.map(|()| is_expired)
    }
}
