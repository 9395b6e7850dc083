//! Bundles. Input: the first byte and the last byte of a range in decimal, each on a line, then a line a file: `SIZE PATH`.

#![no_main]

use std::io::{Cursor, Read as _};

use libfuzzer_sys::fuzz_target;
use stowaway_domain::Digest;
use stowaway_domain::bundle::{BundleEntry, BundleError, BundleLayout, BundleSegment};
use stowaway_domain::range::ByteRange;
use stowaway_fuzz::input::text;

/// Up to here the whole file is made and read by a ZIP reader.
const SMALL_BYTES: u64 = 64 * 1024;

fuzz_target!(|data: &[u8]| {
    let Some(text) = text(data) else { return };
    let mut lines = text.split('\n');
    let mut number = || lines.next().and_then(|line| line.parse::<u64>().ok()).unwrap_or(0);
    let (first, last) = (number(), number());
    let entries: Vec<BundleEntry> = lines.filter_map(entry_of).collect();
    let Ok(root) = "root".parse() else { return };
    let layout = match BundleLayout::plan(&root, entries.clone()) {
        Ok(layout) => layout,
        Err(BundleError::Twice { path }) => {
            return assert!(entries.iter().filter(|entry| entry.path == path).count() > 1);
        }
        Err(BundleError::TooLarge) => {
            return assert!(
                entries.iter().map(|entry| u128::from(entry.size)).sum::<u128>() > u128::from(u64::MAX / 2)
            );
        }
        Err(other) => panic!("{other}"),
    };
    check_range(&layout, &entries, ByteRange { first, last: last.max(first) });
    if layout.total_size() <= SMALL_BYTES {
        check_whole(&layout, &entries, first, last);
    }
});

/// The bytes of a file are those of its digest, again and again: known without being stored.
fn content(digest: &Digest, range: ByteRange) -> Vec<u8> {
    (range.first..=range.last).map(|at| digest.as_bytes()[usize::try_from(at % 31).unwrap_or(0)]).collect()
}

fn entry_of(line: &str) -> Option<BundleEntry> {
    let (size, path) = line.split_once(' ')?;
    let (size, digest) = (size.parse().ok()?, Digest::of(line.as_bytes()));
    let crc32 = ByteRange::whole(size)
        .filter(|_| size <= SMALL_BYTES)
        .map_or(0, |whole| crc32fast::hash(&content(&digest, whole)));
    Some(BundleEntry { path: path.parse().ok()?, digest, size, crc32 })
}

/// Segments are never empty, stay within their blobs, and come to exactly the range, however large the bundle.
fn check_range(layout: &BundleLayout, entries: &[BundleEntry], range: ByteRange) {
    let expected = range.last.saturating_add(1).min(layout.total_size()).saturating_sub(range.first);
    let mut total = 0_u64;
    for segment in layout.segments(range) {
        assert!(segment.len() > 0);
        total += segment.len();
        if let BundleSegment::Blob { digest, range } = segment {
            assert!(
                entries
                    .iter()
                    .any(|entry| entry.digest == digest && range.first <= range.last && range.last < entry.size)
            );
        }
    }
    assert_eq!(total, expected, "{range:?} of {}", layout.total_size());
}

fn bytes_of(layout: &BundleLayout, range: ByteRange) -> Vec<u8> {
    let one = |segment| match segment {
        BundleSegment::Text(text) => text.to_vec(),
        BundleSegment::Blob { digest, range } => content(&digest, range),
    };
    layout.segments(range).flat_map(one).collect()
}

/// A part is a part of the whole, and a ZIP reader finds every file in it as it was.
fn check_whole(layout: &BundleLayout, entries: &[BundleEntry], first: u64, last: u64) {
    let whole = bytes_of(layout, ByteRange { first: 0, last: layout.total_size() - 1 });
    assert_eq!(whole.len() as u64, layout.total_size());
    let cut = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(whole.len());
    let (from, to) = (cut(first), cut(last.max(first).saturating_add(1)));
    assert_eq!(bytes_of(layout, ByteRange { first, last: last.max(first) }), whole[from..to.max(from)]);
    let mut archive = zip::ZipArchive::new(Cursor::new(whole)).expect("a ZIP reader opens it");
    assert_eq!(archive.len(), entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let mut file = archive.by_index(index).expect("the file is there");
        assert_eq!(file.name().expect("the name is UTF-8"), format!("root/{}", entry.path).as_str());
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("it can be read, and its checksum is right");
        assert_eq!(bytes, ByteRange::whole(entry.size).map_or_else(Vec::new, |whole| content(&entry.digest, whole)));
    }
}
