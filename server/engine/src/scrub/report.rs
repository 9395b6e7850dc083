//! What a scrub found.

use std::collections::HashSet;

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

    /// The keys of those that are named and were not mended here.
    pub(super) fn open(&self) -> impl Iterator<Item = &str> {
        self.damage.iter().filter(|damage| !damage.is_mended).map(|damage| damage.key.as_str())
    }

    /// Leaves out what somebody else has mended since it was found. `damaged` are those of [`Self::open`] that still are, of `in_all` that
    /// the database knows; of those that are not named there cannot be more than the rest.
    pub(super) fn settle(&mut self, damaged: &HashSet<String>, in_all: u64) {
        let unnamed = self.remaining() - self.open().count() as u64;
        self.damage.retain(|damage| damage.is_mended || damaged.contains(&damage.key));
        let named = self.open().count() as u64;
        self.damaged = self.mended + named + unnamed.min(in_all.saturating_sub(named));
    }

    pub(super) fn add(&mut self, damage: Damage) {
        self.damaged += 1;
        self.mended += u64::from(damage.is_mended);
        if self.damage.len() < MOST_NAMED {
            self.damage.push(damage);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damage(number: usize, is_mended: bool) -> Damage {
        Damage { key: format!("blobs/{number}"), reason: String::new(), is_mended, needed_by: Vec::new() }
    }

    #[test]
    fn what_was_mended_since_is_neither_named_nor_counted() {
        let mut report = ScrubReport::default();
        (0..3).for_each(|number| report.add(damage(number, number == 0)));
        assert_eq!(report.open().collect::<Vec<_>>(), ["blobs/1", "blobs/2"]);
        report.settle(&HashSet::from(["blobs/2".to_owned()]), 7);
        assert_eq!((report.damaged, report.mended, report.remaining()), (2, 1, 1));
        assert_eq!(report.damage, [damage(0, true), damage(2, false)]);
    }

    #[test]
    fn of_what_is_not_named_no_more_remains_than_the_database_knows() {
        let mut report = ScrubReport::default();
        (0..MOST_NAMED + 500).for_each(|number| report.add(damage(number, false)));
        let named: HashSet<String> = report.open().map(str::to_owned).collect();
        let after = |damaged: &HashSet<String>, in_all| {
            let mut report = report.clone();
            report.settle(damaged, in_all);
            report.remaining()
        };
        assert_eq!(after(&named, 1500), 1500);
        assert_eq!(after(&named, 9000), 1500, "others found that");
        assert_eq!(after(&named, 1003), 1003);
        assert_eq!(after(&HashSet::new(), 0), 0);
    }
}
