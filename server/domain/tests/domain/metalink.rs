//! Metalinks and the chunks in them.

use std::process::Command;

use insta::assert_snapshot;
use proptest::prelude::*;
use stowaway_domain::chunk::{CHUNK_MIN_BYTES, CHUNKS_MAX, ChunkHasher, ChunkIndex, chunk_length};
use stowaway_domain::metalink::document;
use stowaway_domain::{Digest, StoreKey};

use crate::fixtures::{asset, course, planned};

const MIB: usize = 1 << 20;

fn index_of(bytes: &[u8], size: u64) -> ChunkIndex {
    let mut hasher = ChunkHasher::new(size);
    hasher.update(bytes);
    hasher.finish(Digest::of(bytes))
}

#[test]
fn a_metalink_of_a_course() {
    let chunks = |digest: &Digest| {
        (*digest == Digest::of(b"cover.jpg")).then(|| index_of(&vec![7; 2 * MIB + 1], 2 * CHUNK_MIN_BYTES + 1))
    };
    assert_snapshot!(document(&planned(course()).manifest, "https://example.org/", chunks));
}

#[test]
fn a_file_that_is_one_chunk_has_no_list_of_chunks() {
    let text = document(&planned(vec![asset("1.mp3", 5)]).manifest, "", |_| Some(index_of(b"12345", 5)));
    assert!(!text.contains("<pieces"), "{text}");
    assert!(text.contains("<url>/blobs/"), "without origin, addresses are relative: {text}");
}

#[test]
fn names_that_xml_would_trip_over_are_read_back_the_same() {
    let names = ["a&b <c> \"d\" 'e'.mp3", "]]>.mp3", "Über 第一課.mp3"];
    let manifest = planned(names.iter().zip(1..).map(|(name, size)| asset(name, size)).collect()).manifest;
    let script = "import sys, xml.etree.ElementTree as e\n\
                  m = '{urn:ietf:params:xml:ns:metalink}'\n\
                  print(*sorted(f.get('name') for f in e.fromstring(sys.argv[1].encode()).iter(m + 'file')), sep='\\n')";
    let output =
        Command::new("python3").args(["-X", "utf8", "-c", script, &document(&manifest, "", |_| None)]).output();
    let output = output.expect("python3 is needed by this test, install it");
    let mut expected: Vec<String> = names.iter().map(|name| format!("field-recording/{name}")).collect();
    expected.sort();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn characters_that_xml_cannot_hold_are_replaced() {
    let text = document(&planned(vec![asset("a\u{ffff}b.mp3", 1)]).manifest, "", |_| None);
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
fn chunks_lie_beside_the_pieces_of_a_blob() {
    let digest = Digest::of(b"");
    assert_eq!(StoreKey::BlobChunks(digest).to_string(), format!("chunks/e3/{}.json", digest.hex()));
}

#[test]
fn an_empty_blob_has_no_chunks_and_a_full_one_no_empty_last() {
    assert_eq!(index_of(b"", 0).chunks, []);
    let full = vec![1; MIB];
    assert_eq!(index_of(&full, CHUNK_MIN_BYTES).chunks, [Digest::of(&full)]);
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
        let index = hasher.finish(Digest::of(&bytes));
        let expected: Vec<Digest> = bytes.chunks(MIB).map(Digest::of).collect();
        prop_assert_eq!(&index.chunks, &expected);
        prop_assert_eq!(index.size, size as u64);
        let read: ChunkIndex = serde_json::from_slice(&index.to_bytes()).unwrap();
        prop_assert_eq!(read, index);
    }
}
