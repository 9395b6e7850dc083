//! What one read of a file found out about its bytes. Plain data.

use serde::{Deserialize, Serialize};

use crate::chunk::{BlobChunks, chunk_length};
use crate::piece::{BlobPieces, Chunker, Piece};
use crate::probe::Probe;
use crate::{AssetPath, Digest};

/// The bytes of a file, measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Version of [`Description`].
const DESCRIPTION_VERSION: u32 = 1;

/// The document that is stored about a blob that was read out of the store, so that it is read for that only once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    version: u32,
    chunker: Chunker,
    content: Content,
}

impl Description {
    /// Of a content that was measured just now.
    #[must_use]
    pub fn new(content: Content) -> Self {
        Self { version: DESCRIPTION_VERSION, chunker: Chunker::default(), content }
    }

    /// The bytes to store.
    ///
    /// # Panics
    /// Never: the types hold nothing that JSON lacks.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("descriptions are plain JSON")
    }

    /// The content, if these are the bytes of a description of the blob, made as this program would make it.
    #[must_use]
    pub fn content_of(bytes: &[u8], digest: &Digest, size: u64) -> Option<Content> {
        let Self { version, chunker, content } = serde_json::from_slice(bytes).ok()?;
        let is_current = version == DESCRIPTION_VERSION && chunker == Chunker::default();
        (is_current && content.digest == *digest && content.size == size).then_some(content)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        let digest = Digest::of(b"bytes");
        let pieces = vec![Piece { offset: 0, length: 5, sha256: digest }];
        Content { digest, size: 5, crc32: 7, pieces, chunks: Vec::new() }
    }

    #[test]
    fn a_description_reads_back_for_its_own_blob_only() {
        let bytes = Description::new(content()).to_bytes();
        let digest = content().digest;
        assert_eq!(Description::content_of(&bytes, &digest, 5), Some(content()));
        assert_eq!(Description::content_of(&bytes, &Digest::of(b"other"), 5), None);
        assert_eq!(Description::content_of(&bytes, &digest, 6), None);
        assert_eq!(Description::content_of(b"{", &digest, 5), None);
    }

    #[test]
    fn a_description_made_in_another_way_is_no_description() {
        let mut other = Description::new(content());
        other.chunker.average *= 2;
        assert_eq!(Description::content_of(&other.to_bytes(), &content().digest, 5), None);
    }
}
