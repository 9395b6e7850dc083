//! How much there is: counted when asked, by an administrator. No read of these is on the way of a reader.

use sqlx::FromRow;
use sqlx::any::AnyRow;
use stowaway_domain::Tag;

use super::rows::number;
use super::{Database, DbError};

/// `SUM` is not an integer everywhere.
const TOTALS: &str = "SELECT (SELECT COUNT(*) FROM tags) AS tags, \
     (SELECT COUNT(*) FROM tags WHERE unpublished IS NOT NULL) AS unpublished, \
     (SELECT COUNT(*) FROM releases WHERE retired_ms IS NULL) AS releases, \
     (SELECT COUNT(*) FROM blobs WHERE removed_ms IS NULL) AS blobs, \
     (SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM blobs WHERE removed_ms IS NULL) AS bytes";
pub(super) const TAG_USE: &str = "SELECT (SELECT COUNT(*) FROM releases WHERE tag = $1 AND retired_ms IS NULL) AS releases, \
     COUNT(*) AS blobs, CAST(COALESCE(SUM(b.size_bytes), 0) AS BIGINT) AS bytes, \
     CAST(COALESCE(SUM(CASE WHEN EXISTS (SELECT 1 FROM release_assets o WHERE o.sha256 = b.sha256 AND o.tag <> $1) \
     THEN 0 ELSE b.size_bytes END), 0) AS BIGINT) AS exclusive_bytes \
     FROM blobs b WHERE b.sha256 IN (SELECT a.sha256 FROM release_assets a WHERE a.tag = $1)";

/// What there is in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Tags.
    pub tags: u64,
    /// Of these, tags that are not offered any more.
    pub unpublished: u64,
    /// Releases of all tags.
    pub releases: u64,
    /// Blobs, each counted once.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What the releases of one tag need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagUse {
    /// Releases.
    pub releases: u64,
    /// Blobs of all of them, each counted once.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes of those that no other tag has too.
    pub exclusive_bytes: u64,
}

impl TagUse {
    /// Bytes that other tags have too.
    #[must_use]
    pub const fn shared_bytes(&self) -> u64 {
        self.bytes - self.exclusive_bytes
    }
}

impl Database {
    /// What there is in all.
    ///
    /// # Errors
    /// The database failed.
    pub async fn totals(&self) -> Result<Totals, DbError> {
        sqlx::query_as(TOTALS).fetch_one(self.pool()).await.map_err(DbError::query("count what there is"))
    }

    /// What the releases of a tag need.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tag_use(&self, tag: &Tag) -> Result<TagUse, DbError> {
        let query = sqlx::query_as(TAG_USE).bind(tag.as_str());
        query.fetch_one(self.pool()).await.map_err(DbError::query("count what the tag needs"))
    }
}

impl FromRow<'_, AnyRow> for Totals {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            tags: number(row, "tags")?,
            unpublished: number(row, "unpublished")?,
            releases: number(row, "releases")?,
            blobs: number(row, "blobs")?,
            bytes: number(row, "bytes")?,
        })
    }
}

impl FromRow<'_, AnyRow> for TagUse {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            releases: number(row, "releases")?,
            blobs: number(row, "blobs")?,
            bytes: number(row, "bytes")?,
            exclusive_bytes: number(row, "exclusive_bytes")?,
        })
    }
}
