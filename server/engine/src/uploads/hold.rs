//! One process at a time appends to an upload. In this process a set says so, among all of them a row with a count that its holder
//! raises while it lives. Who wants a held upload watches the count: a holder whose count stands still for the length of a lease is
//! gone, whatever the clocks of the machines say.

use std::sync::PoisonError;
use std::time::Duration;

use stowaway_domain::upload::UploadId;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::{UploadError, Uploads};
use crate::db::UploadRow;
use crate::error_chain::ErrorChain;

/// Signs of life, and looks for one, in the length of a lease.
const BEATS_IN_A_LEASE: u32 = 4;

/// An upload that nobody else appends to.
pub(super) struct Held {
    uploads: Uploads,
    /// As it was when it was taken.
    pub(super) row: UploadRow,
    pub(super) holder: String,
    beating: JoinHandle<()>,
    _local: LocalHold,
}

/// In this process.
struct LocalHold {
    uploads: Uploads,
    id: UploadId,
}

impl Uploads {
    /// Takes hold of an upload of `owner`.
    ///
    /// # Errors
    /// It is not there, or somebody holds it.
    pub(super) async fn hold(&self, owner: &str, id: &UploadId) -> Result<Held, UploadError> {
        let busy = || UploadError::Busy { id: id.clone() };
        let local = LocalHold::take(self, id).ok_or_else(busy)?;
        let seen = self.find(owner, id).await?;
        self.take_hold(local, seen).await
    }

    /// As [`Self::hold`], of whoever it is, expired or not.
    pub(super) async fn hold_any(&self, seen: UploadRow) -> Result<Held, UploadError> {
        let local = LocalHold::take(self, &seen.id).ok_or_else(|| UploadError::Busy { id: seen.id.clone() })?;
        self.take_hold(local, seen).await
    }

    async fn take_hold(&self, local: LocalHold, mut seen: UploadRow) -> Result<Held, UploadError> {
        if seen.holder.is_some() {
            seen = self.watch(seen).await?;
        }
        let (id, holder) = (seen.id.clone(), uuid::Uuid::new_v4().to_string());
        if !self.db.hold_upload(&seen, &holder).await? {
            return Err(UploadError::Busy { id });
        }
        let beating = tokio::spawn(beat(self.clone(), id.clone(), holder.clone()));
        let mut held = Held { uploads: self.clone(), row: seen, holder, beating, _local: local };
        // From here on nobody else writes; what was written until here counts.
        match self.db.upload(&id).await {
            Ok(Some(row)) => {
                held.row = row;
                Ok(held)
            }
            Ok(None) => Err(UploadError::NotFound { id }),
            Err(error) => {
                held.release().await;
                Err(error.into())
            }
        }
    }

    /// The row again, once its holder has let go or given no sign of life for a lease.
    async fn watch(&self, seen: UploadRow) -> Result<UploadRow, UploadError> {
        let until = Instant::now() + self.options.lease;
        while Instant::now() < until {
            sleep(self.beat_every()).await;
            let now = self.db.upload(&seen.id).await?;
            let now = now.ok_or_else(|| UploadError::NotFound { id: seen.id.clone() })?;
            if now.holder.is_none() {
                return Ok(now);
            }
            if (&now.holder, now.beat) != (&seen.holder, seen.beat) {
                return Err(UploadError::Busy { id: seen.id });
            }
        }
        Ok(seen)
    }

    fn beat_every(&self) -> Duration {
        self.options.lease / BEATS_IN_A_LEASE
    }
}

impl Held {
    /// Lets go. A database that is away is no reason to fail: the lease ends by itself.
    pub(super) async fn release(self) {
        self.beating.abort();
        if let Err(error) = self.uploads.db.release_upload(&self.row.id, &self.holder).await {
            tracing::warn!(upload = %self.row.id, error = %ErrorChain(&error), "the upload stays held until its lease ends");
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.beating.abort();
    }
}

/// Raises the count while the holder holds.
async fn beat(uploads: Uploads, id: UploadId, holder: String) {
    loop {
        sleep(uploads.beat_every()).await;
        match uploads.db.beat_upload(&id, &holder).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(upload = %id, error = %ErrorChain(&error), "the upload could not be kept hold of");
            }
        }
    }
}

impl LocalHold {
    fn take(uploads: &Uploads, id: &UploadId) -> Option<Self> {
        let is_new = uploads.held.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        is_new.then(|| Self { uploads: uploads.clone(), id: id.clone() })
    }
}

impl Drop for LocalHold {
    fn drop(&mut self) {
        self.uploads.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
