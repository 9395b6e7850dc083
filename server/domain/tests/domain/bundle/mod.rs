//! Bundles: ZIP files that are never written, read by everything that reads ZIP files.

mod entries;
mod layout;
mod readers;
mod virtual_file;

use stowaway_domain::Digest;
use stowaway_domain::bundle::{BundleEntry, BundleLayout};
use virtual_file::content_of;

/// An entry whose content is `content_of` its digest.
fn entry(path: &str, size: u64) -> BundleEntry {
    let digest = Digest::of(path.as_bytes());
    let content = content_of(&digest, 0, usize::try_from(size).unwrap());
    BundleEntry { path: path.parse().unwrap(), digest, size, crc32: crc32fast::hash(&content) }
}

fn layout(entries: Vec<BundleEntry>) -> BundleLayout {
    BundleLayout::plan(&"field-recording".parse().unwrap(), entries).unwrap()
}

/// Small files: some empty, one in a folder, one whose name is not ASCII.
fn small_files() -> Vec<BundleEntry> {
    vec![
        entry("01-basics/01-welcome.mp4", 70_000),
        entry("empty.txt", 0),
        entry("Lektion 2/Über uns — 第一課.m4a", 300),
        entry("last.txt", 1),
    ]
}
