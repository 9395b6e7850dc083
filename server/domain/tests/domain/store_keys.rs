//! What is read back from a listing of the store is what was written there, and nothing else is taken for it.

use stowaway_domain::coding::Coding;
use stowaway_domain::store_key::COLLECTED_AREAS;
use stowaway_domain::{Digest, StoreKey, Subject, Tag};

fn every_kind() -> Vec<StoreKey> {
    let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
    let tag = || "my-course.2026".parse().unwrap();
    vec![
        StoreKey::Blob(one),
        StoreKey::BlobPieces(one),
        StoreKey::BlobDescription(one),
        StoreKey::Variant(one, Coding::Brotli, other),
        StoreKey::Variant(one, Coding::Zstd, other),
        StoreKey::Manifest(tag(), 17, one),
        StoreKey::ReleasePieces(tag(), 17, one),
        StoreKey::ReleaseChunks(tag(), 17, one),
        StoreKey::ReleaseRecord(tag(), 17, one),
    ]
}

#[test]
fn every_key_is_read_back_and_lies_in_a_known_area() {
    for key in every_kind() {
        let text = key.to_string();
        assert_eq!(StoreKey::parse(&text), Some(key));
        assert!(COLLECTED_AREAS.contains(&text.split('/').next().unwrap()), "{text}");
    }
}

#[test]
fn what_is_spelled_in_any_other_way_is_no_key() {
    for key in every_kind() {
        let text = key.to_string();
        for other in [
            format!("{text}#1"),
            format!("{text}/"),
            format!("/{text}"),
            format!("{text}x"),
            text.to_uppercase(),
            text.replacen('/', "//", 1),
            text.replace("/17/", "/017/").replace("/76/", "/77/"),
            text.replace(".br", ".identity").replace("blobs", "media").replace("-", "_"),
        ] {
            if other != text {
                assert_eq!(StoreKey::parse(&other), None, "{other}");
            }
        }
    }
    assert_eq!(StoreKey::parse("blobs/01/lesson.mp4"), None);
    assert_eq!(StoreKey::parse(""), None);
}

#[test]
fn a_blob_its_piece_index_and_its_forms_are_one_subject() {
    let (digest, tag): (_, Tag) = (Digest::of(b"one"), "my-course.2026".parse().unwrap());
    let subjects: Vec<Subject> = every_kind().iter().map(StoreKey::subject).collect();
    assert!(subjects[..5].iter().all(|subject| *subject == Subject::Content(digest)));
    assert!(subjects[5..].iter().all(|subject| *subject == Subject::Tag(tag.clone())));
    let text = subjects.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!((text[0].as_str(), text[5].as_str()), (&*format!("sha256:{}", digest.hex()), "tag:my-course.2026"));
}
