//! Walks through the bytes of a bundle: text that is made on the way, and runs of blobs.

use std::iter::FusedIterator;

use bytes::Bytes;

use super::{BundleLayout, Placed};
use crate::Digest;
use crate::range::ByteRange;

/// So much of the central directory is made at a time.
const DIRECTORY_STEP_BYTES: usize = 64 * 1024;

/// One stretch of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundleSegment {
    /// Bytes of the ZIP format.
    Text(Bytes),
    /// Bytes of a blob.
    Blob {
        /// The blob.
        digest: Digest,
        /// Which of its bytes.
        range: ByteRange,
    },
}

#[expect(clippy::len_without_is_empty, reason = "no segment is empty")]
impl BundleSegment {
    /// Bytes on the wire.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Blob { range, .. } => range.len(),
        }
    }
}

/// The segments of a range of a bundle, in order.
#[derive(Debug, Clone)]
pub struct Segments<'a> {
    layout: &'a BundleLayout,
    /// The next byte.
    position: u64,
    /// The position after the last byte.
    end: u64,
    /// The entry in which `position` lies: in its content, or in its record of the central directory.
    index: usize,
}

impl<'a> Segments<'a> {
    pub(super) fn new(layout: &'a BundleLayout, range: ByteRange) -> Self {
        let end = range.last.saturating_add(1).min(layout.total_size());
        let position = range.first;
        let placed = layout.placed.as_slice();
        let index = if position < layout.directory_offset {
            find_at_or_before(placed, position, |placed| placed.record.offset)
        } else {
            find_at_or_before(placed, position, |placed| placed.directory_offset)
        };
        Self { layout, position, end, index }
    }

    /// A local header or the content behind it.
    fn next_of_entries(&mut self) -> BundleSegment {
        let placed = &self.layout.placed[self.index];
        let content_offset = placed.record.offset + placed.record.local_len();
        let segment = if self.position < content_offset {
            let mut text = Vec::new();
            placed.record.write_local(&mut text);
            self.text(text, placed.record.offset)
        } else {
            let last = placed.record.end().min(self.end) - 1;
            let range = ByteRange { first: self.position - content_offset, last: last - content_offset };
            self.position = last + 1;
            BundleSegment::Blob { digest: placed.digest, range }
        };
        if self.position >= placed.record.end() {
            // The content is through, or there was none; behind the last entry begins the directory.
            self.index = if self.position < self.layout.directory_offset { self.index + 1 } else { 0 };
        }
        segment
    }

    /// Some records of the central directory.
    fn next_of_directory(&mut self) -> BundleSegment {
        let mut text = Vec::new();
        let offset = self.layout.placed[self.index].directory_offset;
        for placed in &self.layout.placed[self.index..] {
            if text.len() >= DIRECTORY_STEP_BYTES || placed.directory_offset >= self.end {
                break;
            }
            placed.record.write_directory(&mut text);
            self.index += 1;
        }
        self.text(text, offset)
    }

    /// The part of `text`, which lies at `offset`, from the position on and no further than the end.
    fn text(&mut self, text: Vec<u8>, offset: u64) -> BundleSegment {
        let within = |position: u64| usize::try_from(position - offset).unwrap_or(usize::MAX).min(text.len());
        let (from, to) = (within(self.position), within(self.end));
        self.position += (to - from) as u64;
        BundleSegment::Text(Bytes::from(text).slice(from..to))
    }
}

/// The last entry that begins at `position` or before, by halving.
fn find_at_or_before(placed: &[Placed], position: u64, mut offset_of: impl FnMut(&Placed) -> u64) -> usize {
    placed.partition_point(|placed| offset_of(placed) <= position).saturating_sub(1)
}

impl Iterator for Segments<'_> {
    type Item = BundleSegment;

    fn next(&mut self) -> Option<BundleSegment> {
        if self.position >= self.end {
            return None;
        }
        Some(if self.position < self.layout.directory_offset {
            self.next_of_entries()
        } else if self.position < self.layout.directory_end {
            self.next_of_directory()
        } else {
            self.text(self.layout.end_records.clone(), self.layout.directory_end)
        })
    }
}

impl FusedIterator for Segments<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::BundleEntry;

    /// A bundle of a hundred thousand files is not walked through to find a byte: eighteen looks are enough for twice as many.
    #[test]
    fn any_byte_is_found_in_as_many_looks_as_the_count_has_bits() {
        let entry = |number: u64| BundleEntry {
            path: format!("{number}").parse().unwrap(),
            digest: Digest::of(b""),
            size: number % 7,
            crc32: 0,
        };
        let layout = BundleLayout::plan(&"t".parse().unwrap(), (0..100_000).map(entry).collect()).unwrap();
        for eighth in 0..8 {
            let position = layout.directory_offset / 8 * eighth;
            let mut looks = 0;
            let found = find_at_or_before(&layout.placed, position, |placed| {
                looks += 1;
                placed.record.offset
            });
            assert!(looks <= 18, "{looks} looks for {position}");
            let record = &layout.placed[found].record;
            assert!((record.offset..record.end()).contains(&position));
        }
    }
}
