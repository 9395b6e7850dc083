//! Computes the release digest and names the Background Fetches after it.

use serde_json::Value;

use super::selections::EVERYTHING;
use crate::Digest;
use crate::manifest::Manifest;

/// Stands where the release digest will be.
pub(super) const UNSEALED: Digest = Digest::from_bytes([0; 32]);

/// The release digest: SHA-256 of the canonical manifest without `download.digest` and without every `backgroundFetch.id`.
///
/// # Panics
/// Never: manifests hold nothing that JSON lacks.
#[must_use]
pub fn release_digest(manifest: &Manifest) -> Digest {
    let mut value = serde_json::to_value(manifest).expect("manifests are plain JSON");
    let download = value.get_mut("download").and_then(Value::as_object_mut).expect("a manifest has a download section");
    download.remove("digest");
    let selections = download.get_mut("selections").and_then(Value::as_array_mut);
    for selection in selections.into_iter().flatten() {
        let background_fetch = selection.get_mut("backgroundFetch").and_then(Value::as_object_mut);
        background_fetch.and_then(|options| options.remove("id"));
    }
    Digest::of(&serde_json_canonicalizer::to_vec(&value).expect("manifests are plain JSON"))
}

/// Fills in the digest and the ids.
pub(super) fn seal(mut manifest: Manifest) -> Manifest {
    let digest = release_digest(&manifest);
    let name = format!("{}@{}", manifest.download.tag, digest.short());
    manifest.download.digest = digest;
    for selection in &mut manifest.download.selections {
        selection.background_fetch.id =
            if selection.id == EVERYTHING { name.clone() } else { format!("{name}+{}", selection.id) };
    }
    manifest
}

/// The bytes that are stored and served (RFC 8785).
///
/// # Panics
/// Never: manifests hold nothing that JSON lacks.
pub(super) fn canonical_bytes(manifest: &Manifest) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(manifest).expect("manifests are plain JSON")
}
