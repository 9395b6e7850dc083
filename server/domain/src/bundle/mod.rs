//! The bundle: a release, or a selection of it, as one ZIP file that nobody ever writes.
//!
//! The file is laid out from names, sizes and CRC-32s alone: entries are stored without compression in manifest order, each
//! with its sizes in front (no data descriptors), ZIP64 only where a number does not fit, then the central directory. Nothing
//! depends on a clock, so that every replica gives the same bytes, any range of them can be found at once, and the total is
//! known before the first byte. This module never sees the content.

mod entries;
mod error;
mod record;
mod segments;

pub use entries::{BundleEntry, entries_of};
pub use error::BundleError;
pub use segments::{BundleSegment, Segments};

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use crate::range::ByteRange;
use crate::{Digest, Tag};
use record::Record;

/// Media type of a bundle.
pub const MEDIA_TYPE: &str = "application/zip";
/// Changes when the same entries are laid out in other bytes, so that entity tags change with them.
const LAYOUT_VERSION: &[u8] = b"stowaway bundle 1\n";

/// Where every byte of a bundle comes from. Holds a few numbers and the name of each entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleLayout {
    placed: Vec<Placed>,
    /// Where the central directory begins, which is where the last entry ends.
    directory_offset: u64,
    /// Where the central directory ends and the end records begin.
    directory_end: u64,
    /// The last bytes of the file.
    end_records: Vec<u8>,
    digest: Digest,
}

/// An entry and where its two records lie.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Placed {
    record: Record,
    digest: Digest,
    /// Where its record in the central directory begins, from the start of the file.
    directory_offset: u64,
}

impl BundleLayout {
    /// Lays out `entries` in the order given, in one folder named like the tag.
    ///
    /// # Errors
    /// A path twice, or more bytes than a file can have.
    pub fn plan(root: &Tag, entries: Vec<BundleEntry>) -> Result<Self, BundleError> {
        let mut placed = Vec::with_capacity(entries.len());
        let mut paths = HashSet::with_capacity(entries.len());
        let mut offset = 0_u64;
        for entry in entries {
            let name = format!("{root}/{}", entry.path);
            let record = Record { name: name.into(), size: entry.size, crc32: entry.crc32, offset };
            offset = offset.checked_add(record.local_len()).ok_or(BundleError::TooLarge)?;
            offset = offset.checked_add(entry.size).ok_or(BundleError::TooLarge)?;
            placed.push(Placed { record, digest: entry.digest, directory_offset: 0 });
            if let Some(path) = paths.replace(entry.path) {
                return Err(BundleError::Twice { path });
            }
        }
        let directory_offset = offset;
        for entry in &mut placed {
            entry.directory_offset = offset;
            offset = offset.checked_add(entry.record.directory_len()).ok_or(BundleError::TooLarge)?;
        }
        let end_records = record::end_records(placed.len() as u64, directory_offset, offset - directory_offset);
        offset.checked_add(end_records.len() as u64).ok_or(BundleError::TooLarge)?;
        let digest = digest_of(&placed);
        Ok(Self { placed, directory_offset, directory_end: offset, end_records, digest })
    }

    /// The exact size of the file.
    #[must_use]
    pub const fn total_size(&self) -> u64 {
        self.directory_end + self.end_records.len() as u64
    }

    /// About what the layout itself takes in memory.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let names: usize = self.placed.iter().map(|placed| placed.record.name.len()).sum();
        size_of_val(self.placed.as_slice()) + names + self.end_records.len() + size_of::<Self>()
    }

    /// SHA-256 of what the file is made from: it fixes the bytes, but is not their own digest.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The strong entity tag `"zip:<64 hex>"`, quotes included.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"zip:{}\"", self.digest.hex())
    }

    /// Where the bytes of `range` come from, in order; what lies beyond the end is left out. Finding the first takes a binary
    /// search, each further one a step.
    #[must_use]
    pub fn segments(&self, range: ByteRange) -> Segments<'_> {
        Segments::new(self, range)
    }
}

/// Hashes everything that decides about the bytes.
fn digest_of(placed: &[Placed]) -> Digest {
    let mut hasher = Sha256::new_with_prefix(LAYOUT_VERSION);
    for Placed { record, digest, .. } in placed {
        hasher.update((record.name.len() as u64).to_le_bytes());
        hasher.update(record.name.as_bytes());
        hasher.update(digest.as_bytes());
        hasher.update(record.size.to_le_bytes());
        hasher.update(record.crc32.to_le_bytes());
    }
    Digest::from_bytes(hasher.finalize().into())
}
