//! What is said to the server, and what it answers: `docs/publishing.md`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stowaway_domain::Digest;
use stowaway_domain::file_list::ListedFile;

use super::RemoteError;
use crate::publish::FolderListing;

#[derive(Serialize)]
struct Request<'a> {
    files: Vec<File<'a>>,
    #[serde(rename = "tagToml", skip_serializing_if = "Option::is_none")]
    tag_toml: Option<&'a str>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    size: u64,
    sha256: String,
}

/// The body of a publication.
pub(super) fn request(listing: &FolderListing) -> Result<Vec<u8>, RemoteError> {
    let files = listing.files.iter().map(|file| {
        let ListedFile { path, size, digest } = &file.listed;
        File { path: path.as_str(), size: *size, sha256: digest.hex() }
    });
    let request = Request { files: files.collect(), tag_toml: listing.tag_toml() };
    serde_json::to_vec(&request).map_err(|_| RemoteError::Unexpected { what: "cannot be told of this folder" })
}

/// How far a publication is.
pub(super) enum Answer {
    Missing(Vec<MissingFile>),
    Running { ask_again: Option<Duration> },
    Done(RemoteRelease),
}

/// Bytes that the server lacks.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct MissingFile {
    #[serde(rename = "sha256", deserialize_with = "bare_digest")]
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) upload: Option<OpenUpload>,
}

/// An upload that can go on.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct OpenUpload {
    pub(super) href: String,
    pub(super) offset: u64,
}

impl MissingFile {
    pub(super) fn offset(&self) -> u64 {
        self.upload.as_ref().map_or(0, |upload| upload.offset)
    }
}

fn bare_digest<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
    Digest::parse_hex(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// The release that there is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteRelease {
    /// Whether it is a new one.
    pub changed: bool,
    /// Its number.
    pub release: u64,
    /// Its release digest, of a new one.
    pub digest: Option<Digest>,
    /// Its assets, of a new one.
    pub assets: Option<u64>,
    /// What a client that has nothing downloads for everything, of a new one.
    pub bytes_total: Option<u64>,
    /// What a client that has the release before must fetch, where there is one.
    pub bytes_to_fetch_from_previous: Option<u64>,
    /// Bytes that were sent.
    #[serde(default)]
    pub bytes_uploaded: u64,
}

impl RemoteRelease {
    pub(super) const fn with_uploaded(mut self, bytes: u64) -> Self {
        self.bytes_uploaded = bytes;
        self
    }
}

/// An answer of 202.
#[derive(Deserialize)]
pub(super) struct Unfinished {
    #[serde(default)]
    pub(super) missing: Vec<MissingFile>,
}
