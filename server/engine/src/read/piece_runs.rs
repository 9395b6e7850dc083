//! Pieces and runs of pieces as resources of their own, for clients and edges that want whole answers instead of ranges.

use std::sync::Arc;

use stowaway_domain::piece::BlobPieces;
use stowaway_domain::representation::Representation;
use stowaway_domain::{Digest, StoreKey};

use super::{Content, ReadError, Reader, Resource};

/// The pieces of a blob, and where its bytes lie.
#[derive(Debug)]
pub(super) struct CutBlob {
    pub(super) pieces: BlobPieces,
    key: StoreKey,
}

impl Reader {
    /// Pieces `first` to `last` of a blob, counted from 0, both included.
    ///
    /// # Errors
    /// No such blob, not that many pieces, or database or store failed.
    pub async fn piece_run(&self, digest: &Digest, first: usize, last: usize) -> Result<Arc<Resource>, Arc<ReadError>> {
        let load = async {
            let (_, pieces, key) = self.load_blob_pieces(digest).await?;
            Ok::<_, ReadError>(Arc::new(CutBlob { pieces, key }))
        };
        let CutBlob { pieces: list, key } = &*self.caches.pieces.try_get_with(*digest, load).await?;
        let run = list.pieces.get(first..=last).unwrap_or_default();
        let unknown = || ReadError::NoPieces { digest: *digest, first, last, pieces: list.pieces.len() };
        let representation = Representation::part(run).ok_or_else(unknown)?;
        let offset = run.first().map_or(0, |piece| piece.offset);
        Ok(Arc::new(Resource::new(representation, Content::Stored { key: key.clone(), offset })))
    }
}
