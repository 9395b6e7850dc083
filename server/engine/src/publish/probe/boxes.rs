//! Walks the boxes of an ISO base media file (ISO/IEC 14496-12), never past its end and never with more memory than a short
//! value needs.
//!
//! Own code, because parsers that trust a box's counts let a damaged file take all memory or all time.

use std::io::{Read, Seek, SeekFrom};

use super::{Refusal, unreadable};

/// Most boxes that are looked at: a day of video in fragments of two seconds has fewer.
const MAX_BOXES: u32 = 1_000_000;

/// A box: its kind, and where its content is.
#[derive(Debug, Clone, Copy)]
pub(super) struct MediaBox {
    pub(super) kind: [u8; 4],
    start: u64,
    end: u64,
}

impl MediaBox {
    /// Bytes of its content.
    pub(super) const fn length(&self) -> u64 {
        self.end - self.start
    }
}

/// Reads boxes from a file.
pub(super) struct BoxReader<R> {
    source: R,
    boxes_left: u32,
}

impl<R: Read + Seek> BoxReader<R> {
    pub(super) const fn new(source: R) -> Self {
        Self { source, boxes_left: MAX_BOXES }
    }

    /// The file as a box, so that its top level is walked like any other.
    pub(super) const fn file(size: u64) -> MediaBox {
        MediaBox { kind: *b"file", start: 0, end: size }
    }

    /// Calls `visit` with each box inside of `parent`.
    pub(super) fn children(
        &mut self,
        parent: MediaBox,
        mut visit: impl FnMut(&mut Self, MediaBox) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut at = parent.start;
        // Some writers end a list of boxes with four zero bytes.
        while at + 8 <= parent.end {
            let child = self.header(at, parent.end)?;
            visit(self, child)?;
            at = child.end;
        }
        Ok(())
    }

    fn header(&mut self, at: u64, parent_end: u64) -> Result<MediaBox, Refusal> {
        self.boxes_left = self.boxes_left.checked_sub(1).ok_or_else(|| "it has too many boxes".to_owned())?;
        self.source.seek(SeekFrom::Start(at)).map_err(unreadable)?;
        let (short, kind) = (self.u32()?, self.array()?);
        let (length, header_bytes) = match short {
            0 => (parent_end - at, 8),
            1 => (self.u64()?, 16),
            short => (u64::from(short), 8),
        };
        let end = at.saturating_add(length);
        if length < header_bytes || end > parent_end {
            return Err("it is cut off or damaged: a part is longer than the file".to_owned());
        }
        Ok(MediaBox { kind, start: at + header_bytes, end })
    }

    /// Goes to `offset` in the content of a box; a negative one counts from its end. What is read next must be inside.
    pub(super) fn go_to(&mut self, within: MediaBox, offset: i64, length: u64) -> Result<(), Refusal> {
        let base = if offset < 0 { within.end } else { within.start };
        let at = base.saturating_add_signed(offset);
        if at < within.start || at.saturating_add(length) > within.end {
            return Err("it is damaged: a part is too short".to_owned());
        }
        self.source.seek(SeekFrom::Start(at)).map(drop).map_err(unreadable)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Refusal> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, Refusal> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let mut bytes = [0; N];
        self.source.read_exact(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }
}
