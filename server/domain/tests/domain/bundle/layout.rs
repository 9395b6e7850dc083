//! The layout itself: exact, deterministic, and the same however it is sliced.

use proptest::prelude::*;
use stowaway_domain::Digest;
use stowaway_domain::answer::{BodyPlan, Request, plan_answer};
use stowaway_domain::bundle::{BundleEntry, BundleError, BundleLayout, BundleSegment};
use stowaway_domain::cache_policy::CachePolicy;
use stowaway_domain::conditional::{Conditions, Method};
use stowaway_domain::range::ByteRange;
use stowaway_domain::representation::Representation;
use stowaway_domain::want_repr_digest::DigestWish;

use super::virtual_file::{bytes_of, content_of};
use super::{entry, layout, small_files};

fn whole(layout: &BundleLayout) -> Vec<u8> {
    bytes_of(layout, ByteRange::whole(layout.total_size()).unwrap(), content_of)
}

fn of_size(path: &str, size: u64) -> BundleEntry {
    BundleEntry { path: path.parse().unwrap(), digest: Digest::of(path.as_bytes()), size, crc32: 0 }
}

#[test]
fn a_path_twice_is_refused() {
    let twice = BundleLayout::plan(&"t".parse().unwrap(), vec![of_size("a", 1), of_size("b", 1), of_size("a", 1)]);
    assert_eq!(twice.unwrap_err(), BundleError::Twice { path: "a".parse().unwrap() });
}

#[test]
fn sizes_that_do_not_fit_a_file_are_refused() {
    for sizes in [vec![u64::MAX], vec![u64::MAX / 2, u64::MAX / 2], vec![u64::MAX - 100]] {
        let entries = sizes.iter().zip(0..).map(|(&size, index)| of_size(&format!("{index}"), size)).collect();
        assert_eq!(BundleLayout::plan(&"t".parse().unwrap(), entries).unwrap_err(), BundleError::TooLarge);
    }
}

#[test]
fn a_bundle_of_nothing_is_the_end_record_alone() {
    let empty = layout(Vec::new());
    assert_eq!(empty.total_size(), 22);
    assert_eq!(&whole(&empty)[..4], b"PK\x05\x06");
}

#[test]
fn the_same_entries_give_the_same_bytes_for_ever() {
    let bytes = whole(&layout(small_files()));
    assert_eq!(bytes, whole(&layout(small_files())));
    // Changing these bytes breaks every download that is under way: then change the layout version too.
    let golden = "sha256:5445305a42852ed60d4b57e11ca3e64670bb2d3ff65199adf9b3b6d146137ee5";
    assert_eq!(Digest::of(&bytes).to_string(), golden);
    assert_eq!(
        layout(small_files()).etag(),
        "\"zip:e717a0f9f328715184a276144081764db614e28237793cb6dbe71ea01564fa82\""
    );
}

#[test]
fn the_entity_tag_changes_with_everything_that_changes_the_bytes() {
    let one = || vec![of_size("a", 1), of_size("b", 2)];
    let with = |change: fn(&mut Vec<BundleEntry>)| {
        let mut entries = one();
        change(&mut entries);
        layout(entries).etag()
    };
    let etags = [
        layout(one()).etag(),
        with(|entries| entries.swap(0, 1)),
        with(|entries| entries[0].path = "c".parse().unwrap()),
        with(|entries| entries[0].digest = Digest::of(b"other")),
        with(|entries| entries[0].size = 3),
        with(|entries| entries[0].crc32 = 3),
        with(|entries| entries.truncate(1)),
        BundleLayout::plan(&"other".parse().unwrap(), one()).unwrap().etag(),
    ];
    let unique: std::collections::HashSet<_> = etags.iter().collect();
    assert_eq!(unique.len(), etags.len());
}

#[test]
fn content_is_named_as_runs_of_blobs_and_never_held() {
    let layout = layout(vec![of_size("huge", 1 << 50), of_size("small", 10)]);
    let segments: Vec<_> = layout.segments(ByteRange { first: 1 << 49, last: (1 << 49) + 9 }).collect();
    let [BundleSegment::Blob { digest, range }] = segments.as_slice() else { panic!("{segments:?}") };
    assert_eq!((*digest, range.len()), (Digest::of(b"huge"), 10));
    assert!(range.first < 1 << 49);
}

#[test]
fn what_lies_beyond_the_end_is_left_out() {
    let layout = layout(small_files());
    let size = layout.total_size();
    assert_eq!(layout.segments(ByteRange { first: size, last: u64::MAX }).count(), 0);
    let tail = bytes_of(&layout, ByteRange { first: size - 3, last: u64::MAX }, content_of);
    assert_eq!(tail, whole(&layout)[usize::try_from(size).unwrap() - 3..]);
}

#[test]
fn every_single_byte_is_found_where_it_lies() {
    let layout = layout(vec![entry("a", 3), entry("b", 0), entry("c", 0), entry("d", 5), entry("e", 0)]);
    let all = whole(&layout);
    assert_eq!(all.len() as u64, layout.total_size());
    for (position, byte) in (0..).zip(&all) {
        let range = ByteRange { first: position, last: position };
        assert_eq!(bytes_of(&layout, range, content_of), [*byte], "byte {position}");
    }
}

#[test]
fn a_bundle_is_answered_like_any_immutable_content_and_without_a_digest_it_does_not_have() {
    let layout = layout(small_files());
    let bundle = Representation::bundle(&layout, "field-recording-1.zip", CachePolicy::Immutable);
    let conditions = Conditions { range: Some("bytes=5-9"), ..Conditions::default() };
    let answer =
        plan_answer(&bundle, &Request { method: Method::Get, path: "/x", conditions, digest_wish: DigestWish::Unsaid });
    assert_eq!((answer.status, answer.body), (206, BodyPlan::Bytes(ByteRange { first: 5, last: 9 })));
    let header = |name| answer.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str());
    assert_eq!(header("etag"), Some(layout.etag().as_str()));
    assert_eq!(header("content-type"), Some("application/zip"));
    assert_eq!(header("content-disposition"), Some("attachment; filename=\"field-recording-1.zip\""));
    assert_eq!(header("repr-digest"), None);
}

proptest! {
    #[test]
    fn any_slices_put_together_are_the_whole(
        sizes in prop::collection::vec(prop_oneof![Just(0_u64), 0_u64..2000], 0..12),
        cuts in prop::collection::btree_set(1_u64..5000, 0..20),
    ) {
        let entries = sizes.iter().zip(0..).map(|(&size, index)| entry(&format!("folder/{index}"), size)).collect();
        let layout = layout(entries);
        let all = whole(&layout);
        prop_assert_eq!(all.len() as u64, layout.total_size());
        let inner = cuts.into_iter().filter(|&cut| cut < layout.total_size());
        let ends: Vec<u64> = inner.chain([layout.total_size()]).collect();
        let (mut first, mut joined) = (0, Vec::new());
        for end in ends {
            joined.extend(bytes_of(&layout, ByteRange { first, last: end - 1 }, content_of));
            first = end;
        }
        prop_assert_eq!(joined, all);
    }
}
