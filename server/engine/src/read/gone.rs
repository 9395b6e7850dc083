//! What was there once and is not any more: let go by the rules of its tag, and said so, instead of as if it had never been.

use stowaway_domain::{Digest, Tag};

use super::{ReadError, Reader};
use crate::store::StoreError;

impl Reader {
    /// Why there is no row of a release.
    pub(super) async fn no_release(&self, tag: &Tag, release: u64) -> ReadError {
        match self.within(self.database.is_retired(tag, release)).await {
            Ok(true) => ReadError::Retired { tag: tag.clone(), release },
            Ok(false) => ReadError::NoRelease { tag: tag.clone(), release },
            Err(error) => error,
        }
    }

    /// Why there is no row of a blob; `unknown` when there never was one.
    pub(super) async fn no_blob(&self, blob: &Digest, unknown: ReadError) -> ReadError {
        match self.within(self.database.is_removed(blob)).await {
            Ok(true) => ReadError::BlobRemoved(*blob),
            Ok(false) => unknown,
            Err(error) => error,
        }
    }

    /// A document whose row is held in memory, and whose object is gone: its release may have been retired meanwhile.
    pub(super) async fn document_gone(&self, tag: &Tag, release: u64, error: ReadError) -> ReadError {
        match error {
            ReadError::Store(StoreError::NotFound { key }) => match self.no_release(tag, release).await {
                retired @ ReadError::Retired { .. } => retired,
                _ => ReadError::Store(StoreError::NotFound { key }),
            },
            error => error,
        }
    }

    /// The same of a blob.
    pub(super) async fn blob_gone(&self, blob: &Digest, error: ReadError) -> ReadError {
        match error {
            error @ ReadError::Store(StoreError::NotFound { .. }) => self.no_blob(blob, error).await,
            error => error,
        }
    }
}
