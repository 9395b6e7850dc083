//! The order in which people count: 2 before 10, whatever the zeros and the case.

use std::cmp::Ordering;

/// Orders names naturally. Total: names that differ are never equal, so that a folder has one order everywhere.
///
/// ```
/// use stowaway_domain::layout::natural_order;
/// let mut names = ["10 End", "9 middle", "01 Start"];
/// names.sort_by(|one, other| natural_order(one, other));
/// assert_eq!(names, ["01 Start", "9 middle", "10 End"]);
/// ```
#[must_use]
pub fn natural_order(one: &str, other: &str) -> Ordering {
    runs(one).cmp(runs(other)).then_with(|| one.cmp(other))
}

/// A stretch of a name. The order of the variants is the order of numbers and words.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Run {
    /// Digits without leading zeros: the longer is the greater, so that no number is too big to compare.
    Number { digits: usize, text: String },
    /// Anything else, in lower case.
    Word(String),
}

fn runs(name: &str) -> impl Iterator<Item = Run> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let is_number = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|character: char| character.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(if is_number {
            let text = run.trim_start_matches('0').to_owned();
            Run::Number { digits: text.len(), text }
        } else {
            Run::Word(run.to_lowercase())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
        let mut names = names.to_vec();
        names.sort_by(|one, other| natural_order(one, other));
        names
    }

    #[test]
    fn numbers_count_and_leading_zeros_do_not() {
        assert_eq!(sorted(&["10", "2", "01", "1", "002"]), ["01", "1", "002", "2", "10"]);
        assert_eq!(sorted(&["s2e1", "s1e10", "s1e9"]), ["s1e9", "s1e10", "s2e1"]);
    }

    #[test]
    fn numbers_beyond_every_integer_are_still_ordered() {
        let (small, big) = ("9".repeat(40), format!("1{}", "0".repeat(40)));
        assert_eq!(natural_order(&small, &big), Ordering::Less);
    }

    #[test]
    fn case_decides_only_between_names_that_are_otherwise_the_same() {
        assert_eq!(sorted(&["b", "A", "a", "B"]), ["A", "a", "B", "b"]);
    }
}
