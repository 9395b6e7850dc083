use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use stowaway_domain::probe::Probe;

use super::{PublishError, probe};

/// Probes a file of `tests/media` under a name of its own.
fn probed_as(name: &str, media: &str) -> Result<Probe, PublishError> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(media);
    let mut file = File::open(path).unwrap();
    let size = file.metadata().unwrap().len();
    probe(&name.parse().unwrap(), &mut file, size)
}

fn probed(media: &str) -> Probe {
    probed_as(media, media).unwrap()
}

fn probed_bytes(name: &str, bytes: &[u8]) -> Result<Probe, PublishError> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    probe(&name.parse().unwrap(), &mut file, bytes.len() as u64)
}

fn lasts_about_two_seconds(probe: &Probe) {
    let duration = probe.duration_s.unwrap();
    // Encoders pad; the fragmented file is 2.4 s by every reader.
    assert!((1.9..2.5).contains(&duration), "{probe:?}");
}

#[test]
fn sound_has_a_type_by_its_bytes_a_duration_and_its_tags() {
    for (media, media_type) in [
        ("tone.mp3", "audio/mpeg"),
        ("tone.wav", "audio/wav"),
        ("tone.flac", "audio/flac"),
        ("tone.ogg", "audio/ogg"),
        ("tone.opus", "audio/ogg"),
        ("tone.m4a", "audio/mp4"),
    ] {
        let probe = probed(media);
        assert_eq!(probe.media_type, media_type, "{media}");
        lasts_about_two_seconds(&probe);
        assert_eq!(probe.title.as_deref(), Some("Tone"), "{media}");
        assert_eq!(probe.artist.as_deref(), Some("Someone"), "{media}");
        assert_eq!((probe.width, probe.height), (None, None), "{media}");
    }
}

#[test]
fn video_has_a_duration_and_a_size_in_every_container() {
    for (media, media_type) in [
        ("both.mp4", "video/mp4"),
        ("pictures-only.mp4", "video/mp4"),
        ("fragmented.mp4", "video/mp4"),
        ("both.webm", "video/webm"),
        ("both.mkv", "video/x-matroska"),
    ] {
        let probe = probed(media);
        assert_eq!(probe.media_type, media_type, "{media}");
        lasts_about_two_seconds(&probe);
        assert_eq!((probe.width, probe.height), (Some(64), Some(48)), "{media}");
    }
    assert_eq!(probed("both.mp4").title.as_deref(), Some("Tone"));
    assert_eq!(probed("both.mkv").title.as_deref(), Some("Tone"));
}

#[test]
fn a_container_without_pictures_is_sound_whatever_its_name() {
    assert_eq!(probed_as("a.mp4", "tone.m4a").unwrap().media_type, "audio/mp4");
    assert_eq!(probed("sound-only.webm").media_type, "audio/webm");
}

#[test]
fn a_piped_webm_has_no_duration_and_is_no_error() {
    let probe = probed("piped.webm");
    assert_eq!((probe.duration_s, probe.width), (None, Some(64)));
}

#[test]
fn pictures_have_a_size() {
    for (media, media_type) in [("picture.jpg", "image/jpeg"), ("picture.png", "image/png")] {
        let probe = probed(media);
        assert_eq!((probe.media_type.as_str(), probe.width, probe.height), (media_type, Some(64), Some(48)));
    }
}

#[test]
fn texts_go_by_their_names() {
    assert_eq!(probed_bytes("a.en.vtt", b"WEBVTT\n").unwrap().media_type, "text/vtt");
    assert_eq!(probed_bytes("a.chapters.json", b"{}").unwrap().media_type, "application/json+chapters");
    assert_eq!(probed_bytes("empty.txt", b"").unwrap().media_type, "text/plain");
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_refused_by_name() {
    let refused = probed_as("01-intro.mp3", "picture.png").unwrap_err();
    assert!(refused.is_misuse());
    let message = refused.to_string();
    assert!(message.contains("01-intro.mp3") && message.contains("image/png"), "{message}");
}

#[test]
fn media_that_is_cut_off_or_damaged_is_refused_by_name() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media");
    for media in ["both.mp4", "tone.m4a", "picture.png", "both.mkv", "tone.flac"] {
        let bytes = std::fs::read(path.join(media)).unwrap();
        let refused = probed_bytes(media, &bytes[..20]).expect_err(media);
        assert!(refused.is_misuse() && refused.to_string().contains(media), "{refused}");
    }
}

/// A damaged file must end in an answer: never in a hang, a crash or memory without bound.
#[test]
fn no_damage_to_a_header_brings_the_probe_down() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media");
    for media in [
        "both.mp4",
        "fragmented.mp4",
        "both.webm",
        "both.mkv",
        "tone.mp3",
        "tone.m4a",
        "tone.ogg",
        "tone.opus",
        "tone.flac",
        "tone.wav",
        "picture.jpg",
        "picture.png",
    ] {
        let bytes = std::fs::read(path.join(media)).unwrap();
        for at in (0..bytes.len()).step_by(29) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xff;
            // Refused or understood, both are right; the point is to come back.
            drop(probed_bytes(media, &damaged));
        }
    }
}
