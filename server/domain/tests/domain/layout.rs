//! How a folder becomes a tag.

use stowaway_domain::content::DescribedAsset;
use stowaway_domain::layout::{Entry, LayoutError, Outline, outline};
use stowaway_domain::tag_metadata::{self, TagMetadata};

use crate::fixtures::asset;

fn laid_out(assets: &[DescribedAsset]) -> Outline<'_> {
    outline(&TagMetadata::default(), assets).unwrap()
}

fn refused(assets: &[DescribedAsset]) -> LayoutError {
    outline(&TagMetadata::default(), assets).unwrap_err()
}

/// `lesson`, `lesson+alternate`, `module[…]`, in order.
fn drawn(entries: &[Entry<'_>]) -> String {
    let draw = |entry: &Entry<'_>| match entry {
        Entry::Lesson(lesson) => {
            let forms = std::iter::once(lesson.asset).chain(lesson.alternates.iter().copied());
            forms.map(|form| form.path.file_name()).collect::<Vec<_>>().join("+")
        }
        Entry::Module(module) => format!("{}[{}]", module.folder, drawn(&module.entries)),
    };
    entries.iter().map(draw).collect::<Vec<_>>().join(" ")
}

/// `file: role language of lesson` for every resource.
fn roles(outline: &Outline<'_>) -> Vec<String> {
    let describe = |resource: &stowaway_domain::layout::Resource<'_>| {
        let language = resource.language.as_deref().unwrap_or("-");
        let owner = resource.belongs_to.map_or("the tag", |path| path.file_name());
        format!("{}: {} {language} of {owner}", resource.asset.path.file_name(), resource.role.as_str())
    };
    outline.resources.iter().map(describe).collect()
}

#[test]
fn episodes_in_the_root_stand_in_natural_order() {
    let assets = [asset("10-end.mp3", 1), asset("9-middle.mp3", 1), asset("01-start.mp3", 1)];
    assert_eq!(drawn(&laid_out(&assets).entries), "01-start.mp3 9-middle.mp3 10-end.mp3");
}

#[test]
fn subfolders_are_modules_and_nest() {
    let assets = [
        asset("02-b/1.mp4", 1),
        asset("01-a/deep/1.mp4", 1),
        asset("01-a/2.mp4", 1),
        asset("03-intro.mp4", 1),
        asset("images/logo.png", 1),
    ];
    assert_eq!(drawn(&laid_out(&assets).entries), "01-a[2.mp4 01-a/deep[1.mp4]] 02-b[1.mp4] 03-intro.mp4");
}

#[test]
fn a_folder_that_only_leads_to_lessons_is_a_module_too() {
    let assets = [asset("a/b/c/1.mp3", 1)];
    assert_eq!(drawn(&laid_out(&assets).entries), "a[a/b[a/b/c[1.mp3]]]");
}

#[test]
fn video_is_the_lesson_and_sound_and_smaller_pictures_are_alternates() {
    let mut small = asset("01.480p.mp4", 1);
    small.probe.height = Some(480);
    let assets = [asset("01.m4a", 1), small, asset("01.webm", 1), asset("01.mp4", 1)];
    assert_eq!(drawn(&laid_out(&assets).entries), "01.mp4+01.webm+01.480p.mp4+01.m4a");
}

#[test]
fn without_an_unqualified_form_the_largest_picture_is_the_lesson() {
    let (mut small, mut large) = (asset("01.480p.mp4", 1), asset("01.1080p.mp4", 1));
    (small.probe.height, large.probe.height) = (Some(480), Some(1080));
    assert_eq!(drawn(&laid_out(&[small, large]).entries), "01.1080p.mp4+01.480p.mp4");
}

#[test]
fn files_with_the_stem_of_a_lesson_belong_to_it() {
    let assets = [
        asset("01-a.mp4", 1),
        asset("01-a.en.vtt", 1),
        asset("01-a.pt_br.vtt", 1),
        asset("01-a.chapters.json", 1),
        asset("01-a.jpg", 1),
        asset("01-a.pdf", 1),
        asset("01-a.txt", 1),
        asset("notes.md", 1),
        asset("cover.png", 1),
    ];
    let expected = [
        "cover.png: cover - of the tag",
        "01-a.chapters.json: chapters - of 01-a.mp4",
        "01-a.en.vtt: captions en of 01-a.mp4",
        "01-a.jpg: poster - of 01-a.mp4",
        "01-a.pdf: attachment - of 01-a.mp4",
        "01-a.pt_br.vtt: captions pt-BR of 01-a.mp4",
        "01-a.txt: transcript - of 01-a.mp4",
        "notes.md: attachment - of the tag",
    ];
    assert_eq!(roles(&laid_out(&assets)), expected);
}

#[test]
fn the_longest_stem_wins_where_two_lessons_could_own_a_file() {
    let assets = [asset("1.mp3", 1), asset("1.5 things.mp3", 1), asset("1.5 things.txt", 1), asset("1.txt", 1)];
    let expected = ["1.txt: transcript - of 1.mp3", "1.5 things.txt: transcript - of 1.5 things.mp3"];
    assert_eq!(roles(&laid_out(&assets)), expected);
}

#[test]
fn a_companion_belongs_only_to_a_lesson_in_its_own_folder() {
    let assets = [asset("a/1.mp3", 1), asset("b/1.mp3", 1), asset("b/1.jpg", 1), asset("1.jpg", 1)];
    let outline = laid_out(&assets);
    assert_eq!(outline.resources[0].belongs_to.unwrap().as_str(), "b/1.mp3");
    assert_eq!(outline.resources[1].belongs_to, None);
}

#[test]
fn a_cover_below_the_root_is_an_attachment() {
    let assets = [asset("a/1.mp3", 1), asset("a/cover.jpg", 1)];
    assert_eq!(roles(&laid_out(&assets)), ["cover.jpg: attachment - of the tag"]);
}

#[test]
fn forms_of_a_lesson_that_differ_in_length_are_refused_by_name() {
    let mut sound = asset("01.m4a", 1);
    sound.probe.duration_s = Some(21.5);
    let message = refused(&[asset("01.mp4", 1), sound]).to_string();
    assert!(message.contains("01.mp4 is 20.0 s") && message.contains("01.m4a, which"), "{message}");
}

#[test]
fn forms_may_differ_by_a_second_or_by_a_hundredth() {
    let form = |path: &str, duration_s: f64| {
        let mut asset = asset(path, 1);
        asset.probe.duration_s = Some(duration_s);
        asset
    };
    assert!(outline(&TagMetadata::default(), &[form("01.mp4", 20.0), form("01.m4a", 21.0)]).is_ok());
    assert!(outline(&TagMetadata::default(), &[form("01.mp4", 1000.0), form("01.m4a", 1010.0)]).is_ok());
    assert!(outline(&TagMetadata::default(), &[form("01.mp4", 1000.0), form("01.m4a", 1011.0)]).is_err());
}

#[test]
fn two_posters_two_chapter_lists_and_two_covers_are_refused_by_name() {
    for (first, second, role) in [
        ("01.jpg", "01.png", "poster"),
        ("01.chapters.json", "01.chapters.vtt", "chapters"),
        ("cover.jpg", "cover.png", "cover"),
    ] {
        let message = refused(&[asset("01.mp4", 1), asset(first, 1), asset(second, 1)]).to_string();
        for word in [first, second, role] {
            assert!(message.contains(word), "{message}");
        }
    }
}

#[test]
fn captions_in_the_same_language_and_two_formats_are_kept() {
    let assets = [asset("01.mp4", 1), asset("01.en.vtt", 1), asset("01.en.srt", 1)];
    assert_eq!(laid_out(&assets).resources.len(), 2);
}

#[test]
fn a_folder_without_files_or_without_lessons_is_refused() {
    assert_eq!(refused(&[]), LayoutError::Empty);
    assert_eq!(refused(&[asset("a.pdf", 1), asset("cover.jpg", 1)]), LayoutError::NoLessons { files: 2 });
}

#[test]
fn a_path_given_twice_is_refused() {
    let twice = asset("a.mp3", 1);
    assert_eq!(refused(&[twice.clone(), twice.clone()]), LayoutError::PathTwice { path: twice.path });
}

#[test]
fn a_section_of_tag_toml_for_a_file_that_is_not_there_is_refused() {
    let metadata = tag_metadata::parse("[items.\"b.mp3\"]\ntitle = \"B\"").unwrap();
    let error = outline(&metadata, &[asset("a.mp3", 1)]).unwrap_err();
    assert!(error.to_string().contains("b.mp3"), "{error}");
}
