//! A planned release: the documents and rows that publishing writes.

use super::summary::TagSummary;
use crate::manifest::Manifest;
use crate::{AssetPath, Digest};

/// What publishing writes.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRelease {
    /// The manifest.
    pub manifest: Manifest,
    /// Its canonical bytes, as stored and served.
    pub manifest_bytes: Vec<u8>,
    /// SHA-256 of those bytes.
    pub manifest_digest: Digest,
    /// Canonical bytes of the release piece index.
    pub pieces_bytes: Vec<u8>,
    /// SHA-256 of those bytes.
    pub pieces_digest: Digest,
    /// Canonical bytes of the chunk index.
    pub chunks_bytes: Vec<u8>,
    /// SHA-256 of those bytes.
    pub chunks_digest: Digest,
    /// What the catalogue says about the tag.
    pub summary: TagSummary,
    /// One row an asset, in manifest order.
    pub asset_rows: Vec<AssetRow>,
}

/// One asset of a release, as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetRow {
    /// Place in manifest order, from 0.
    pub position: u64,
    /// Path in the tag.
    pub path: AssetPath,
    /// Name in the blob's address; one a blob and release.
    pub file_name: String,
    /// Value of `Content-Type` for that address, without charset.
    pub media_type: String,
    /// The blob.
    pub digest: Digest,
}
