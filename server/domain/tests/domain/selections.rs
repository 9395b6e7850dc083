//! Selections: what they hold and what they weigh.

use std::collections::{HashMap, HashSet};

use stowaway_domain::manifest::{Link, Selection};

use crate::fixtures::{asset, asset_of, course, planned, selection};

fn names(selection: &Selection) -> Vec<&str> {
    selection.hrefs.iter().map(|href| href.rsplit('/').next().unwrap()).collect()
}

fn collect_sizes(links: &[Link], sizes: &mut HashMap<String, u64>) {
    for link in links {
        sizes.extend(link.size.map(|size| (link.href.clone(), size)));
        collect_sizes(&link.children, sizes);
        collect_sizes(&link.alternate, sizes);
    }
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
