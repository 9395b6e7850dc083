//! What a client that has the release before must fetch for the new one.

use stowaway_domain::piece::PieceIndex;
use stowaway_domain::{Digest, delta};

use super::plan::Plan;
use crate::db::ReleaseRow;
use crate::error_chain::ErrorChain;
use crate::store::Store;

/// Bytes to fetch; `None` for a first release. The release is made by now, so that an old index which cannot be read is
/// logged and makes it `None` too.
pub(super) async fn bytes_to_fetch(store: &Store, plan: &Plan) -> Option<u64> {
    let before = plan.current.as_ref()?;
    let indexes = async {
        let old = read_index(store, before).await?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>((old, serde_json::from_slice(&plan.release.pieces_bytes)?))
    };
    match indexes.await {
        Ok((old, new)) => Some(delta::bytes_to_fetch(&old, &new)),
        Err(error) => {
            let key = before.pieces_key();
            tracing::warn!(%key, error = %ErrorChain(&*error), "the piece index of the release before cannot be read");
            None
        }
    }
}

async fn read_index(
    store: &Store,
    release: &ReleaseRow,
) -> Result<PieceIndex, Box<dyn std::error::Error + Send + Sync>> {
    let bytes = store.get_bytes(&release.pieces_key(), release.pieces_bytes).await?;
    if Digest::of(&bytes) != release.pieces_digest {
        return Err("its bytes are not those of its digest".into());
    }
    Ok(serde_json::from_slice(&bytes)?)
}
