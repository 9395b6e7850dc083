//! What a scrub found.

use serde::{Deserialize, Serialize};

/// Damaged objects that are named one by one.
const MOST_NAMED: usize = 1000;

/// A damaged object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// Its key.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
    /// Whether it was mended from the copy.
    pub is_mended: bool,
    /// Who needs it: tag, release and, for a blob, path; the first ten.
    pub needed_by: Vec<String>,
}

/// What was read, and what is damaged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrubReport {
    /// Blobs that were read.
    pub blobs: u64,
    /// Releases whose documents were read.
    pub releases: u64,
    /// Documents that were read, coded forms among them.
    pub documents: u64,
    /// Objects that were damaged or missing.
    pub damaged: u64,
    /// Of these, how many were mended.
    pub mended: u64,
    /// The first thousand of them.
    #[serde(default)]
    pub damage: Vec<Damage>,
}

impl ScrubReport {
    /// How many are still damaged.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.damaged - self.mended
    }

    pub(super) fn add(&mut self, damage: Damage) {
        self.damaged += 1;
        self.mended += u64::from(damage.is_mended);
        if self.damage.len() < MOST_NAMED {
            self.damage.push(damage);
        }
    }
}
