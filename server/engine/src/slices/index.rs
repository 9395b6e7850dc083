//! What is in the cache, in memory: slices by use, open files, slices being filled, and where readers stopped. No I/O.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use stowaway_domain::Digest;
use stowaway_domain::recency::Recency;

use super::ends::Ends;
use super::fill::Fill;
use super::folder::{Held, SliceId};

/// Blobs whose size is remembered for read-ahead: a few hundred kilobytes.
const REMEMBERED: u64 = 4096;

/// A slice as a reader finds it.
pub(super) enum Found {
    /// On disk, and open.
    Open { file: Arc<File>, len: u64 },
    /// On disk.
    Closed(Held),
    /// On its way.
    Filling(Arc<Fill>),
    /// Not here.
    Missing,
}

/// Everything the cache knows. Held under one lock, for moments.
#[derive(Default)]
pub(super) struct Index {
    held: Recency<SliceId, Held>,
    open: Recency<SliceId, Arc<File>>,
    filling: HashMap<SliceId, Arc<Fill>>,
    /// Where readers stopped.
    pub(super) ends: Ends,
    /// Sizes of blobs that were fetched from.
    blob_bytes: Recency<Digest, u64>,
    /// The folder failed: nothing is written until then.
    pub(super) resting_until: Option<Instant>,
}

impl Index {
    pub(super) fn find(&mut self, id: SliceId) -> Found {
        match self.held.get(&id).copied() {
            Some(held) => match self.open.get(&id) {
                Some(file) => Found::Open { file: Arc::clone(file), len: held.len },
                None => Found::Closed(held),
            },
            None => self.filling.get(&id).map_or(Found::Missing, |fill| Found::Filling(Arc::clone(fill))),
        }
    }

    /// Notes a slice that lies in the folder.
    pub(super) fn hold(&mut self, id: SliceId, held: Held) {
        self.held.insert(id, held, held.len);
    }

    /// Keeps the file of a slice open, `bound` files in all; nothing when the slice was given up meanwhile.
    pub(super) fn keep_open(&mut self, id: SliceId, file: Arc<File>, bound: u64) {
        if let Some(held) = self.held.get(&id) {
            held.is_checked = true;
            self.open.insert(id, file, 1);
            self.open.shrink_to(bound);
        }
    }

    /// Gives a slice up.
    pub(super) fn forget(&mut self, id: SliceId) -> Option<Held> {
        self.open.remove(&id);
        self.held.remove(&id)
    }

    /// Closes all files, and believes none of them.
    pub(super) fn distrust(&mut self) {
        self.open.shrink_to(0);
        for held in self.held.values_mut() {
            held.is_checked = false;
        }
    }

    /// Gives up what was not used for longest, so that all slices, those being filled counted as whole, have at most `bound` bytes.
    pub(super) fn make_room(&mut self, bound: u64, slice_bytes: u64) -> Vec<(SliceId, Held)> {
        let filling_bytes = slice_bytes.saturating_mul(self.filling.len() as u64);
        let given_up = self.held.shrink_to(bound.saturating_sub(filling_bytes));
        for (id, _) in &given_up {
            self.open.remove(id);
        }
        given_up
    }

    pub(super) fn begin(&mut self, id: SliceId, fill: Arc<Fill>) {
        self.filling.insert(id, fill);
    }

    /// Takes a fill that has ended out.
    pub(super) fn end(&mut self, id: SliceId, fill: &Arc<Fill>) {
        if self.filling.get(&id).is_some_and(|other| Arc::ptr_eq(other, fill)) {
            self.filling.remove(&id);
        }
    }

    /// Fills that have not ended.
    pub(super) fn fills(&self) -> usize {
        self.filling.len()
    }

    pub(super) fn note_blob_bytes(&mut self, digest: Digest, bytes: u64) {
        self.blob_bytes.insert(digest, bytes, 1);
        self.blob_bytes.shrink_to(REMEMBERED);
    }

    pub(super) fn blob_bytes(&mut self, digest: &Digest) -> Option<u64> {
        self.blob_bytes.get(digest).copied()
    }

    /// Bytes and number of the slices in the folder.
    pub(super) fn totals(&self) -> (u64, usize) {
        (self.held.weight(), self.held.len())
    }
}
