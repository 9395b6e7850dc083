//! Puts folders with lessons into each other.

use std::collections::{BTreeMap, BTreeSet};

use super::natural_order::natural_order;
use super::outline::{Entry, Lesson, Module};

/// Nests the lessons of every folder by the folders' paths; the root is the empty path. In every folder, lessons and modules
/// stand in natural order of their names.
pub(super) fn tree<'a>(mut lessons_of: BTreeMap<&'a str, Vec<Lesson<'a>>>) -> Vec<Entry<'a>> {
    let mut children: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for &folder in lessons_of.keys() {
        let mut child = folder;
        while !child.is_empty() {
            let parent = parent(child);
            children.entry(parent).or_default().insert(child);
            child = parent;
        }
    }
    entries("", &children, &mut lessons_of)
}

fn entries<'a>(
    folder: &str,
    children: &BTreeMap<&str, BTreeSet<&'a str>>,
    lessons_of: &mut BTreeMap<&'a str, Vec<Lesson<'a>>>,
) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> =
        lessons_of.remove(folder).unwrap_or_default().into_iter().map(Entry::Lesson).collect();
    for &child in children.get(folder).into_iter().flatten() {
        entries.push(Entry::Module(Module { folder: child, entries: self::entries(child, children, lessons_of) }));
    }
    entries.sort_by(|one, other| natural_order(name(one), name(other)));
    entries
}

/// What an entry is sorted by.
fn name<'e>(entry: &'e Entry<'_>) -> &'e str {
    match entry {
        Entry::Lesson(lesson) => lesson.stem,
        Entry::Module(module) => module.name(),
    }
}

fn parent(folder: &str) -> &str {
    folder.rsplit_once('/').map_or("", |(parent, _)| parent)
}
