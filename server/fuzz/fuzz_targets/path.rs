//! Addresses. Input: the path of a request, as it was sent.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stowaway_domain::{AssetPath, href};
use stowaway_fuzz::input::text;

#[allow(dead_code, reason = "the app uses more of it")]
#[path = "../../app/src/http/route.rs"]
mod route;

use route::Route;

fuzz_target!(|data: &[u8]| {
    let Some(raw) = text(data) else { return };
    if let Some(found) = Route::parse(raw) {
        assert!(raw.starts_with('/') && !found.pattern().is_empty());
        check_canonical(&found);
        check_stays_inside(&found);
    }
    // Every path that may be published has an address that leads back to it.
    if let (Ok(path), Ok(tag)) = (raw.parse::<AssetPath>(), "tag".parse()) {
        assert_eq!(Route::parse(&href::media(&tag, &path)), Some(Route::Media(tag, path)));
    }
});

/// However an address was spelled, the spelling in manifests means the same.
fn check_canonical(found: &Route) {
    let canonical = match found {
        Route::CurrentManifest(tag) => href::current_manifest(tag),
        Route::ReleaseManifest(tag, release) => href::release_manifest(tag, *release),
        Route::ReleasePieces(tag, release) => href::release_pieces(tag, *release),
        Route::Bundle(tag, release) => href::release_bundle(tag, *release),
        Route::Metalink(tag, release) => href::release_metalink(tag, *release),
        Route::Media(tag, path) => href::media(tag, path),
        Route::Blob(digest, name) => href::blob(digest, name),
        Route::BlobPieces(digest) => href::blob_pieces(digest),
        _ => return,
    };
    // A blob named like its own index can be asked for only as the index.
    if !matches!(found, Route::Blob(_, name) if name == href::PIECE_INDEX_NAME) {
        assert_eq!(Route::parse(&canonical).as_ref(), Some(found), "{canonical}");
    }
}

/// No name leads out of its folder or shows something else than it is.
fn check_stays_inside(found: &Route) {
    let name = match found {
        Route::Media(_, path) => path.as_str(),
        Route::Blob(_, name) | Route::Client(name) => name,
        Route::ReleaseManifest(_, release)
        | Route::ReleasePieces(_, release)
        | Route::Bundle(_, release)
        | Route::Metalink(_, release) => {
            return assert!(*release > 0);
        }
        Route::PieceRun(_, run) => return assert!(run.first <= run.last),
        _ => return,
    };
    assert!(!name.is_empty() && !name.contains(['\0', '\\', '\r', '\n']), "{name:?}");
    assert!(name.split('/').all(|segment| !["", ".", ".."].contains(&segment)), "{name:?}");
}
