//! Which files a bundle has.

use stowaway_domain::Digest;
use stowaway_domain::bundle::{BundleError, entries_of};

use crate::fixtures::{asset, asset_of, course, planned};

fn paths(selection: Option<&str>) -> Vec<String> {
    let entries = entries_of(&planned(course()).manifest, selection, |_| Some(1)).unwrap();
    entries.iter().map(|entry| entry.path.to_string()).collect()
}

#[test]
fn a_bundle_of_a_release_has_every_asset_in_manifest_order() {
    let planned = planned(course());
    let rows: Vec<String> = planned.asset_rows.iter().map(|row| row.path.to_string()).collect();
    assert_eq!(paths(None), rows);
}

#[test]
fn a_bundle_of_a_selection_has_what_the_selection_has() {
    let audio = paths(Some("audio"));
    assert!(audio.contains(&"01-before-you-go/01-welcome.m4a".to_owned()));
    assert!(audio.iter().all(|path| !path.ends_with(".mp4")), "{audio:?}");
    assert_eq!(paths(Some("everything")), paths(None));
}

#[test]
fn files_with_the_same_bytes_are_each_there() {
    let manifest =
        planned(vec![asset("1.mp3", 1), asset_of("a.txt", 5, "same"), asset_of("b.txt", 5, "same")]).manifest;
    assert_eq!(entries_of(&manifest, None, |_| Some(1)).unwrap().len(), 3);
}

#[test]
fn what_cannot_be_bundled_is_told() {
    let manifest = planned(vec![asset("1.mp3", 1)]).manifest;
    let unknown = entries_of(&manifest, Some("nothing"), |_| Some(1)).unwrap_err();
    assert_eq!(unknown, BundleError::NoSuchSelection { id: "nothing".to_owned() });
    let digest = Digest::of(b"1.mp3");
    assert_eq!(entries_of(&manifest, None, |_| None).unwrap_err(), BundleError::NoChecksum { digest });
}
