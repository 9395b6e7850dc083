//! Pieces: digest-verified slices of a blob, cut by content, and the documents that list them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::range::ByteRange;

/// Smallest piece, except the last of a blob.
pub const PIECE_MIN_BYTES: u32 = 256 * 1024;
/// The size pieces come to on average.
pub const PIECE_AVERAGE_BYTES: u32 = 1024 * 1024;
/// Largest piece; what a client must hold in memory to verify one.
pub const PIECE_MAX_BYTES: u32 = 4 * 1024 * 1024;
/// Version of the piece index format.
pub const PIECE_INDEX_VERSION: u32 = 1;

/// One piece of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Piece {
    /// First byte in the blob.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
    /// SHA-256 of the piece, bare hexadecimal.
    #[serde(with = "bare_hex")]
    #[schemars(with = "String", regex(pattern = "^[0-9a-f]{64}$"))]
    pub sha256: Digest,
}

/// The pieces of one blob, in order, without gaps, from byte 0 to `size`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlobPieces {
    /// SHA-256 of the whole blob.
    pub digest: Digest,
    /// Bytes of the whole blob.
    pub size: u64,
    /// Empty only for an empty blob.
    pub pieces: Vec<Piece>,
}

/// How pieces were cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Chunker {
    /// `fastcdc-v2020`.
    pub algorithm: String,
    /// Bytes.
    pub minimum: u32,
    /// Bytes.
    pub average: u32,
    /// Bytes.
    pub maximum: u32,
}

impl Default for Chunker {
    fn default() -> Self {
        Self {
            algorithm: "fastcdc-v2020".to_owned(),
            minimum: PIECE_MIN_BYTES,
            average: PIECE_AVERAGE_BYTES,
            maximum: PIECE_MAX_BYTES,
        }
    }
}

/// The piece index of a blob (one entry) or of a whole release (one entry a blob, sorted by digest).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PieceIndex {
    /// Version of this format: 1.
    pub version: u32,
    /// How the pieces were cut.
    pub chunker: Chunker,
    /// The blobs.
    pub blobs: Vec<BlobPieces>,
}

impl PieceIndex {
    /// Puts blobs into canonical order, each once.
    #[must_use]
    pub fn new(mut blobs: Vec<BlobPieces>) -> Self {
        blobs.sort_by_key(|blob| blob.digest);
        blobs.dedup_by_key(|blob| blob.digest);
        Self { version: PIECE_INDEX_VERSION, chunker: Chunker::default(), blobs }
    }

    /// The canonical bytes (RFC 8785).
    ///
    /// # Panics
    /// Never: the types hold nothing that JSON lacks.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("piece indexes are plain JSON")
    }

    /// Where the pieces `first` to `last` (both included, from 0) of a blob lie in it; nothing where there are no such pieces.
    #[must_use]
    pub fn run(&self, digest: &Digest, first: usize, last: usize) -> Option<ByteRange> {
        let blob = self.blobs.iter().find(|blob| blob.digest == *digest)?;
        let run = blob.pieces.get(first..=last)?;
        let (first, last) = (run.first()?, run.last()?);
        Some(ByteRange { first: first.offset, last: last.offset + last.length - 1 })
    }
}

/// Why a document is not the piece index of a blob.
#[derive(Debug, thiserror::Error)]
pub enum NotItsIndex {
    /// It is something else.
    #[error("it is no piece index: {0}")]
    Syntax(#[source] serde_json::Error),
    /// It is that of a release, or of nothing.
    #[error("it lists {0} blobs instead of one")]
    Blobs(usize),
    /// It is that of another blob.
    #[error("it is that of another blob, {0}")]
    Another(Digest),
}

impl BlobPieces {
    /// What the piece index of a blob says of it. That the pieces are those of its bytes is not looked at here.
    ///
    /// # Errors
    /// The document is not the piece index of this blob.
    pub fn of_index(document: &[u8], blob: &Digest) -> Result<Self, NotItsIndex> {
        let index: PieceIndex = serde_json::from_slice(document).map_err(NotItsIndex::Syntax)?;
        let [only] = <[Self; 1]>::try_from(index.blobs).map_err(|blobs| NotItsIndex::Blobs(blobs.len()))?;
        if only.digest == *blob { Ok(only) } else { Err(NotItsIndex::Another(only.digest)) }
    }
}

/// `sha256` as bare hexadecimal digits.
mod bare_hex {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::Digest;

    pub(super) fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&digest.hex())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        Digest::parse_hex(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index_of_three() -> (PieceIndex, Digest) {
        let piece = |offset, length| Piece { offset, length, sha256: Digest::of(&[length as u8]) };
        let digest = Digest::of(b"blob");
        let pieces = vec![piece(0, 10), piece(10, 20), piece(30, 5)];
        (PieceIndex::new(vec![BlobPieces { digest, size: 35, pieces }]), digest)
    }

    #[test]
    fn a_run_reaches_from_the_first_piece_to_the_end_of_the_last() {
        let (index, digest) = index_of_three();
        assert_eq!(index.run(&digest, 1, 2), Some(ByteRange { first: 10, last: 34 }));
        assert_eq!(index.run(&digest, 0, 0), Some(ByteRange { first: 0, last: 9 }));
    }

    #[test]
    fn pieces_that_are_not_there_have_no_run() {
        let (index, digest) = index_of_three();
        assert_eq!(index.run(&digest, 0, 3), None);
        assert_eq!(index.run(&digest, 3, 3), None);
        assert_eq!(index.run(&digest, 2, 1), None, "backwards");
        assert_eq!(index.run(&digest, 1, usize::MAX - 1), None);
        assert_eq!(index.run(&Digest::of(b"other"), 0, 0), None);
    }

    #[test]
    fn a_document_is_the_index_of_a_blob_when_it_lists_that_one_and_nothing_else() {
        let (index, digest) = index_of_three();
        assert_eq!(BlobPieces::of_index(&index.to_bytes(), &digest).unwrap(), index.blobs[0]);
        let refused = |document: &[u8], blob: &Digest| BlobPieces::of_index(document, blob).unwrap_err();
        assert!(matches!(refused(&index.to_bytes()[..50], &digest), NotItsIndex::Syntax(_)));
        assert!(
            matches!(refused(&index.to_bytes(), &Digest::of(b"other")), NotItsIndex::Another(found) if found == digest)
        );
        let other = BlobPieces { digest: Digest::of(b"other"), ..index.blobs[0].clone() };
        let two = PieceIndex::new(vec![other, index.blobs[0].clone()]);
        assert!(matches!(refused(&two.to_bytes(), &digest), NotItsIndex::Blobs(2)));
        assert!(matches!(refused(&PieceIndex::new(Vec::new()).to_bytes(), &digest), NotItsIndex::Blobs(0)));
    }

    #[test]
    fn blobs_are_listed_once_and_by_digest_whatever_the_order() {
        let blob = |name: &[u8]| BlobPieces { digest: Digest::of(name), size: 0, pieces: Vec::new() };
        let one = PieceIndex::new(vec![blob(b"a"), blob(b"b"), blob(b"a")]);
        let other = PieceIndex::new(vec![blob(b"b"), blob(b"a")]);
        assert_eq!(one.to_bytes(), other.to_bytes());
        assert_eq!(one.blobs.len(), 2);
    }

    #[test]
    fn canonical_bytes_read_back_the_same() {
        let (index, _) = index_of_three();
        let read: PieceIndex = serde_json::from_slice(&index.to_bytes()).unwrap();
        assert_eq!(read, index);
    }
}
