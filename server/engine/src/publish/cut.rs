//! One read of a file: SHA-256 of all of it, CRC-32, and its pieces and chunks with theirs.
//!
//! A file of several blocks is worked on by two threads: this one reads, cuts and hashes the whole, the other hashes pieces and
//! chunks. Four blocks are in memory at most, however large the file.

mod blocks;
mod slices;

use std::io::{Error, Read, Result};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use sha2::{Digest as _, Sha256};
use stowaway_domain::Digest;
use stowaway_domain::content::Content;

use blocks::{BLOCK_BYTES, Block, Blocks, SpareBuffers};
use slices::{SliceDigests, Slices};

/// Reads `source` to its end. `size` is how much it is said to have, which decides the length of chunks. `on_piece` gets the
/// length of each piece that was read; an error from it ends the read.
pub(super) fn cut(source: impl Read, size: u64, mut on_piece: impl FnMut(u64) -> Result<()>) -> Result<Content> {
    let spare = SpareBuffers::default();
    let blocks = Blocks::new(source, size, &spare);
    if size <= BLOCK_BYTES as u64 {
        here(blocks, size, &mut on_piece)
    } else {
        on_two_threads(blocks, size, &mut on_piece)
    }
}

fn here(blocks: Blocks<'_, impl Read>, size: u64, on_piece: &mut dyn FnMut(u64) -> Result<()>) -> Result<Content> {
    let (mut whole, mut slices) = (Whole::default(), Slices::new(size));
    for block in blocks {
        let block = block?;
        whole.update(&block, on_piece)?;
        slices.update(&block);
    }
    Ok(whole.finish(slices.finish()))
}

fn on_two_threads(
    blocks: Blocks<'_, impl Read>,
    size: u64,
    on_piece: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Content> {
    let spare = blocks.spare();
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        let slices = scope.spawn(move || slices_of(&receiver, size, spare));
        let whole = whole_of(blocks, &sender, on_piece);
        // So that the other thread ends.
        drop(sender);
        let slices = slices.join().map_err(|_| Error::other("a thread that hashes pieces failed"))?;
        Ok(whole?.finish(slices))
    })
}

fn whole_of(
    blocks: Blocks<'_, impl Read>,
    sender: &SyncSender<Arc<Block>>,
    on_piece: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Whole> {
    let spare = blocks.spare();
    let mut whole = Whole::default();
    for block in blocks {
        let block = Arc::new(block?);
        sender.send(Arc::clone(&block)).map_err(|_| Error::other("a thread that hashes pieces ended"))?;
        whole.update(&block, on_piece)?;
        spare.give_back(block);
    }
    Ok(whole)
}

fn slices_of(receiver: &Receiver<Arc<Block>>, size: u64, spare: &SpareBuffers) -> SliceDigests {
    let mut slices = Slices::new(size);
    for block in receiver {
        slices.update(&block);
        spare.give_back(block);
    }
    slices.finish()
}

/// What is known of the file as a whole.
#[derive(Default)]
struct Whole {
    sha256: Sha256,
    crc32: crc32fast::Hasher,
    size: u64,
}

impl Whole {
    fn update(&mut self, block: &Block, on_piece: &mut dyn FnMut(u64) -> Result<()>) -> Result<()> {
        for piece in block.pieces() {
            self.sha256.update(piece);
            self.crc32.update(piece);
            self.size += piece.len() as u64;
            on_piece(piece.len() as u64)?;
        }
        Ok(())
    }

    fn finish(self, slices: SliceDigests) -> Content {
        let digest = Digest::from_bytes(self.sha256.finalize().into());
        let (pieces, chunks) = slices.of_blob(digest);
        Content { digest, size: self.size, crc32: self.crc32.finalize(), pieces, chunks }
    }
}

#[cfg(test)]
mod tests;
