//! Which lesson is which: identifiers are minted once and kept, found again by path, and by content after a rename. Pure.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use stowaway_domain::{AssetPath, Digest};

use crate::db::ItemRow;

/// Gives every lesson its identifier: the one its path has, else the one of a lesson whose path is gone and whose content
/// is the same, else a new one.
pub(super) fn assign(
    lessons: &[(AssetPath, Digest)],
    known: &[ItemRow],
    mut mint: impl FnMut() -> String,
) -> BTreeMap<AssetPath, String> {
    let by_path: BTreeMap<&AssetPath, &ItemRow> = known.iter().map(|item| (&item.path, item)).collect();
    let kept: HashSet<&AssetPath> = lessons.iter().map(|(path, _)| path).collect();
    let mut renamed: HashMap<Digest, VecDeque<&ItemRow>> = HashMap::new();
    for item in known.iter().filter(|item| !kept.contains(&item.path)) {
        renamed.entry(item.digest).or_default().push_back(item);
    }
    let mut assigned = BTreeMap::new();
    for (path, digest) in lessons {
        let by_content = || Some(renamed.get_mut(digest)?.pop_front()?.identifier.clone());
        let identifier = by_path.get(path).map(|item| item.identifier.clone()).or_else(by_content);
        assigned.insert(path.clone(), identifier.unwrap_or_else(&mut mint));
    }
    assigned
}

/// A new identifier.
pub(super) fn mint() -> String {
    format!("urn:uuid:{}", uuid::Uuid::now_v7())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> AssetPath {
        text.parse().expect("a path")
    }

    fn item(identifier: &str, at: &str, content: &str) -> ItemRow {
        ItemRow { identifier: identifier.to_owned(), path: path(at), digest: Digest::of(content.as_bytes()) }
    }

    fn assigned(lessons: &[(&str, &str)], known: &[ItemRow]) -> Vec<String> {
        let lessons: Vec<_> = lessons.iter().map(|(at, content)| (path(at), Digest::of(content.as_bytes()))).collect();
        let mut minted = 0;
        let map = assign(&lessons, known, || {
            minted += 1;
            format!("new-{minted}")
        });
        lessons.iter().map(|(at, _)| map[at].clone()).collect()
    }

    #[test]
    fn a_changed_lesson_keeps_its_identifier() {
        assert_eq!(assigned(&[("01.mp3", "better")], &[item("a", "01.mp3", "first")]), ["a"]);
    }

    #[test]
    fn a_renamed_lesson_keeps_its_identifier() {
        assert_eq!(assigned(&[("02.mp3", "same")], &[item("a", "01.mp3", "same")]), ["a"]);
    }

    #[test]
    fn a_copy_of_a_lesson_that_is_still_there_is_a_new_one() {
        let known = [item("a", "01.mp3", "same")];
        assert_eq!(assigned(&[("01.mp3", "same"), ("02.mp3", "same")], &known), ["a", "new-1"]);
    }

    #[test]
    fn two_renamed_lessons_of_one_content_share_nothing() {
        let known = [item("a", "01.mp3", "same"), item("b", "02.mp3", "same")];
        assert_eq!(
            assigned(&[("03.mp3", "same"), ("04.mp3", "same"), ("05.mp3", "same")], &known),
            ["a", "b", "new-1"]
        );
    }

    #[test]
    fn swapped_names_go_by_path() {
        let known = [item("a", "01.mp3", "one"), item("b", "02.mp3", "two")];
        assert_eq!(assigned(&[("01.mp3", "two"), ("02.mp3", "one")], &known), ["a", "b"]);
    }
}
