//! What an export notes in the site of the addresses that follow a tag's current release: which files it wrote there, so that later ones
//! know what is unchanged, and remove what is theirs and nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stowaway_domain::{AssetPath, Digest, Tag};

use super::error::ExportError;
use super::own_file::own_file;
use crate::read::Resource;

/// Name of the bundle of the current release, and the folder of its assets, below those of the tag.
const LATEST_BUNDLE: &str = "latest.zip";
const MEDIA: &str = "media/";

/// Files by their paths in the site, each with the digest that its bytes are named by; nothing where they may be old or not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Notes(pub(super) BTreeMap<String, Option<Digest>>);

/// As it is written.
#[derive(Serialize, Deserialize)]
struct Document {
    files: BTreeMap<String, Option<Digest>>,
}

/// Where the notes about a tag lie. The snippet for nginx denies the folder to everybody.
pub(super) fn path(tag: &Tag) -> String {
    format!(".stowaway/current/{tag}.json")
}

/// Where the bundle of the current release lies.
pub(super) fn latest_bundle(tag: &Tag) -> String {
    format!("tags/{tag}/{LATEST_BUNDLE}")
}

/// Where an asset of the current release lies.
pub(super) fn media(tag: &Tag, path: &AssetPath) -> String {
    format!("tags/{tag}/{MEDIA}{path}")
}

impl Notes {
    /// Reads notes, and refuses those that name anything but aliases of the tag: what they name may be removed.
    pub(super) fn read(tag: &Tag, bytes: &[u8]) -> Result<Self, ExportError> {
        let damaged = |reason: String| ExportError::Notes { path: path(tag), reason };
        let document: Document = serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        let own = format!("tags/{tag}/");
        let is_alias = |file: &str| match file.strip_prefix(&own) {
            Some(LATEST_BUNDLE) => true,
            Some(rest) => rest.strip_prefix(MEDIA).is_some_and(|path| path.parse::<AssetPath>().is_ok()),
            None => false,
        };
        match document.files.keys().find(|file| !is_alias(file)) {
            Some(file) => Err(damaged(format!("{file:?} is no alias of {tag}"))),
            None => Ok(Self(document.files)),
        }
    }

    /// The notes as a file of the site.
    pub(super) fn to_resource(&self) -> Resource {
        let mut text = serde_json::to_vec_pretty(&Document { files: self.0.clone() }).unwrap_or_default();
        text.push(b'\n');
        own_file(text.into(), "application/json")
    }

    /// The first of these paths that is also a folder of another.
    pub(super) fn file_and_folder(&self) -> Option<&str> {
        self.0.keys().find(|path| self.has_below(path)).map(String::as_str)
    }

    /// Are `path` and one of these in each other's way in a folder?
    pub(super) fn is_in_the_way(&self, path: &str) -> bool {
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        self.has_below(path) || folders.into_iter().any(|folder| self.0.contains_key(folder))
    }

    fn has_below(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        self.0.range(folder.clone()..).next().is_some_and(|(next, _)| next.starts_with(&folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag() -> Tag {
        "a".parse().unwrap()
    }

    fn notes(paths: &[&str]) -> Notes {
        Notes(paths.iter().map(|path| ((*path).to_owned(), Some(Digest::of(path.as_bytes())))).collect())
    }

    #[test]
    fn notes_are_read_as_they_were_written() {
        let mut written = notes(&["tags/a/latest.zip", "tags/a/media/über uns/100% #1?.mp3"]);
        written.0.insert("tags/a/media/x".to_owned(), None);
        let resource = written.to_resource();
        let crate::read::Content::Memory(bytes) = &resource.content else { panic!("it is in memory") };
        assert_eq!(Notes::read(&tag(), bytes).unwrap(), written);
    }

    #[test]
    fn notes_that_name_what_is_no_alias_are_refused() {
        for path in [
            "index.html",
            "tags/a/manifest.json",
            "tags/b/latest.zip",
            "tags/a/media/",
            "tags/a/media/../manifest.json",
            "tags/a/media/../../../x",
            "/etc/passwd",
            "tags/a/media//x",
        ] {
            let text = serde_json::json!({ "files": { path: null } }).to_string();
            let refused = Notes::read(&tag(), text.as_bytes()).unwrap_err();
            assert!(matches!(refused, ExportError::Notes { .. }), "{path}: {refused}");
        }
        assert!(Notes::read(&tag(), b"{").is_err());
    }

    #[test]
    fn a_file_that_others_lie_in_is_found_in_both_directions() {
        assert_eq!(notes(&["x/a", "x/a-", "x/a/b"]).file_and_folder(), Some("x/a"));
        assert_eq!(notes(&["x/a", "x/a-/b", "x/a.b"]).file_and_folder(), None);
        let now = notes(&["x/a/b", "x/c"]);
        assert!(now.is_in_the_way("x/a") && now.is_in_the_way("x/c/d/e") && now.is_in_the_way("x"));
        assert!(!now.is_in_the_way("x/a/c") && !now.is_in_the_way("x/c.d") && !now.is_in_the_way("y"));
    }
}
