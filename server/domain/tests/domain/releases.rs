//! Planned releases: the manifest, its totals and its digest.

use insta::assert_json_snapshot;
use stowaway_domain::layout::LayoutError;
use stowaway_domain::manifest::{Manifest, PreviousRelease};
use stowaway_domain::piece::PieceIndex;
use stowaway_domain::release::{lesson_paths, plan_release, release_digest};
use stowaway_domain::tag_metadata::{self, TagMetadata};
use stowaway_domain::{Digest, href};

use crate::fixtures::{asset, asset_of, course, input, planned, selection};

#[test]
fn manifest_of_a_course() {
    let mut input = input(course());
    input.release = 2;
    input.previous =
        Some(PreviousRelease { release: 1, digest: Digest::of(b"one"), href: href::release_manifest(&input.tag, 1) });
    assert_json_snapshot!(plan_release(&input).unwrap().manifest);
}

#[test]
fn manifest_of_a_podcast() {
    let mut episodes = vec![asset("1-pilot.mp3", 100), asset("2-more.mp3", 200), asset("1-pilot.txt", 5)];
    for episode in &mut episodes {
        episode.probe.artist = Some("A. Host".to_owned());
        episode.probe.album = Some("The Show".to_owned());
    }
    episodes[1].probe.title = Some("More of it".to_owned());
    let mut input = input(episodes);
    input.metadata = TagMetadata::default();
    assert_json_snapshot!(plan_release(&input).unwrap().manifest);
}

#[test]
fn files_with_the_same_bytes_and_different_types_answer_as_the_first() {
    let planned = planned(vec![asset("1.mp3", 1), asset_of("a.txt", 5, "same"), asset_of("b.md", 5, "same")]);
    assert!(planned.asset_rows[1..].iter().all(|row| row.media_type == "text/plain" && row.file_name == "a.txt"));
    assert!(planned.manifest.resources.iter().all(|link| link.media_type == "text/plain"));
}

#[test]
fn the_release_digest_is_that_of_the_manifest_without_itself_and_the_ids() {
    let planned = planned(course());
    assert_eq!(planned.manifest.download.digest, release_digest(&planned.manifest));
    let mut value: serde_json::Value = serde_json::from_slice(&planned.manifest_bytes).unwrap();
    value["download"].as_object_mut().unwrap().remove("digest");
    for selection in value["download"]["selections"].as_array_mut().unwrap() {
        selection["backgroundFetch"].as_object_mut().unwrap().remove("id");
    }
    let bytes = serde_json_canonicalizer::to_vec(&value).unwrap();
    assert_eq!(Digest::of(&bytes), planned.manifest.download.digest);
}

#[test]
fn background_fetches_are_named_after_tag_digest_and_selection() {
    let manifest = planned(course()).manifest;
    let name = format!("field-recording@{}", manifest.download.digest.short());
    assert_eq!(selection(&manifest, "everything").unwrap().background_fetch.id, name);
    assert_eq!(selection(&manifest, "audio").unwrap().background_fetch.id, format!("{name}+audio"));
}

#[test]
fn bytes_are_canonical_and_read_back_the_same() {
    let planned = planned(course());
    let read: Manifest = serde_json::from_slice(&planned.manifest_bytes).unwrap();
    assert_eq!(read, planned.manifest);
    assert_eq!(serde_json_canonicalizer::to_vec(&read).unwrap(), planned.manifest_bytes);
    assert!(!planned.manifest_bytes.windows(4).any(|window| window == b"null"), "absent values are left out");
    assert_eq!(planned.manifest_digest, Digest::of(&planned.manifest_bytes));
    let pieces: PieceIndex = serde_json::from_slice(&planned.pieces_bytes).unwrap();
    assert_eq!(pieces.to_bytes(), planned.pieces_bytes);
    assert_eq!(planned.pieces_digest, Digest::of(&planned.pieces_bytes));
    assert_eq!(planned.manifest.download.pieces.size, planned.pieces_bytes.len() as u64);
}

#[test]
fn facts_that_json_or_readium_cannot_hold_are_left_out() {
    for (duration_s, bitrate_kbps) in [(f64::NAN, f64::INFINITY), (0.0, 0.0), (-1.0, -1.0), (0.0001, 0.2)] {
        let mut strange = asset("1.mp4", 1);
        strange.probe.duration_s = Some(duration_s);
        strange.probe.bitrate_kbps = Some(bitrate_kbps);
        strange.probe.width = Some(0);
        let manifest = planned(vec![strange]).manifest;
        let link = &manifest.reading_order[0];
        assert_eq!((link.duration, link.bitrate, link.width), (None, None, None), "{duration_s} {bitrate_kbps}");
        assert_eq!(manifest.metadata.duration, None);
    }
}

#[test]
fn a_file_named_like_the_piece_index_gets_another_name_in_its_address() {
    let planned = planned(vec![asset("1.mp3", 1), asset("pieces.json", 2)]);
    let link = &planned.manifest.resources[0];
    assert!(link.href.ends_with("/file.pieces.json"), "{}", link.href);
    assert_ne!(link.href, link.properties.as_ref().unwrap().pieces);
    assert_eq!(planned.asset_rows[1].file_name, "file.pieces.json");
    assert_eq!(planned.asset_rows[1].path.as_str(), "pieces.json");
}

#[test]
fn durations_are_whole_milliseconds() {
    let mut episode = asset("1.mp3", 1);
    episode.probe.duration_s = Some(20.043_999_9);
    assert_eq!(planned(vec![episode]).manifest.reading_order[0].duration, Some(20.044));
}

#[test]
fn titles_come_from_tag_toml_then_from_the_file_then_from_its_name() {
    let mut assets = vec![asset("01-one.mp3", 1), asset("02-two.mp3", 1), asset("03-three.mp3", 1)];
    assets[0].probe.title = Some("Embedded one".to_owned());
    assets[1].probe.title = Some("Embedded two".to_owned());
    let mut input = input(assets);
    input.metadata = tag_metadata::parse("[items.\"01-one.mp3\"]\ntitle = \"Given one\"").unwrap();
    let manifest = plan_release(&input).unwrap().manifest;
    let titles: Vec<&str> = manifest.reading_order.iter().filter_map(|link| link.title.as_deref()).collect();
    assert_eq!(titles, ["Given one", "Embedded two", "Three"]);
    assert_eq!(manifest.metadata.title, "Field recording", "from the tag's own name");
    assert_eq!(manifest.metadata.kind, "https://schema.org/PodcastSeries");
}

#[test]
fn a_lesson_without_identifier_is_refused_by_name() {
    let mut input = input(course());
    let path = lesson_paths(&input.metadata, &input.assets).unwrap().remove(0);
    input.item_identifiers.remove(&path);
    assert_eq!(plan_release(&input).unwrap_err(), LayoutError::MissingIdentifier { path });
}

#[test]
fn lessons_need_identifiers_and_alternates_do_not() {
    let input = input(course());
    let paths = lesson_paths(&input.metadata, &input.assets).unwrap();
    let paths: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
    assert_eq!(
        paths,
        ["01-before-you-go/01-welcome.mp4", "01-before-you-go/02-pack-light.mp4", "02-in-the-field/01-wind.mp4"]
    );
}

#[test]
fn planning_the_same_folder_again_gives_the_same_manifest() {
    let (first, mut again) = (planned(course()), input(course()));
    assert_eq!(plan_release(&again).unwrap().manifest_digest, first.manifest_digest);
    again.modified = "2026-11-22T10:00:01Z".to_owned();
    assert_ne!(plan_release(&again).unwrap().manifest_digest, first.manifest_digest);
}
