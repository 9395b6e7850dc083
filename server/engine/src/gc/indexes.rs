//! Before anything is judged: which document is the piece index of which blob, for blobs of which that was never noted. Without it the
//! coded forms of piece indexes would look as if nobody needed them.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use stowaway_domain::piece::BlobPieces;
use stowaway_domain::{Digest, StoreKey};

use super::{GcError, ShallStop};
use crate::db::Database;
use crate::store::{Store, StoreError};

const BATCH: u32 = 200;
const READS_AT_ONCE: usize = 8;

/// A piece index has some 90 bytes a piece; this is one of a blob of a TiB.
const MAX_INDEX_BYTES: u64 = 512 * 1024 * 1024;

/// Reads the piece index of every blob that has none noted.
pub(super) async fn complete(store: &Store, db: &Database, shall_stop: ShallStop<'_>) -> Result<(), GcError> {
    let mut after = None;
    loop {
        let blobs = db.blobs_without_piece_index(after, BATCH).await?;
        let Some(last) = blobs.last() else { return Ok(()) };
        if shall_stop() {
            return Err(GcError::Interrupted);
        }
        after = Some(*last);
        let reads: Vec<_> = blobs.into_iter().map(|blob| index_of(store, blob)).collect();
        let pairs: Vec<Option<(Digest, Digest)>> =
            stream::iter(reads).buffer_unordered(READS_AT_ONCE).try_collect().await?;
        db.record_piece_indexes(&pairs.into_iter().flatten().collect::<Vec<_>>()).await?;
    }
}

/// Nothing where the index is gone, or is not that of the blob: then it has no forms that could be sent.
async fn index_of(store: &Store, blob: Digest) -> Result<Option<(Digest, Digest)>, StoreError> {
    match store.get_bytes(&StoreKey::BlobPieces(blob), MAX_INDEX_BYTES).await {
        Ok(bytes) => Ok(BlobPieces::of_index(&bytes, &blob).is_ok().then(|| (blob, Digest::of(&bytes)))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
