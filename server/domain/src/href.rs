//! The public addresses, root-relative, so that the same release gives the same bytes behind every host name.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{AssetPath, Digest, Tag};

/// Everything that may not stand bare in a path segment (RFC 3986 §3.3 `pchar`), and `'` and `;`, over which link parsers trip.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'\'')
    .add(b'/')
    .add(b';')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Last segment of the address of a blob's piece index; no blob is served under this name.
pub const PIECE_INDEX_NAME: &str = "pieces.json";

/// Percent-encodes one path segment.
#[must_use]
pub fn encode_segment(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
}

/// `/tags/{tag}/manifest.json`: the manifest of the current release.
#[must_use]
pub fn current_manifest(tag: &Tag) -> String {
    format!("/tags/{tag}/manifest.json")
}

/// `/tags/{tag}/releases/{n}/manifest.json`: the manifest of one release, immutable.
#[must_use]
pub fn release_manifest(tag: &Tag, release: u64) -> String {
    format!("/tags/{tag}/releases/{release}/manifest.json")
}

/// `/tags/{tag}/releases/{n}/pieces.json`: the piece lists of every blob of one release, immutable.
#[must_use]
pub fn release_pieces(tag: &Tag, release: u64) -> String {
    format!("/tags/{tag}/releases/{release}/pieces.json")
}

/// `/tags/{tag}/releases/{n}.zip`: the bundle of one release, immutable.
#[must_use]
pub fn release_bundle(tag: &Tag, release: u64) -> String {
    format!("/tags/{tag}/releases/{release}.zip")
}

/// `/tags/{tag}/releases/{n}.meta4`: the Metalink of one release.
#[must_use]
pub fn release_metalink(tag: &Tag, release: u64) -> String {
    format!("/tags/{tag}/releases/{release}.meta4")
}

/// `/tags/{tag}/media/{path}`: the stable alias of an asset.
#[must_use]
pub fn media(tag: &Tag, path: &AssetPath) -> String {
    let path: Vec<String> = path.as_str().split('/').map(encode_segment).collect();
    format!("/tags/{tag}/media/{}", path.join("/"))
}

/// `/blobs/{sha256}/{name.ext}`: the bytes of a blob.
#[must_use]
pub fn blob(digest: &Digest, file_name: &str) -> String {
    format!("/blobs/{}/{}", digest.hex(), encode_segment(file_name))
}

/// `/blobs/{sha256}/pieces.json`: the piece index of a blob.
#[must_use]
pub fn blob_pieces(digest: &Digest) -> String {
    format!("/blobs/{}/{PIECE_INDEX_NAME}", digest.hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_so_that_they_stay_one_segment() {
        let digest = Digest::of(b"");
        assert!(blob(&digest, "a b/c?#%.mp3").ends_with("/a%20b%2Fc%3F%23%25.mp3"));
        assert!(blob(&digest, "Über.mp3").ends_with("/%C3%9Cber.mp3"));
    }
}
