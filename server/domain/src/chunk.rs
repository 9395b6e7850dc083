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

/// The chunks of one blob, and the document that is stored about them (canonical JSON).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkIndex {
    /// Version of this format: 1.
    pub version: u32,
    /// SHA-256 of the whole blob.
    pub digest: Digest,
    /// Bytes of the whole blob.
    pub size: u64,
    /// Bytes of every chunk but the last.
    pub length: u64,
    /// SHA-256 of every chunk, in order. Empty only for an empty blob.
    pub chunks: Vec<Digest>,
}

impl ChunkIndex {
    /// The canonical bytes (RFC 8785).
    ///
    /// # Panics
    /// Never: the type holds nothing that JSON lacks.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("chunk indexes are plain JSON")
    }
}

/// Hashes the chunks of a file while it is read.
#[derive(Debug, Clone)]
pub struct ChunkHasher {
    length: u64,
    /// Bytes that the current chunk still takes.
    room: u64,
    hasher: Sha256,
    size: u64,
    chunks: Vec<Digest>,
}

impl ChunkHasher {
    /// For a file of `size` bytes, which decides the length of its chunks.
    #[must_use]
    pub fn new(size: u64) -> Self {
        let length = chunk_length(size);
        Self { length, room: length, hasher: Sha256::new(), size: 0, chunks: Vec::new() }
    }

    /// The next bytes of the file, in stretches of any length.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.size += bytes.len() as u64;
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

    /// The index of the blob, once all of it was read and its digest is known.
    #[must_use]
    pub fn finish(mut self, digest: Digest) -> ChunkIndex {
        if self.room < self.length {
            self.close_chunk();
        }
        let Self { length, size, chunks, .. } = self;
        ChunkIndex { version: CHUNK_INDEX_VERSION, digest, size, length, chunks }
    }

    fn close_chunk(&mut self) {
        self.chunks.push(Digest::from_bytes(self.hasher.finalize_reset().into()));
        self.room = self.length;
    }
}
