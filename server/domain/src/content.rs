//! What one read of a file found out about its bytes. Plain data.

use crate::chunk::{BlobChunks, chunk_length};
use crate::piece::{BlobPieces, Piece};
use crate::probe::Probe;
use crate::{AssetPath, Digest};

/// The bytes of a file, measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// How many.
    pub size: u64,
    /// CRC-32 (IEEE), for ZIP bundles.
    pub crc32: u32,
    /// The pieces, in order, without gaps, from 0 to `size`.
    pub pieces: Vec<Piece>,
    /// SHA-256 of every chunk, where there are several; the only chunk of a small file is the file.
    pub chunks: Vec<Digest>,
}

impl Content {
    /// The entry of this content in a piece index.
    #[must_use]
    pub fn blob_pieces(&self) -> BlobPieces {
        BlobPieces { digest: self.digest, size: self.size, pieces: self.pieces.clone() }
    }

    /// The entry of this content in a chunk index.
    #[must_use]
    pub fn blob_chunks(&self) -> BlobChunks {
        BlobChunks { digest: self.digest, length: chunk_length(self.size), chunks: self.chunks.clone() }
    }
}

/// A file of a tag: where it lies, what it is, and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedAsset {
    /// Path in the tag.
    pub path: AssetPath,
    /// What it is.
    pub probe: Probe,
    /// Its bytes.
    pub content: Content,
}
