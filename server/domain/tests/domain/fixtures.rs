//! Assets and releases for tests. Contents are told apart by the digest of their path unless a test says otherwise.

use stowaway_domain::content::{Content, DescribedAsset};
use stowaway_domain::manifest::{Manifest, Selection};
use stowaway_domain::piece::Piece;
use stowaway_domain::probe::Probe;
use stowaway_domain::release::{PlannedRelease, ReleaseInput, lesson_paths, plan_release};
use stowaway_domain::tag_metadata::TagMetadata;
use stowaway_domain::{AssetPath, Digest, media_type};

/// An asset of `size` bytes, of the type its name says, with plain facts for its kind.
pub(crate) fn asset(path: &str, size: u64) -> DescribedAsset {
    asset_of(path, size, path)
}

/// An asset whose bytes are told apart by `seed`.
pub(crate) fn asset_of(path: &str, size: u64, seed: &str) -> DescribedAsset {
    let path: AssetPath = path.parse().unwrap();
    let media_type = media_type::by_name(path.file_name()).unwrap_or(media_type::OCTET_STREAM).to_owned();
    let timed = media_type.starts_with("audio/") || media_type.starts_with("video/");
    let seen = media_type.starts_with("image/") || media_type.starts_with("video/");
    let digest = Digest::of(seed.as_bytes());
    let pieces = if size == 0 { Vec::new() } else { vec![Piece { offset: 0, length: size, sha256: digest }] };
    DescribedAsset {
        probe: Probe {
            media_type,
            duration_s: timed.then_some(20.0),
            bitrate_kbps: timed.then_some(324.2),
            width: seen.then_some(640),
            height: seen.then_some(360),
            ..Probe::default()
        },
        content: Content { digest, size, crc32: 0, pieces, chunks: Vec::new() },
        path,
    }
}

/// A course with two modules, captions, chapters, a poster, a handout and a cover.
pub(crate) fn course() -> Vec<DescribedAsset> {
    vec![
        asset("02-in-the-field/01-wind.mp4", 4000),
        asset("01-before-you-go/02-pack-light.pdf", 50),
        asset("01-before-you-go/02-pack-light.mp4", 3000),
        asset("01-before-you-go/01-welcome.mp4", 1000),
        asset("01-before-you-go/01-welcome.m4a", 200),
        asset("01-before-you-go/01-welcome.en.vtt", 10),
        asset("01-before-you-go/01-welcome.de.vtt", 11),
        asset("01-before-you-go/01-welcome.chapters.json", 12),
        asset("01-before-you-go/01-welcome.jpg", 13),
        asset("cover.jpg", 600),
    ]
}

/// A first release of these assets.
pub(crate) fn input(assets: Vec<DescribedAsset>) -> ReleaseInput {
    let metadata = TagMetadata { title: Some("Field Recording".to_owned()), ..TagMetadata::default() };
    let identifiers = lesson_paths(&metadata, &assets).unwrap_or_default();
    ReleaseInput {
        tag: "field-recording".parse().unwrap(),
        release: 1,
        previous: None,
        identifier: "urn:uuid:0198c0de-0000-7000-8000-000000000000".to_owned(),
        item_identifiers: identifiers
            .into_iter()
            .zip(1..)
            .map(|(path, number)| (path, format!("urn:uuid:0198c0de-0000-7000-8000-{number:012}")))
            .collect(),
        modified: "2026-11-22T10:00:00Z".to_owned(),
        metadata,
        assets,
    }
}

/// A first release of these assets, planned.
pub(crate) fn planned(assets: Vec<DescribedAsset>) -> PlannedRelease {
    plan_release(&input(assets)).unwrap()
}

/// A selection by its id.
pub(crate) fn selection<'a>(manifest: &'a Manifest, id: &str) -> Option<&'a Selection> {
    manifest.download.selections.iter().find(|selection| selection.id == id)
}
