//! Metalinks and the chunks in them.

use std::process::Command;

use insta::assert_snapshot;
use proptest::prelude::*;
use stowaway_domain::Digest;
use stowaway_domain::chunk::{BlobChunks, CHUNK_MIN_BYTES, CHUNKS_MAX, ChunkHasher, ChunkIndex, chunk_length};
use stowaway_domain::metalink::document;

use crate::fixtures::{asset, course, planned};

const MIB: usize = 1 << 20;

fn chunks_of(bytes: &[u8], size: u64) -> Vec<Digest> {
    let mut hasher = ChunkHasher::new(size);
    hasher.update(bytes);
    hasher.finish()
}

fn index_of(digest: Digest, bytes: &[u8]) -> ChunkIndex {
    let size = bytes.len() as u64;
    ChunkIndex::new(vec![BlobChunks { digest, length: chunk_length(size), chunks: chunks_of(bytes, size) }])
}

fn no_chunks() -> ChunkIndex {
    ChunkIndex::new(Vec::new())
}

#[test]
fn a_metalink_of_a_course() {
    let chunks = index_of(Digest::of(b"cover.jpg"), &vec![7; 2 * MIB + 1]);
    assert_snapshot!(document(&planned(course()).manifest, Some("https://example.org/"), &chunks));
}

#[test]
fn a_file_that_is_one_chunk_has_no_list_of_chunks() {
    let chunks = index_of(Digest::of(b"1.mp3"), b"12345");
    assert_eq!(chunks.blobs, []);
    let text = document(&planned(vec![asset("1.mp3", 5)]).manifest, None, &chunks);
    assert!(!text.contains("<pieces"), "{text}");
    assert!(text.contains("<url>/blobs/"), "without origin, addresses are relative: {text}");
}

#[test]
fn a_chunk_index_lists_each_blob_once_by_digest_and_finds_it() {
    let blob = |name: &[u8]| BlobChunks {
        digest: Digest::of(name),
        length: CHUNK_MIN_BYTES,
        chunks: vec![Digest::of(name), Digest::of(b"")],
    };
    let index = ChunkIndex::new(vec![blob(b"a"), blob(b"b"), blob(b"c"), blob(b"a")]);
    assert_eq!(index.to_bytes(), ChunkIndex::new(vec![blob(b"c"), blob(b"b"), blob(b"a")]).to_bytes());
    for name in [b"a", b"b", b"c"] {
        assert_eq!(index.find(&Digest::of(name)), Some(&blob(name)));
    }
    assert_eq!(index.find(&Digest::of(b"d")), None);
    let read: ChunkIndex = serde_json::from_slice(&index.to_bytes()).unwrap();
    assert_eq!(read, index);
}

#[test]
fn the_chunk_index_of_a_release_is_canonical_and_named_by_its_digest() {
    let mut large = asset("1.mp3", 2 * CHUNK_MIN_BYTES);
    large.content.chunks = vec![Digest::of(b"1"), Digest::of(b"2")];
    let release = planned(vec![large.clone(), asset("2.mp3", 5)]);
    assert_eq!(release.chunks_digest, Digest::of(&release.chunks_bytes));
    let index: ChunkIndex = serde_json::from_slice(&release.chunks_bytes).unwrap();
    assert_eq!(index.blobs, [large.content.blob_chunks()]);
}

#[test]
fn names_that_xml_would_trip_over_are_read_back_the_same() {
    let names = ["a&b <c> \"d\" 'e'.mp3", "]]>.mp3", "Über 第一課.mp3"];
    let manifest = planned(names.iter().zip(1..).map(|(name, size)| asset(name, size)).collect()).manifest;
    let script = "import sys, xml.etree.ElementTree as e\n\
                  m = '{urn:ietf:params:xml:ns:metalink}'\n\
                  print(*sorted(f.get('name') for f in e.fromstring(sys.argv[1].encode()).iter(m + 'file')), sep='\\n')";
    let output =
        Command::new("python3").args(["-X", "utf8", "-c", script, &document(&manifest, None, &no_chunks())]).output();
    let output = output.expect("python3 is needed by this test, install it");
    let mut expected: Vec<String> = names.iter().map(|name| format!("field-recording/{name}")).collect();
    expected.sort();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn characters_that_xml_cannot_hold_are_replaced() {
    let text = document(&planned(vec![asset("a\u{ffff}b.mp3", 1)]).manifest, None, &no_chunks());
    assert!(text.contains("a\u{fffd}b.mp3"), "{text}");
}

#[test]
fn chunks_grow_with_the_file_so_that_there_are_never_too_many() {
    for (size, length) in [(0, 1), (1, 1), (2048 << 20, 1), ((2048 << 20) + 1, 2), (1 << 40, 512)] {
        assert_eq!(chunk_length(size), length * CHUNK_MIN_BYTES, "{size}");
    }
    assert!(u64::MAX.div_ceil(chunk_length(u64::MAX)) <= CHUNKS_MAX);
}

#[test]
fn an_empty_blob_has_no_chunks_and_a_full_one_no_empty_last() {
    assert_eq!(chunks_of(b"", 0), []);
    let full = vec![1; MIB];
    assert_eq!(chunks_of(&full, CHUNK_MIN_BYTES), [Digest::of(&full)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn chunks_do_not_depend_on_how_a_file_is_read(size in 0_usize..3 * MIB, step in 1_usize..2 * MIB) {
        let bytes: Vec<u8> = (0..size).map(|index| (index % 251) as u8).collect();
        let mut hasher = ChunkHasher::new(size as u64);
        for stretch in bytes.chunks(step) {
            hasher.update(stretch);
        }
        let expected: Vec<Digest> = bytes.chunks(MIB).map(Digest::of).collect();
        prop_assert_eq!(hasher.finish(), expected);
    }
}
