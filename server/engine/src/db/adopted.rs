//! Objects that were in the bucket before: what was found out about them.

use sqlx::Row as _;
use stowaway_domain::Digest;

use super::query::stored;
use super::rows::{digest, number};
use super::{Database, DbError};

pub(super) const DESCRIBED_OBJECT: &str = "SELECT * FROM adopted_objects WHERE store_key = $1 AND sha256 IS NOT NULL";

/// What one read of an object found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedObject {
    /// Relative to the configured prefix.
    pub store_key: String,
    /// The store's validator when it was read.
    pub etag: String,
    /// Bytes.
    pub size: u64,
    /// Of its bytes.
    pub digest: Digest,
    /// What it is, as JSON.
    pub described: String,
}

impl Database {
    /// What was found out about an object, whichever it was then.
    ///
    /// # Errors
    /// The database failed.
    pub async fn described_object(&self, store_key: &str) -> Result<Option<DescribedObject>, DbError> {
        let failed = || DbError::query("find the object");
        let query = sqlx::query(DESCRIBED_OBJECT).bind(store_key);
        let Some(row) = query.fetch_optional(self.pool()).await.map_err(failed())? else { return Ok(None) };
        let described = || {
            Ok(DescribedObject {
                store_key: row.try_get("store_key")?,
                etag: row.try_get("etag")?,
                size: number(&row, "size_bytes")?,
                digest: digest(&row, "sha256")?,
                described: row.try_get("described")?,
            })
        };
        described().map(Some).map_err(failed())
    }

    /// Notes what was found out about an object.
    ///
    /// # Errors
    /// The database failed.
    pub async fn record_object(&self, object: &DescribedObject) -> Result<(), DbError> {
        let too_large = || DbError::Damaged(format!("{} is more than it can hold", object.size));
        sqlx::query(
            "INSERT INTO adopted_objects (store_key, etag, size_bytes, described, sha256) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (store_key) DO UPDATE \
             SET etag = excluded.etag, size_bytes = excluded.size_bytes, described = excluded.described, \
             sha256 = excluded.sha256",
        )
        .bind(object.store_key.as_str())
        .bind(object.etag.as_str())
        .bind(stored(object.size).ok_or_else(too_large)?)
        .bind(object.described.as_str())
        .bind(object.digest.as_bytes().as_slice())
        .execute(self.pool())
        .await
        .map(drop)
        .map_err(DbError::query("note what the object is"))
    }
}
