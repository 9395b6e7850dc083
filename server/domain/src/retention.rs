//! Which old releases a tag may let go.

/// For how long releases stay. With both rules a release stays while either keeps it; with none, for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// The newest so many stay; 0 is no such rule.
    pub keep_releases: u64,
    /// Those published within so many days stay; 0 is no such rule.
    pub keep_days: u64,
}

/// A release that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Present {
    /// Its number.
    pub number: u64,
    /// Whole days since it was published.
    pub age_days: u64,
}

impl Retention {
    /// Whether everything stays for ever.
    #[must_use]
    pub const fn is_for_ever(self) -> bool {
        self.keep_releases == 0 && self.keep_days == 0
    }

    /// The numbers of the releases that may go. The current one stays, the one before it, and what is newer than the current one
    /// (which is there after a rollback), whatever the rules say.
    #[must_use]
    pub fn retired(self, releases: &[Present], current: u64) -> Vec<u64> {
        if self.is_for_ever() {
            return Vec::new();
        }
        let mut newest_first: Vec<Present> = releases.to_vec();
        newest_first.sort_by_key(|release| std::cmp::Reverse(release.number));
        let previous = newest_first.iter().map(|release| release.number).find(|number| *number < current);
        let is_kept = |at: usize, release: &Present| {
            let by_count = self.keep_releases > 0 && (at as u64) < self.keep_releases;
            let by_age = self.keep_days > 0 && release.age_days < self.keep_days;
            by_count || by_age || release.number >= current || Some(release.number) == previous
        };
        let retired = newest_first.iter().enumerate().filter(|(at, release)| !is_kept(*at, release));
        retired.map(|(_, release)| release.number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged(ages: &[(u64, u64)]) -> Vec<Present> {
        ages.iter().map(|&(number, age_days)| Present { number, age_days }).collect()
    }

    fn retired(keep_releases: u64, keep_days: u64, current: u64) -> Vec<u64> {
        let releases = aged(&[(1, 100), (2, 50), (3, 40), (4, 10), (5, 1)]);
        Retention { keep_releases, keep_days }.retired(&releases, current)
    }

    #[test]
    fn without_rules_everything_stays() {
        assert_eq!(retired(0, 0, 5), Vec::<u64>::new());
    }

    #[test]
    fn the_newest_stay_by_count_the_young_by_age_and_either_is_enough() {
        assert_eq!(retired(3, 0, 5), [2, 1]);
        assert_eq!(retired(0, 45, 5), [2, 1]);
        assert_eq!(retired(3, 60, 5), [1]);
        assert_eq!(retired(4, 20, 5), [1]);
    }

    #[test]
    fn the_current_release_and_the_one_before_always_stay() {
        assert_eq!(retired(1, 0, 5), [3, 2, 1]);
        assert_eq!(retired(0, 1, 5), [3, 2, 1]);
        assert_eq!(Retention { keep_releases: 1, keep_days: 0 }.retired(&aged(&[(7, 900)]), 7), Vec::<u64>::new());
        // Numbers have gaps where releases went before.
        assert_eq!(Retention { keep_releases: 1, keep_days: 0 }.retired(&aged(&[(2, 9), (5, 8), (9, 1)]), 9), [2]);
    }

    #[test]
    fn after_a_rollback_what_is_newer_stays_too() {
        assert_eq!(retired(1, 0, 3), [1]);
        assert_eq!(retired(0, 1, 2), Vec::<u64>::new());
    }
}
