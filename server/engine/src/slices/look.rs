//! A look into the index for a whole range: mostly all of it is there and open, and nothing has to be waited for.

use std::sync::Arc;

use stowaway_domain::Digest;
use stowaway_domain::range::ByteRange;
use stowaway_domain::slice::{Progress, read_ahead_to};

use super::folder::SliceId;
use super::index::{Found, Index};
use super::inner::Inner;
use super::origin::OriginRef;
use super::{CacheStatus, Stretches};
use crate::span::Span;

/// Ranges of no more slices than this are answered at once when all of them are open; longer ones open one after the other.
const AT_ONCE: u64 = 4;

/// What a look gave.
pub(super) enum Looked {
    /// All bytes.
    AllOpen(Stretches),
    /// What there is of them.
    Other { status: CacheStatus, is_sequential: bool },
}

impl Inner {
    /// Looks a range up, without waiting for anything.
    pub(super) fn look(self: &Arc<Self>, origin: OriginRef<'_>, digest: Digest, range: ByteRange) -> Looked {
        let mut touched = self.options.slice_size.touched_by(range);
        let (first, last) = (*touched.start(), *touched.end());
        let mut index = self.index();
        let is_sequential = index.ends.follows(digest, range.first, range.end());
        let all = match last - first {
            0 => self.open_part(&mut index, digest, first, range).map(Stretches::One),
            1..AT_ONCE => {
                let parts = (first..=last).map(|number| self.open_part(&mut index, digest, number, range));
                parts.collect::<Option<_>>().map(Stretches::All)
            }
            _ => None,
        };
        if let Some(stretches) = all {
            drop(index);
            self.counts.hits.increment(last - first + 1);
            if is_sequential {
                self.read_ahead(origin, SliceId { digest, number: last }, last, true);
            }
            return Looked::AllOpen(stretches);
        }
        let status = touched.find_map(|number| match index.find(SliceId { digest, number }) {
            Found::Open { .. } | Found::Closed(_) => None,
            Found::Filling(_) | Found::Missing if number > first => Some(CacheStatus::Partial),
            Found::Filling(_) => Some(CacheStatus::Collapsed),
            Found::Missing => Some(CacheStatus::Miss),
        });
        drop(index);
        let status = match status.unwrap_or(CacheStatus::Hit) {
            CacheStatus::Miss if !self.may_fill() => CacheStatus::Bypass,
            status => status,
        };
        Looked::Other { status, is_sequential }
    }

    /// The bytes of a range that lie in one slice, if that is open.
    fn open_part(&self, index: &mut Index, digest: Digest, number: u64, range: ByteRange) -> Option<Span> {
        let Found::Open { file, len } = index.find(SliceId { digest, number }) else { return None };
        let size = self.options.slice_size;
        let start = size.start_of(number);
        let offset = range.first.max(start) - start;
        let end = range.end().min(size.end_of(number)) - start;
        (len >= end).then(|| Span::File { file, offset, len: end - offset })
    }

    /// Has what a reader comes to next fetched while it reads the slice `at`.
    pub(super) fn read_ahead(
        self: &Arc<Self>,
        origin: OriginRef<'_>,
        at: SliceId,
        last_wanted: u64,
        is_sequential: bool,
    ) {
        let size = self.options.slice_size;
        let last_of_blob = if is_sequential { self.index().blob_bytes(&at.digest) } else { None };
        let last_of_blob = last_of_blob.map(|bytes| size.number_at(bytes.saturating_sub(1)));
        let progress = Progress { at: at.number, last_wanted, is_sequential, last_of_blob };
        for number in at.number + 1..=read_ahead_to(progress, self.options.read_ahead_slices) {
            self.fetch_ahead(origin, SliceId { digest: at.digest, number });
        }
    }
}
