//! What a client that has the release before must fetch for the new one.

use stowaway_domain::Digest;
use stowaway_domain::delta;
use stowaway_domain::piece::PieceIndex;

use super::PublishError;
use super::plan::Plan;
use crate::db::ReleaseRow;
use crate::store::Store;

/// Bytes to fetch, `None` for a first release.
pub(super) async fn bytes_to_fetch(store: &Store, plan: &Plan) -> Result<Option<u64>, PublishError> {
    let Some(before) = &plan.current else { return Ok(None) };
    let damaged = || damaged(before);
    let old = store.get_bytes(&before.pieces_key(), before.pieces_bytes).await?;
    if Digest::of(&old) != before.pieces_digest {
        return Err(damaged());
    }
    let old: PieceIndex = serde_json::from_slice(&old).map_err(|_| damaged())?;
    let new: PieceIndex = serde_json::from_slice(&plan.release.pieces_bytes).map_err(|_| damaged())?;
    Ok(Some(delta::bytes_to_fetch(&old, &new)))
}

fn damaged(before: &ReleaseRow) -> PublishError {
    PublishError::Damaged { document: before.pieces_key().to_string(), tag: before.tag.clone(), release: before.number }
}
