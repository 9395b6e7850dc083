//! Pieces: digest-verified slices of a blob, cut by content, and the documents that list them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Digest;

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
    /// [`PIECE_INDEX_VERSION`].
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
