//! What a row is in the program: parsed once, here.

use std::sync::Arc;

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row as _};
use stowaway_domain::store_key::AdoptedObject;
use stowaway_domain::{AssetPath, Digest, StoreKey, Tag};

/// What a tag points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The current release.
    pub release: u64,
    /// SHA-256 of the bytes of its manifest: the ETag.
    pub manifest_digest: Digest,
    /// Highest number ever given to a release of the tag.
    pub last_release: u64,
    /// `urn:uuid:…` of the tag.
    pub identifier: String,
    /// Since when the tag is not offered any more, RFC 3339 UTC.
    pub unpublished: Option<String>,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRow {
    /// The tag.
    pub tag: Tag,
    /// The number, from 1.
    pub number: u64,
    /// The release digest, `download.digest` of the manifest.
    pub release_digest: Digest,
    /// SHA-256 of the bytes of the manifest.
    pub manifest_digest: Digest,
    /// Bytes of the manifest.
    pub manifest_bytes: u64,
    /// SHA-256 of the bytes of the release piece index.
    pub pieces_digest: Digest,
    /// Bytes of the release piece index.
    pub pieces_bytes: u64,
    /// SHA-256 of the bytes of its chunk index; none for a release made before there were any.
    pub chunks_digest: Option<Digest>,
    /// When it was made, RFC 3339 UTC.
    pub modified: String,
    /// The release before.
    pub previous: Option<PreviousRow>,
    /// What the catalogue shows, as JSON.
    pub summary: String,
}

impl ReleaseRow {
    /// Where the manifest lies.
    #[must_use]
    pub fn manifest_key(&self) -> StoreKey {
        StoreKey::Manifest(self.tag.clone(), self.number, self.manifest_digest)
    }

    /// Where the release piece index lies.
    #[must_use]
    pub fn pieces_key(&self) -> StoreKey {
        StoreKey::ReleasePieces(self.tag.clone(), self.number, self.pieces_digest)
    }

    /// Where its record lies.
    #[must_use]
    pub fn record_key(&self) -> StoreKey {
        StoreKey::ReleaseRecord(self.tag.clone(), self.number, self.manifest_digest)
    }

    /// Where the chunk index lies, and its digest, if there is one.
    #[must_use]
    pub fn chunks_key(&self) -> Option<(StoreKey, Digest)> {
        self.chunks_digest.map(|digest| (StoreKey::ReleaseChunks(self.tag.clone(), self.number, digest), digest))
    }
}

/// The release before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviousRow {
    /// Its number.
    pub number: u64,
    /// Its release digest.
    pub release_digest: Digest,
}

/// A tag in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRow {
    /// The tag.
    pub tag: Tag,
    /// Its current release.
    pub release: u64,
    /// When that was made, RFC 3339 UTC.
    pub modified: String,
    /// What the catalogue shows, as JSON.
    pub summary: String,
}

/// A stored blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRow {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    /// CRC-32 (IEEE) of its bytes.
    pub crc32: u32,
    /// Where it lies, relative to the configured prefix.
    pub store_key: String,
    /// Of an object that was there before, and is not ours to delete: the store's validator of it when it was read.
    pub adopted_etag: Option<String>,
    /// How many pieces it has.
    pub piece_count: u64,
}

impl BlobRow {
    /// The object with its bytes.
    #[must_use]
    pub fn key(&self) -> StoreKey {
        match &self.adopted_etag {
            None => StoreKey::Blob(self.digest),
            Some(etag) => StoreKey::Adopted(Arc::new(AdoptedObject {
                path: self.store_key.clone(),
                digest: self.digest,
                size: self.size,
                etag: etag.clone(),
            })),
        }
    }
}

/// An asset of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetRow {
    /// In manifest order, from 0.
    pub position: u64,
    /// Path in the tag.
    pub path: AssetPath,
    /// Last segment of the address of its blob in this release.
    pub file_name: String,
    /// Media type.
    pub media_type: String,
    /// The blob.
    pub digest: Digest,
}

/// A lesson or episode, whose identifier is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// `urn:uuid:…`.
    pub identifier: String,
    /// Where it was last.
    pub path: AssetPath,
    /// What it was last.
    pub digest: Digest,
}

pub(super) fn number(row: &AnyRow, column: &str) -> sqlx::Result<u64> {
    let value: i64 = row.try_get(column)?;
    u64::try_from(value).map_err(|error| undecodable(column, error))
}

pub(super) fn digest(row: &AnyRow, column: &str) -> sqlx::Result<Digest> {
    parse_digest(&row.try_get::<Vec<u8>, _>(column)?, column)
}

pub(super) fn optional_digest(row: &AnyRow, column: &str) -> sqlx::Result<Option<Digest>> {
    row.try_get::<Option<Vec<u8>>, _>(column)?.map(|bytes| parse_digest(&bytes, column)).transpose()
}

fn parse_digest(bytes: &[u8], column: &str) -> sqlx::Result<Digest> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|error| undecodable(column, error))?;
    Ok(Digest::from_bytes(bytes))
}

pub(super) fn parsed<T>(row: &AnyRow, column: &str) -> sqlx::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: String = row.try_get(column)?;
    text.parse().map_err(|error| undecodable(column, error))
}

pub(super) fn undecodable(column: &str, source: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(source) }
}

impl FromRow<'_, AnyRow> for Pointer {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            release: number(row, "current_release")?,
            manifest_digest: digest(row, "manifest_sha256")?,
            last_release: number(row, "last_release")?,
            identifier: row.try_get("identifier")?,
            unpublished: row.try_get("unpublished")?,
        })
    }
}

impl FromRow<'_, AnyRow> for ReleaseRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let has_previous = row.try_get::<Option<i64>, _>("previous_number")?.is_some();
        let previous = if has_previous {
            Some(PreviousRow {
                number: number(row, "previous_number")?,
                release_digest: digest(row, "previous_sha256")?,
            })
        } else {
            None
        };
        Ok(Self {
            tag: parsed(row, "tag")?,
            number: number(row, "number")?,
            release_digest: digest(row, "release_sha256")?,
            manifest_digest: digest(row, "manifest_sha256")?,
            manifest_bytes: number(row, "manifest_bytes")?,
            pieces_digest: digest(row, "pieces_sha256")?,
            pieces_bytes: number(row, "pieces_bytes")?,
            chunks_digest: optional_digest(row, "chunks_sha256")?,
            modified: row.try_get("modified")?,
            previous,
            summary: row.try_get("summary")?,
        })
    }
}

impl FromRow<'_, AnyRow> for TagRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            tag: parsed(row, "tag")?,
            release: number(row, "current_release")?,
            modified: row.try_get("modified")?,
            summary: row.try_get("summary")?,
        })
    }
}

impl FromRow<'_, AnyRow> for BlobRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let crc32 = number(row, "crc32")?;
        Ok(Self {
            digest: digest(row, "sha256")?,
            size: number(row, "size_bytes")?,
            crc32: u32::try_from(crc32).map_err(|error| undecodable("crc32", error))?,
            store_key: row.try_get("store_key")?,
            adopted_etag: row.try_get("adopted_etag")?,
            piece_count: number(row, "piece_count")?,
        })
    }
}

impl FromRow<'_, AnyRow> for AssetRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            position: number(row, "position")?,
            path: parsed(row, "path")?,
            file_name: row.try_get("file_name")?,
            media_type: row.try_get("media_type")?,
            digest: digest(row, "sha256")?,
        })
    }
}

impl FromRow<'_, AnyRow> for ItemRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { identifier: row.try_get("identifier")?, path: parsed(row, "path")?, digest: digest(row, "sha256")? })
    }
}
