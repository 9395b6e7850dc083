//! Digests of the slices of a file: its pieces, and its chunks where there are several.

use stowaway_domain::Digest;
use stowaway_domain::chunk::{ChunkHasher, chunk_length};
use stowaway_domain::piece::Piece;

use super::blocks::Block;

/// Hashes slices block by block.
pub(super) struct Slices {
    digests: SliceDigests,
    /// Nothing for a file of one chunk, which is the file.
    chunks: Option<ChunkHasher>,
    size: u64,
}

/// What came out of it.
pub(super) struct SliceDigests {
    pieces: Vec<Piece>,
    /// The length of the only piece of a file, whose digest is that of the file.
    only: Option<u64>,
    chunks: Vec<Digest>,
}

impl Slices {
    /// Of a file that is said to have `size` bytes.
    pub(super) fn new(size: u64) -> Self {
        let digests = SliceDigests { pieces: Vec::new(), only: None, chunks: Vec::new() };
        Self { digests, chunks: (size > chunk_length(size)).then(|| ChunkHasher::new(size)), size: 0 }
    }

    /// The next block of the file.
    pub(super) fn update(&mut self, block: &Block) {
        let is_only = block.is_whole_file && block.pieces().len() == 1;
        for bytes in block.pieces() {
            let length = bytes.len() as u64;
            if is_only {
                self.digests.only = Some(length);
            } else {
                self.digests.pieces.push(Piece { offset: self.size, length, sha256: Digest::of(bytes) });
            }
            if let Some(chunks) = &mut self.chunks {
                chunks.update(bytes);
            }
            self.size += length;
        }
    }

    /// After the last block.
    pub(super) fn finish(mut self) -> SliceDigests {
        self.digests.chunks = self.chunks.map(ChunkHasher::finish).unwrap_or_default();
        self.digests
    }
}

impl SliceDigests {
    /// Pieces and chunks of the blob with that digest.
    pub(super) fn of_blob(mut self, digest: Digest) -> (Vec<Piece>, Vec<Digest>) {
        self.pieces.extend(self.only.map(|length| Piece { offset: 0, length, sha256: digest }));
        (self.pieces, self.chunks)
    }
}
