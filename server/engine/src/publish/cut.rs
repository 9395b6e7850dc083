//! One read of a file: SHA-256 of all of it, CRC-32, and its pieces with theirs, in two buffers of the largest piece.

use std::io::Read;

use fastcdc::v2020::StreamCDC;
use sha2::{Digest as _, Sha256};
use stowaway_domain::Digest;
use stowaway_domain::content::Content;
use stowaway_domain::piece::{PIECE_AVERAGE_BYTES, PIECE_MAX_BYTES, PIECE_MIN_BYTES, Piece};

/// Reads `source` to its end. `on_piece` gets the bytes of each piece; an error from it ends the read.
pub(super) fn cut(
    source: impl Read,
    mut on_piece: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<Content> {
    let [minimum, average, maximum] = [PIECE_MIN_BYTES, PIECE_AVERAGE_BYTES, PIECE_MAX_BYTES].map(|size| size as usize);
    let (mut whole, mut crc32, mut size, mut pieces) = (Sha256::new(), crc32fast::Hasher::new(), 0, Vec::new());
    for chunk in StreamCDC::new(Retrying(source), minimum, average, maximum) {
        let bytes = chunk.map_err(std::io::Error::from)?.data;
        whole.update(&bytes);
        crc32.update(&bytes);
        let length = bytes.len() as u64;
        pieces.push(Piece { offset: size, length, sha256: Digest::of(&bytes) });
        size += length;
        on_piece(&bytes)?;
    }
    Ok(Content { digest: Digest::from_bytes(whole.finalize().into()), size, crc32: crc32.finalize(), pieces })
}

/// Reads again when a signal came between; the cutter would take that for an error.
struct Retrying<R>(R);

impl<R: Read> Read for Retrying<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

#[cfg(test)]
mod tests;
