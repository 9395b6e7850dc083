//! Reads a file in blocks of whole pieces, and finds where the pieces end (FastCDC, version 2020).

use std::io::{Read, Result};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use fastcdc::v2020::FastCDC;
use stowaway_domain::piece::{PIECE_AVERAGE_BYTES, PIECE_MAX_BYTES, PIECE_MIN_BYTES};

/// Bytes in memory at once. With twice the largest piece, at most half of a block is carried over to the next.
pub(super) const BLOCK_BYTES: usize = 2 * PIECE_MAX_BYTES as usize;

/// Consecutive whole pieces of a file.
pub(super) struct Block {
    bytes: Vec<u8>,
    /// Where each piece ends in `bytes`, in order.
    ends: Vec<usize>,
    /// Whether the file begins and ends here.
    pub(super) is_whole_file: bool,
}

impl Block {
    /// The pieces, in order.
    pub(super) fn pieces(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.ends.iter().enumerate().map(|(index, &end)| {
            let start = if index == 0 { 0 } else { self.ends[index - 1] };
            &self.bytes[start..end]
        })
    }
}

/// Buffers of blocks that are done with, so that memory is taken once a file and not once a block.
#[derive(Default)]
pub(super) struct SpareBuffers(Mutex<Vec<Vec<u8>>>);

impl SpareBuffers {
    /// Keeps the buffer of a block when its last reader gives it back.
    pub(super) fn give_back(&self, block: Arc<Block>) {
        if let Some(block) = Arc::into_inner(block) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(block.bytes);
        }
    }

    fn take(&self, capacity: usize) -> Vec<u8> {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut buffer = spare.unwrap_or_else(|| Vec::with_capacity(capacity));
        buffer.clear();
        buffer
    }
}

/// The blocks of a file, in order.
pub(super) struct Blocks<'a, R> {
    source: R,
    spare: &'a SpareBuffers,
    /// What a buffer has to hold: a small file needs no more than itself.
    capacity: usize,
    /// Bytes that were read and belong to the next block.
    carried: Vec<u8>,
    is_first: bool,
    has_ended: bool,
}

impl<'a, R: Read> Blocks<'a, R> {
    /// Of a source that is said to have `size` bytes.
    pub(super) fn new(source: R, size: u64, spare: &'a SpareBuffers) -> Self {
        // One more than the file, so that its end is noticed without another buffer.
        let capacity = usize::try_from(size).map_or(BLOCK_BYTES, |size| size.saturating_add(1).min(BLOCK_BYTES));
        Self { source, spare, capacity, carried: Vec::new(), is_first: true, has_ended: false }
    }

    pub(super) const fn spare(&self) -> &'a SpareBuffers {
        self.spare
    }

    fn next_block(&mut self) -> Result<Option<Block>> {
        let mut bytes = self.spare.take(self.capacity);
        bytes.append(&mut self.carried);
        let room = BLOCK_BYTES - bytes.len();
        // Reads again when a signal came between, and as often as it takes.
        let read = self.source.by_ref().take(room as u64).read_to_end(&mut bytes)?;
        self.has_ended = read < room;
        let ends = cuts(&bytes, self.has_ended);
        let Some(&end) = ends.last() else { return Ok(None) };
        self.carried.extend_from_slice(&bytes[end..]);
        let is_whole_file = std::mem::replace(&mut self.is_first, false) && self.has_ended;
        Ok(Some(Block { bytes, ends, is_whole_file }))
    }
}

impl<R: Read> Iterator for Blocks<'_, R> {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended { None } else { self.next_block().transpose() }
    }
}

/// Where pieces end. Only the end of the file makes a piece of bytes that could go on.
fn cuts(bytes: &[u8], is_end: bool) -> Vec<usize> {
    let [minimum, average, maximum] = [PIECE_MIN_BYTES, PIECE_AVERAGE_BYTES, PIECE_MAX_BYTES].map(|size| size as usize);
    let cutter = FastCDC::new(bytes, minimum, average, maximum);
    let mut ends = Vec::with_capacity(bytes.len() / minimum + 1);
    let mut rest: Range<usize> = 0..bytes.len();
    while !rest.is_empty() && (is_end || rest.len() >= maximum) {
        rest.start = cutter.cut(rest.start, rest.len()).1;
        ends.push(rest.start);
    }
    ends
}
