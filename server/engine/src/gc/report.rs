//! What a gc found and did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How many, and how large.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// Bytes of all of them.
    pub bytes: u64,
}

impl Tally {
    pub(super) const fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

/// What was removed; of a dry run, what would have been.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GcReport {
    /// Nothing was removed, only counted.
    pub dry_run: bool,
    /// Releases that were retired: their addresses answer 410, and what only they need goes when the grace is over.
    pub releases_retired: u64,
    /// Retired releases whose grace was over, so that nothing is kept for them any more.
    pub releases_swept: u64,
    /// Old events that were taken out of the outbox.
    pub events_removed: u64,
    /// Objects looked at.
    pub objects_examined: u64,
    /// Objects that nobody needs, by kind.
    pub objects: BTreeMap<String, Tally>,
    /// Files that killed uploads left in a local store.
    pub staged: Tally,
    /// What nobody needs but is too young to be removed.
    pub young: Tally,
    /// Objects that an earlier gc had decided on and not removed.
    pub left_behind: u64,
}

impl GcReport {
    /// Everything that was removed.
    #[must_use]
    pub fn total(&self) -> Tally {
        let tallies = self.objects.values().chain([&self.staged]);
        tallies.fold(Tally::default(), |sum, tally| Tally {
            count: sum.count + tally.count,
            bytes: sum.bytes + tally.bytes,
        })
    }

    pub(super) fn progress(&self, area: &str) -> GcProgress {
        GcProgress { area: area.to_owned(), objects_examined: self.objects_examined, removed: self.total() }
    }
}

/// How far a gc is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GcProgress {
    /// The part of the store that it goes through.
    pub area: String,
    /// Objects looked at.
    pub objects_examined: u64,
    /// What was removed so far.
    pub removed: Tally,
}
