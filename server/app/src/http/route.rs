//! Turns a raw request path into a typed request. Pure: no request, no state. What does not parse does not exist.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use stowaway_domain::query_policy::AddressKind;
use stowaway_domain::{AssetPath, Digest, Tag};

/// An address that the server knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/tags`
    Catalogue,
    /// `/tags/{tag}/manifest.json`
    CurrentManifest(Tag),
    /// `/tags/{tag}/releases/{n}/manifest.json`
    ReleaseManifest(Tag, u64),
    /// `/tags/{tag}/releases/{n}/pieces.json`
    ReleasePieces(Tag, u64),
    /// `/tags/{tag}/releases/{n}.zip`
    Bundle(Tag, u64),
    /// `/tags/{tag}/releases/{n}.meta4`
    Metalink(Tag, u64),
    /// `/tags/{tag}/latest.zip`
    LatestBundle(Tag),
    /// `/tags/{tag}/media/{path}`
    Media(Tag, AssetPath),
    /// `/blobs/{sha256}/{name}`
    Blob(Digest, String),
    /// `/blobs/{sha256}/pieces.json`
    BlobPieces(Digest),
    /// `/blobs/{sha256}/pieces/{i}` and `/blobs/{sha256}/pieces/{first}-{last}`
    PieceRun(Digest, PieceRun),
    /// A page of the demo app, or the console, by its file in the built client.
    Page(&'static str),
    /// `/sw.js`
    ServiceWorker,
    /// `/client/{file}`
    Client(String),
    /// `/healthz`
    Health,
    /// `/readyz`
    Ready,
    /// `/metrics`
    Metrics,
}

/// Consecutive pieces of a blob, counted from 0, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PieceRun {
    /// The first piece.
    pub(crate) first: usize,
    /// The last piece.
    pub(crate) last: usize,
}

impl Route {
    /// Is it a file of the program itself?
    pub(crate) const fn is_built_in(&self) -> bool {
        matches!(self, Self::Page(_) | Self::ServiceWorker | Self::Client(_))
    }

    /// The pattern of every address that is none. They share one, as clients can invent them.
    pub(crate) const UNKNOWN_PATTERN: &str = "unknown";

    /// The address with its variable parts named, as metric label and span name.
    pub(crate) const fn pattern(&self) -> &'static str {
        match self {
            Self::Catalogue => "/tags",
            Self::CurrentManifest(_) => "/tags/{tag}/manifest.json",
            Self::ReleaseManifest(..) => "/tags/{tag}/releases/{n}/manifest.json",
            Self::ReleasePieces(..) => "/tags/{tag}/releases/{n}/pieces.json",
            Self::Bundle(..) => "/tags/{tag}/releases/{n}.zip",
            Self::Metalink(..) => "/tags/{tag}/releases/{n}.meta4",
            Self::LatestBundle(_) => "/tags/{tag}/latest.zip",
            Self::Media(..) => "/tags/{tag}/media/{path}",
            Self::Blob(..) => "/blobs/{sha256}/{name}",
            Self::BlobPieces(_) => "/blobs/{sha256}/pieces.json",
            Self::PieceRun(..) => "/blobs/{sha256}/pieces/{run}",
            Self::Page(_) => "/{page}",
            Self::ServiceWorker => "/sw.js",
            Self::Client(_) => "/client/{file}",
            Self::Health => "/healthz",
            Self::Ready => "/readyz",
            Self::Metrics => "/metrics",
        }
    }

    /// What the address is, as far as its query goes.
    pub(crate) const fn kind(&self) -> AddressKind {
        match self {
            Self::Catalogue => AddressKind::Catalogue,
            Self::CurrentManifest(_) | Self::Media(..) => AddressKind::Current,
            Self::ReleaseManifest(..)
            | Self::ReleasePieces(..)
            | Self::Metalink(..)
            | Self::Blob(..)
            | Self::BlobPieces(_)
            | Self::PieceRun(..) => AddressKind::Immutable,
            Self::Bundle(..) | Self::LatestBundle(_) => AddressKind::Bundle,
            Self::Page(_) | Self::ServiceWorker | Self::Client(_) => AddressKind::Page,
            Self::Health | Self::Ready | Self::Metrics => AddressKind::Operation,
        }
    }

    /// Parses the path of a request as it was sent, percent-encoding and all.
    pub(crate) fn parse(raw_path: &str) -> Option<Self> {
        let mut segments = raw_path.strip_prefix('/')?.split('/');
        let first = segments.next()?;
        let rest: Vec<&str> = segments.collect();
        match (first, rest.as_slice()) {
            ("", []) => Some(Self::Page("index.html")),
            ("play", []) => Some(Self::Page("play.html")),
            ("downloads", []) => Some(Self::Page("downloads.html")),
            ("admin", []) => Some(Self::Page("admin.html")),
            ("sw.js", []) => Some(Self::ServiceWorker),
            ("healthz", []) => Some(Self::Health),
            ("readyz", []) => Some(Self::Ready),
            ("metrics", []) => Some(Self::Metrics),
            ("tags", []) => Some(Self::Catalogue),
            ("tags", [tag, rest @ ..]) => parse_tag(tag.parse().ok()?, rest),
            ("blobs", [digest, rest @ ..]) => parse_blob(Digest::parse_hex(digest).ok()?, rest),
            ("client", rest) => decode_path(rest).map(|path| Self::Client(path.as_str().to_owned())),
            _ => None,
        }
    }
}

fn parse_tag(tag: Tag, rest: &[&str]) -> Option<Route> {
    match rest {
        ["manifest.json"] => Some(Route::CurrentManifest(tag)),
        ["releases", release, "manifest.json"] => Some(Route::ReleaseManifest(tag, parse_number(release)?)),
        ["releases", release, "pieces.json"] => Some(Route::ReleasePieces(tag, parse_number(release)?)),
        ["releases", file] => parse_release_file(tag, file),
        ["latest.zip"] => Some(Route::LatestBundle(tag)),
        ["media", path @ ..] => Some(Route::Media(tag, decode_path(path)?)),
        _ => None,
    }
}

/// A release as one file.
fn parse_release_file(tag: Tag, file: &str) -> Option<Route> {
    match file.split_once('.')? {
        (release, "zip") => Some(Route::Bundle(tag, parse_number(release)?)),
        (release, "meta4") => Some(Route::Metalink(tag, parse_number(release)?)),
        _ => None,
    }
}

fn parse_blob(digest: Digest, rest: &[&str]) -> Option<Route> {
    match rest {
        ["pieces.json"] => Some(Route::BlobPieces(digest)),
        ["pieces", run] => Some(Route::PieceRun(digest, parse_run(run)?)),
        [name] => Some(Route::Blob(digest, decode_path(&[name])?.file_name().to_owned())),
        _ => None,
    }
}

/// `7` or `7-9`, each without sign or leading zero, so that a run has one address.
fn parse_run(text: &str) -> Option<PieceRun> {
    let Some((first, last)) = text.split_once('-') else {
        let only = parse_index(text)?;
        return Some(PieceRun { first: only, last: only });
    };
    let run = PieceRun { first: parse_index(first)?, last: parse_index(last)? };
    (run.first < run.last).then_some(run)
}

fn parse_index(text: &str) -> Option<usize> {
    if text == "0" { Some(0) } else { usize::try_from(parse_number(text)?).ok() }
}

/// A release number: from 1, without sign or leading zero.
fn parse_number(text: &str) -> Option<u64> {
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if canonical { text.parse().ok() } else { None }
}

/// Decodes each segment by itself: an encoded slash never divides, and [`AssetPath`] refuses `..`, controls and backslashes.
fn decode_path(segments: &[&str]) -> Option<AssetPath> {
    let decoded: Vec<Cow<'_, str>> = segments.iter().map(|segment| decode_segment(segment)).collect::<Option<_>>()?;
    decoded.join("/").parse().ok()
}

fn decode_segment(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok().filter(|decoded| !decoded.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn every_address_of_the_contract_is_known() {
        for (path, pattern) in [
            ("/", "/{page}"),
            ("/play", "/{page}"),
            ("/downloads", "/{page}"),
            ("/admin", "/{page}"),
            ("/sw.js", "/sw.js"),
            ("/client/app/app.css", "/client/{file}"),
            ("/tags", "/tags"),
            ("/tags/a/manifest.json", "/tags/{tag}/manifest.json"),
            ("/tags/a/releases/1/manifest.json", "/tags/{tag}/releases/{n}/manifest.json"),
            ("/tags/a/releases/1/pieces.json", "/tags/{tag}/releases/{n}/pieces.json"),
            ("/tags/a/releases/1.zip", "/tags/{tag}/releases/{n}.zip"),
            ("/tags/a/releases/1.meta4", "/tags/{tag}/releases/{n}.meta4"),
            ("/tags/a/latest.zip", "/tags/{tag}/latest.zip"),
            ("/tags/a/media/b/c%20d.mp4", "/tags/{tag}/media/{path}"),
            (&format!("/blobs/{HEX}/x.mp4"), "/blobs/{sha256}/{name}"),
            (&format!("/blobs/{HEX}/pieces.json"), "/blobs/{sha256}/pieces.json"),
            (&format!("/blobs/{HEX}/pieces/0"), "/blobs/{sha256}/pieces/{run}"),
            (&format!("/blobs/{HEX}/pieces/2-10"), "/blobs/{sha256}/pieces/{run}"),
            ("/healthz", "/healthz"),
            ("/readyz", "/readyz"),
            ("/metrics", "/metrics"),
        ] {
            assert_eq!(Route::parse(path).map(|route| route.pattern()), Some(pattern), "{path}");
        }
    }

    #[test]
    fn addresses_that_escape_deceive_or_come_in_two_spellings_are_unknown() {
        let upper = HEX.to_uppercase();
        for path in [
            "",
            "//",
            "/.",
            "/./",
            "/..",
            "/tags/",
            "/tags/a",
            "/tags/A/manifest.json",
            "/tags/a/manifest.json/",
            "/tags/a/releases/0/manifest.json",
            "/tags/a/releases/01/manifest.json",
            "/tags/a/releases/01.zip",
            "/tags/a/releases/1",
            "/tags/a/releases/.zip",
            "/tags/a/releases/01.meta4",
            "/tags/a/releases/1.meta4.zip",
            "/tags/a/releases/1.zip.meta4",
            "/tags/a/releases/1.META4",
            "/tags/a/latest.zip/",
            "/tags/a/releases/+1/manifest.json",
            "/tags/a/releases/18446744073709551616/manifest.json",
            "/tags/a/media/",
            "/tags/a/media/../x",
            "/tags/a/media/%2e%2e/x",
            "/tags/a/media/x%2fy",
            "/tags/a/media/x%00",
            "/tags/a/media/x%5cy",
            "/tags/a/media/%ff",
            "/tags/a/media//x",
            "/client/../sw.js",
            "/client/%2e%2e%2fCargo.toml",
            "/client/",
            &format!("/blobs/{upper}/x"),
            &format!("/blobs/{HEX}/"),
            &format!("/blobs/{HEX}/a%2Fb"),
            &format!("/blobs/{HEX}/pieces/"),
            &format!("/blobs/{HEX}/pieces/00"),
            &format!("/blobs/{HEX}/pieces/1-1"),
            &format!("/blobs/{HEX}/pieces/2-1"),
            &format!("/blobs/{HEX}/pieces/1-"),
            &format!("/blobs/{HEX}/pieces/-1"),
            "/blobs/abc/x",
        ] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }

    #[test]
    fn names_are_decoded_once() {
        let name = |path: &str| match Route::parse(path) {
            Some(Route::Blob(_, name)) => Some(name),
            _ => None,
        };
        assert_eq!(name(&format!("/blobs/{HEX}/%C3%9Cber%20uns.mp3")).as_deref(), Some("Über uns.mp3"));
        assert_eq!(name(&format!("/blobs/{HEX}/100%2525.mp3")).as_deref(), Some("100%25.mp3"));
        assert_eq!(name(&format!("/blobs/{HEX}/%252e%252e")).as_deref(), Some("%2e%2e"));
    }
}
