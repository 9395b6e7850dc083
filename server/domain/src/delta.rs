//! How much a client that has one release must fetch for another.

use std::collections::HashSet;

use crate::Digest;
use crate::piece::PieceIndex;

/// Bytes of the pieces that `new` has and `old` has not, each counted once, and of the new index itself.
#[must_use]
pub fn bytes_to_fetch(old: &PieceIndex, new: &PieceIndex) -> u64 {
    let mut known: HashSet<Digest> = pieces(old).map(|piece| piece.sha256).collect();
    let missing_bytes: u64 = pieces(new).filter(|piece| known.insert(piece.sha256)).map(|piece| piece.length).sum();
    missing_bytes + new.to_bytes().len() as u64
}

fn pieces(index: &PieceIndex) -> impl Iterator<Item = &crate::piece::Piece> {
    index.blobs.iter().flat_map(|blob| &blob.pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::piece::{BlobPieces, Piece};

    /// An index of one blob whose pieces have these names and lengths.
    fn index(pieces: &[(&str, u64)]) -> PieceIndex {
        let mut offset = 0;
        let pieces: Vec<Piece> = pieces
            .iter()
            .map(|&(name, length)| {
                let piece = Piece { offset, length, sha256: Digest::of(name.as_bytes()) };
                offset += length;
                piece
            })
            .collect();
        PieceIndex::new(vec![BlobPieces { digest: Digest::of(b"blob"), size: offset, pieces }])
    }

    #[test]
    fn the_same_release_costs_only_its_index() {
        let release = index(&[("a", 100), ("b", 200)]);
        assert_eq!(bytes_to_fetch(&release, &release), release.to_bytes().len() as u64);
    }

    #[test]
    fn only_pieces_that_are_new_are_counted_and_each_once() {
        let old = index(&[("a", 100), ("b", 200)]);
        let new = index(&[("c", 7), ("a", 100), ("c", 7), ("d", 1)]);
        assert_eq!(bytes_to_fetch(&old, &new), 8 + new.to_bytes().len() as u64);
    }

    #[test]
    fn a_client_with_nothing_fetches_everything() {
        let new = index(&[("a", 100), ("b", 200)]);
        assert_eq!(bytes_to_fetch(&PieceIndex::new(Vec::new()), &new), 300 + new.to_bytes().len() as u64);
    }
}
