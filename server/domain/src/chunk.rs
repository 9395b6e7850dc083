//! Chunks: digests of slices of one fixed length, for programs that repair downloads and know nothing of pieces (Metalink).
//!
//! Pieces are cut by content, so that no two need be of one length; Metalink (RFC 5854 §4.2.10) and BitTorrent want all but
//! the last to be. Chunks are hashed in the same one read of the file.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Digest;

/// Length of a chunk of a file that is not large: what a repair of one flipped bit has to fetch again.
pub const CHUNK_MIN_BYTES: u64 = 1024 * 1024;
/// Most chunks of a blob; chunks of larger blobs are longer. Keeps a Metalink of a large release readable.
pub const CHUNKS_MAX: u64 = 2048;
/// Version of the document.
pub const CHUNK_INDEX_VERSION: u32 = 1;

/// The length of the chunks of a blob: a power of two, decided by its size alone.
///
/// ```
/// use stowaway_domain::chunk::chunk_length;
/// assert_eq!(chunk_length(5_000_000), 1 << 20);
/// assert_eq!(chunk_length(5 << 30), 4 << 20);
/// ```
#[must_use]
pub const fn chunk_length(size: u64) -> u64 {
    let mut length = CHUNK_MIN_BYTES;
    while size.div_ceil(length) > CHUNKS_MAX {
        length *= 2;
    }
    length
}

/// The chunks of one blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobChunks {
    /// SHA-256 of the whole blob.
    pub digest: Digest,
    /// Bytes of every chunk but the last.
    pub length: u64,
    /// SHA-256 of every chunk, in order: two or more.
    pub chunks: Vec<Digest>,
}

/// The chunks of the blobs of one release, and the document that is stored about them (canonical JSON). A blob of one chunk is
/// not in it: the digest of the blob says as much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkIndex {
    /// Version of this format: 1.
    pub version: u32,
    /// By digest, each once.
    pub blobs: Vec<BlobChunks>,
}

impl ChunkIndex {
    /// Puts blobs into canonical order, each once, without those of one chunk.
    #[must_use]
    pub fn new(mut blobs: Vec<BlobChunks>) -> Self {
        blobs.retain(|blob| blob.chunks.len() > 1);
        blobs.sort_by_key(|blob| blob.digest);
        blobs.dedup_by_key(|blob| blob.digest);
        Self { version: CHUNK_INDEX_VERSION, blobs }
    }

    /// The canonical bytes (RFC 8785).
    ///
    /// # Panics
    /// Never: the types hold nothing that JSON lacks.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("chunk indexes are plain JSON")
    }

    /// The chunks of a blob, if it has several.
    #[must_use]
    pub fn find(&self, digest: &Digest) -> Option<&BlobChunks> {
        let at = self.blobs.binary_search_by_key(digest, |blob| blob.digest).ok()?;
        self.blobs.get(at)
    }
}

/// Hashes the chunks of a file while it is read.
#[derive(Debug, Clone)]
pub struct ChunkHasher {
    length: u64,
    /// Bytes that the current chunk still takes.
    room: u64,
    hasher: Sha256,
    chunks: Vec<Digest>,
}

impl ChunkHasher {
    /// For a file of `size` bytes, which decides the length of its chunks.
    #[must_use]
    pub fn new(size: u64) -> Self {
        let length = chunk_length(size);
        Self { length, room: length, hasher: Sha256::new(), chunks: Vec::new() }
    }

    /// The next bytes of the file, in stretches of any length.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = usize::try_from(self.room).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(taken);
            self.hasher.update(now);
            self.room -= taken as u64;
            bytes = later;
            if self.room == 0 {
                self.close_chunk();
            }
        }
    }

    /// The digests of all chunks, in order, once all of the file was read. None only for an empty file.
    #[must_use]
    pub fn finish(mut self) -> Vec<Digest> {
        if self.room < self.length {
            self.close_chunk();
        }
        self.chunks
    }

    fn close_chunk(&mut self) {
        self.chunks.push(Digest::from_bytes(self.hasher.finalize_reset().into()));
        self.room = self.length;
    }
}
