//! Planned releases: the manifest, its totals and its digest.

use std::collections::{HashMap, HashSet};

use insta::assert_json_snapshot;
use stowaway_domain::layout::LayoutError;
use stowaway_domain::manifest::{Link, Manifest, PreviousRelease, Selection};
use stowaway_domain::piece::PieceIndex;
use stowaway_domain::release::{PlannedRelease, lesson_paths, plan_release, release_digest};
use stowaway_domain::tag_metadata::{self, TagMetadata};
use stowaway_domain::{Digest, href};

use crate::fixtures::{asset, asset_of, course, input};

fn planned(assets: Vec<stowaway_domain::content::DescribedAsset>) -> PlannedRelease {
    plan_release(&input(assets)).unwrap()
}

fn selection<'a>(manifest: &'a Manifest, id: &str) -> Option<&'a Selection> {
    manifest.download.selections.iter().find(|selection| selection.id == id)
}

fn names(selection: &Selection) -> Vec<&str> {
    selection.hrefs.iter().map(|href| href.rsplit('/').next().unwrap()).collect()
}

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
fn downloads_total_what_their_hrefs_weigh() {
    let planned = planned(course());
    let mut sizes: HashMap<String, u64> = HashMap::new();
    sizes.insert(planned.manifest.download.pieces.href.clone(), planned.pieces_bytes.len() as u64);
    collect_sizes(&planned.manifest.reading_order, &mut sizes);
    collect_sizes(&planned.manifest.resources, &mut sizes);
    for selection in &planned.manifest.download.selections {
        let total: u64 = selection.hrefs.iter().map(|href| sizes[href]).sum();
        assert_eq!(selection.download_total, total, "{}", selection.id);
        assert_eq!(selection.background_fetch.download_total, total, "{}", selection.id);
        let unique: HashSet<&String> = selection.hrefs.iter().collect();
        assert_eq!(unique.len(), selection.hrefs.len(), "{}", selection.id);
    }
}

fn collect_sizes(links: &[Link], sizes: &mut HashMap<String, u64>) {
    for link in links {
        sizes.extend(link.size.map(|size| (link.href.clone(), size)));
        collect_sizes(&link.children, sizes);
        collect_sizes(&link.alternate, sizes);
    }
}

#[test]
fn everything_begins_with_the_piece_index_and_holds_every_file_in_manifest_order() {
    let planned = planned(course());
    let everything = selection(&planned.manifest, "everything").unwrap();
    let expected = [
        "pieces.json",
        "01-welcome.mp4",
        "01-welcome.m4a",
        "02-pack-light.mp4",
        "01-wind.mp4",
        "cover.jpg",
        "01-welcome.chapters.json",
        "01-welcome.de.vtt",
        "01-welcome.en.vtt",
        "01-welcome.jpg",
        "02-pack-light.pdf",
    ];
    assert_eq!(names(everything), expected);
    let rows: Vec<&str> = planned.asset_rows.iter().map(|row| row.file_name.as_str()).collect();
    assert_eq!(rows, expected[1..]);
    assert!(planned.asset_rows.iter().zip(0..).all(|(row, position)| row.position == position));
}

#[test]
fn audio_only_takes_the_sound_of_lessons_that_have_it_and_what_belongs_to_these() {
    let planned = planned(course());
    let audio = selection(&planned.manifest, "audio").unwrap();
    let expected = [
        "pieces.json",
        "01-welcome.m4a",
        "cover.jpg",
        "01-welcome.chapters.json",
        "01-welcome.de.vtt",
        "01-welcome.en.vtt",
        "01-welcome.jpg",
    ];
    assert_eq!(names(audio), expected);
}

#[test]
fn audio_only_is_offered_where_lessons_are_of_both_kinds() {
    let both = planned(vec![asset("1.mp4", 1), asset("2.mp3", 2)]);
    assert_eq!(names(selection(&both.manifest, "audio").unwrap()), ["pieces.json", "2.mp3"]);
}

#[test]
fn audio_only_is_not_offered_where_it_would_be_everything_or_nothing() {
    assert!(selection(&planned(vec![asset("1.mp3", 1)]).manifest, "audio").is_none());
    assert!(selection(&planned(vec![asset("1.mp4", 1)]).manifest, "audio").is_none());
}

#[test]
fn several_modules_are_selections_with_the_cover() {
    let planned = planned(course());
    let module = selection(&planned.manifest, "module-in-the-field").unwrap();
    assert_eq!(module.title, "In the field");
    assert_eq!(module.background_fetch.title, "Field Recording: In the field");
    assert_eq!(names(module), ["pieces.json", "01-wind.mp4", "cover.jpg"]);
}

#[test]
fn a_single_module_is_no_selection() {
    let planned = planned(vec![asset("a/1.mp4", 1), asset("2.mp4", 1)]);
    assert_eq!(planned.manifest.download.selections.len(), 1);
}

#[test]
fn modules_whose_names_have_the_same_slug_or_none_get_ids_of_their_own() {
    let files = ["1-a/1.mp3", "2-A!/1.mp3", "第一課/1.mp3", "第二課/1.mp3"];
    let planned = planned(files.map(|path| asset(path, 1)).to_vec());
    let ids: Vec<&str> = planned.manifest.download.selections.iter().map(|selection| selection.id.as_str()).collect();
    assert_eq!(ids, ["everything", "module-a", "module-a-2", "module-3", "module-4"]);
}

#[test]
fn files_with_the_same_bytes_have_one_address_and_are_counted_once() {
    let planned = planned(vec![asset_of("1.mp3", 100, "same"), asset_of("2.mp3", 100, "same"), asset("3.mp3", 7)]);
    let everything = selection(&planned.manifest, "everything").unwrap();
    assert_eq!(names(everything), ["pieces.json", "1.mp3", "3.mp3"]);
    assert_eq!(everything.download_total, 107 + planned.pieces_bytes.len() as u64);
    let rows: Vec<&str> = planned.asset_rows.iter().map(|row| row.file_name.as_str()).collect();
    assert_eq!(rows, ["1.mp3", "1.mp3", "3.mp3"]);
    let links = &planned.manifest.reading_order;
    assert_eq!(links[0].href, links[1].href);
    assert_eq!(links[1].properties.as_ref().unwrap().path.as_str(), "2.mp3");
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
fn facts_that_json_cannot_hold_are_left_out() {
    let mut strange = asset("1.mp3", 1);
    strange.probe.duration_s = Some(f64::NAN);
    strange.probe.bitrate_kbps = Some(f64::INFINITY);
    let manifest = planned(vec![strange]).manifest;
    assert_eq!(manifest.reading_order[0].duration, None);
    assert_eq!(manifest.reading_order[0].bitrate, None);
    assert_eq!(manifest.metadata.duration, None);
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
