//! The end of an upload: all bytes are there and hashed. They become a blob if they are what was announced, and nothing otherwise.

use stowaway_domain::{StoreKey, Subject};

use super::hash::RunningHash;
use super::hold::Held;
use super::{UploadError, UploadFaultPoint, UploadState, Uploads, staged};
use crate::claims::{self, Claims};
use crate::db::UploadRow;
use crate::error_chain::ErrorChain;

impl Uploads {
    /// Finishes an upload that has all its bytes. Stopped at any point, it can be done again.
    pub(super) async fn finish(&self, held: &Held, mut row: UploadRow) -> Result<UploadState, UploadError> {
        if row.finished {
            return Ok(row.into());
        }
        let received = RunningHash::from_state(&row.hash_state)?.digest();
        if received != row.digest {
            self.forget(&row).await?;
            return Err(UploadError::Digest { announced: row.digest, received });
        }
        self.reached(UploadFaultPoint::Verified)?;
        self.store_blob(&row).await?;
        self.reached(UploadFaultPoint::BlobStored)?;
        let expires_ms = self.expiry_ms();
        if !self.db.finish_upload(&row.id, &held.holder, expires_ms).await? {
            return Err(UploadError::Busy { id: row.id });
        }
        self.reached(UploadFaultPoint::Finished)?;
        (row.finished, row.expires_ms) = (true, expires_ms);
        row.multipart.clear();
        // The blob is stored; what is left beside it goes with the row at the latest.
        if let Err(error) = self.store.remove_staged(&staged(&row)).await {
            tracing::warn!(upload = %row.id, error = %ErrorChain(&error), "the rest of a finished upload could not be removed");
        }
        Ok(row.into())
    }

    /// Makes the blob of what was staged. The row of the upload keeps gc from it from its beginning; what gc condemned before that has to be
    /// gone first, or it would remove what is written here.
    async fn store_blob(&self, row: &UploadRow) -> Result<(), UploadError> {
        let claims = Claims::begin(&self.store, &self.db, &format!("upload {}", row.id), claims::LEASES).await?;
        let outcome = match claims.add(&[Subject::Content(row.digest)]).await {
            Ok(()) => self.store_claimed(row).await,
            Err(error) => Err(error.into()),
        };
        claims.release().await;
        outcome
    }

    async fn store_claimed(&self, row: &UploadRow) -> Result<(), UploadError> {
        if self.has_parts(row) {
            let parts = self.db.upload_parts(&row.id).await?;
            self.store.finish_staged(&staged(row), parts).await?;
        } else {
            let bytes = self.tail(row).await?;
            self.store.put_bytes(&StoreKey::Blob(row.digest), bytes).await?;
        }
        // What a scrub found wrong with it is right now.
        self.db.forget_damage(&StoreKey::Blob(row.digest)).await?;
        Ok(())
    }
}
