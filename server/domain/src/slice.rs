//! Decides about slices: the stretches of equal size in which blobs of a remote store are fetched and kept. Pure: knows numbers, no bytes.

use std::ops::RangeInclusive;

use crate::range::ByteRange;

/// Bytes of every slice but the last of a blob; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceSize(u64);

impl SliceSize {
    /// A size; none of zero.
    #[must_use]
    pub const fn new(bytes: u64) -> Option<Self> {
        match bytes {
            0 => None,
            _ => Some(Self(bytes)),
        }
    }

    /// How many bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The number of the slice that holds the byte at `position`, counted from 0.
    #[must_use]
    pub const fn number_at(self, position: u64) -> u64 {
        position / self.0
    }

    /// Where a slice begins in its blob.
    #[must_use]
    pub const fn start_of(self, number: u64) -> u64 {
        number * self.0
    }

    /// Where a slice ends in its blob, if the blob reaches that far.
    #[must_use]
    pub const fn end_of(self, number: u64) -> u64 {
        self.start_of(number).saturating_add(self.0)
    }

    /// The slices that a range touches.
    ///
    /// ```
    /// use stowaway_domain::range::ByteRange;
    /// use stowaway_domain::slice::SliceSize;
    /// let size = SliceSize::new(100).unwrap();
    /// assert_eq!(size.touched_by(ByteRange { first: 99, last: 200 }), 0..=2);
    /// ```
    #[must_use]
    pub const fn touched_by(self, range: ByteRange) -> RangeInclusive<u64> {
        self.number_at(range.first)..=self.number_at(range.last)
    }
}

/// What is known about a reader when it comes to a slice.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// The slice it comes to.
    pub at: u64,
    /// The last slice that its range touches.
    pub last_wanted: u64,
    /// It began where another answer about the same blob had ended.
    pub is_sequential: bool,
    /// The last slice of the blob, when known.
    pub last_of_blob: Option<u64>,
}

/// The last slice to fetch ahead of a reader, `at` itself for none: never more than `ahead` slices; what the reader has asked for, and
/// one slice more for a reader that reads on and on.
#[must_use]
pub fn read_ahead_to(progress: Progress, ahead: u64) -> u64 {
    let Progress { at, last_wanted, is_sequential, last_of_blob } = progress;
    // Beyond what was asked for, only where it is known that there is something.
    let beyond = last_of_blob.filter(|_| is_sequential).map_or(last_wanted, |last| last.min(last_wanted + 1));
    beyond.min(at.saturating_add(ahead)).max(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn size(bytes: u64) -> SliceSize {
        SliceSize::new(bytes).expect("not zero")
    }

    #[test]
    fn a_small_range_touches_one_slice_and_two_where_it_lies_on_the_border() {
        assert_eq!(size(4096).touched_by(ByteRange { first: 0, last: 0 }), 0..=0);
        assert_eq!(size(4096).touched_by(ByteRange { first: 4095, last: 4095 }), 0..=0);
        assert_eq!(size(4096).touched_by(ByteRange { first: 4095, last: 4096 }), 0..=1);
        assert_eq!(size(1).touched_by(ByteRange { first: 7, last: 9 }), 7..=9);
        assert_eq!(size(4096).end_of(u64::MAX / 4096), u64::MAX, "no overflow at the end of all numbers");
    }

    fn ahead(at: u64, last_wanted: u64, is_sequential: bool, last_of_blob: Option<u64>) -> u64 {
        read_ahead_to(Progress { at, last_wanted, is_sequential, last_of_blob }, 2)
    }

    #[test]
    fn nothing_is_fetched_ahead_of_one_small_range() {
        assert_eq!(ahead(5, 5, false, Some(100)), 5);
    }

    #[test]
    fn a_long_range_is_fetched_ahead_within_the_bound_and_its_end() {
        assert_eq!(ahead(5, 100, false, None), 7);
        assert_eq!(ahead(99, 100, false, None), 100);
    }

    #[test]
    fn a_sequential_reader_has_one_slice_more_when_the_blob_has_one() {
        assert_eq!(ahead(5, 5, true, Some(100)), 6);
        assert_eq!(ahead(5, 5, true, Some(5)), 5);
        assert_eq!(ahead(5, 5, true, None), 5, "nobody asks for what may not exist");
    }

    #[test]
    fn read_ahead_can_be_turned_off() {
        assert_eq!(read_ahead_to(Progress { at: 3, last_wanted: 9, is_sequential: true, last_of_blob: Some(9) }, 0), 3);
    }
}
