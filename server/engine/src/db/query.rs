//! Every read, one statement each. Placeholders are `$1` in both dialects.

use stowaway_domain::{AssetPath, Digest, Tag};

use super::adopted::DESCRIBED_OBJECT;
use super::rows::{AssetRow, BlobRow, ItemRow, Pointer, ReleaseRow, TagRow};
use super::stats::TAG_USE;
use super::tag_states::{RELEASES_PAGE, TAG_STATE, TAG_STATES};
use super::tokens::{TOKEN, TOKENS_PAGE};
use super::uploads::{EXPIRED_UPLOADS, TAGS_WITH_BLOB, UPLOAD, UPLOAD_OF, UPLOAD_PARTS};
use super::variants::{RELEASE_OF_MANIFEST, VARIANTS};
use super::{Database, DbError};

const TAG_POINTER: &str = "SELECT t.current_release, t.last_release, t.identifier, t.unpublished, r.manifest_sha256 \
     FROM tags t JOIN releases r ON r.tag = t.tag AND r.number = t.current_release WHERE t.tag = $1";
const RELEASE: &str = "SELECT * FROM releases WHERE tag = $1 AND number = $2 AND retired_ms IS NULL";
const RELEASES: &str = "SELECT * FROM releases WHERE tag = $1 AND retired_ms IS NULL ORDER BY number DESC";
const BLOB: &str = "SELECT * FROM blobs WHERE sha256 = $1 AND removed_ms IS NULL";
const RELEASE_BLOBS: &str =
    "SELECT * FROM blobs WHERE sha256 IN (SELECT a.sha256 FROM release_assets a WHERE a.tag = $1 AND a.number = $2)";
const BLOB_MEDIA_TYPE: &str = "SELECT media_type FROM blob_names WHERE sha256 = $1 AND file_name = $2";
const ASSET: &str = "SELECT * FROM release_assets WHERE tag = $1 AND number = $2 AND path = $3";
const ITEMS: &str = "SELECT * FROM items WHERE tag = $1 ORDER BY identifier";
const TAGS_PAGE: &str = "SELECT t.tag, t.current_release, r.modified, r.summary \
     FROM tags t JOIN releases r ON r.tag = t.tag AND r.number = t.current_release \
     WHERE t.tag > $1 AND t.unpublished IS NULL ORDER BY t.tag LIMIT $2";

impl Database {
    /// Every statement that reads, so that a test can hold each against the indexes.
    #[doc(hidden)]
    pub const READ_QUERIES: &[&str] = &[
        TAG_POINTER,
        RELEASE,
        RELEASES,
        BLOB,
        RELEASE_BLOBS,
        BLOB_MEDIA_TYPE,
        ASSET,
        ITEMS,
        TAGS_PAGE,
        VARIANTS,
        RELEASE_OF_MANIFEST,
        UPLOAD,
        UPLOAD_OF,
        UPLOAD_PARTS,
        EXPIRED_UPLOADS,
        TAGS_WITH_BLOB,
        TOKEN,
        TOKENS_PAGE,
        TAG_STATE,
        TAG_STATES,
        RELEASES_PAGE,
        TAG_USE,
        DESCRIBED_OBJECT,
    ];

    /// What a tag points at, `None` when there is no such tag.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tag_pointer(&self, tag: &Tag) -> Result<Option<Pointer>, DbError> {
        let query = sqlx::query_as(TAG_POINTER).bind(tag.as_str());
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the tag"))
    }

    /// One release, unless it was retired.
    ///
    /// # Errors
    /// The database failed.
    pub async fn release(&self, tag: &Tag, release: u64) -> Result<Option<ReleaseRow>, DbError> {
        let Some(number) = stored(release) else { return Ok(None) };
        let query = sqlx::query_as(RELEASE).bind(tag.as_str()).bind(number);
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the release"))
    }

    /// Every release of a tag, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn releases(&self, tag: &Tag) -> Result<Vec<ReleaseRow>, DbError> {
        let query = sqlx::query_as(RELEASES).bind(tag.as_str());
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the releases"))
    }

    /// A stored blob.
    ///
    /// # Errors
    /// The database failed.
    pub async fn blob(&self, digest: &Digest) -> Result<Option<BlobRow>, DbError> {
        let query = sqlx::query_as(BLOB).bind(digest.as_bytes().as_slice());
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the blob"))
    }

    /// Every blob of a release, each once, in no order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn release_blobs(&self, tag: &Tag, release: u64) -> Result<Vec<BlobRow>, DbError> {
        let Some(number) = stored(release) else { return Ok(Vec::new()) };
        let query = sqlx::query_as(RELEASE_BLOBS).bind(tag.as_str()).bind(number);
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the blobs of the release"))
    }

    /// The media type that the first release to call a blob `file_name` gave it; `None` when no release has called it so.
    ///
    /// # Errors
    /// The database failed.
    pub async fn blob_media_type(&self, digest: &Digest, file_name: &str) -> Result<Option<String>, DbError> {
        let query = sqlx::query_scalar(BLOB_MEDIA_TYPE).bind(digest.as_bytes().as_slice()).bind(file_name);
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the blob's media type"))
    }

    /// The asset at a path of a release.
    ///
    /// # Errors
    /// The database failed.
    pub async fn asset(&self, tag: &Tag, release: u64, path: &AssetPath) -> Result<Option<AssetRow>, DbError> {
        let Some(number) = stored(release) else { return Ok(None) };
        let query = sqlx::query_as(ASSET).bind(tag.as_str()).bind(number).bind(path.as_str());
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the asset"))
    }

    /// The lessons and episodes whose identifiers are kept for a tag.
    ///
    /// # Errors
    /// The database failed.
    pub async fn items(&self, tag: &Tag) -> Result<Vec<ItemRow>, DbError> {
        let query = sqlx::query_as(ITEMS).bind(tag.as_str());
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the items"))
    }

    /// Up to `limit` tags after `after` (or from the first), by name, without those that were taken back.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tags_page(&self, after: Option<&Tag>, limit: u32) -> Result<Vec<TagRow>, DbError> {
        let after = after.map_or("", Tag::as_str);
        let query = sqlx::query_as(TAGS_PAGE).bind(after).bind(i64::from(limit));
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the tags"))
    }
}

/// As the databases hold it; numbers beyond what they hold were never given.
pub(super) fn stored(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}
