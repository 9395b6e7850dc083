//! Uploads: what is durable of each, and who appends. Every write names its holder, so that one who was taken over writes nothing.

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row as _};
use stowaway_domain::upload::UploadId;
use stowaway_domain::{Digest, Tag};

use super::query::stored;
use super::rows::{digest, number, undecodable};
use super::{Database, DbError};

pub(super) const UPLOAD: &str = "SELECT * FROM uploads WHERE id = $1";
pub(super) const UPLOAD_OF: &str =
    "SELECT * FROM uploads WHERE owner = $1 AND sha256 = $2 ORDER BY finished DESC, offset_bytes DESC LIMIT 1";
pub(super) const UPLOAD_PARTS: &str = "SELECT content_id FROM upload_parts WHERE upload = $1 ORDER BY number";
pub(super) const EXPIRED_UPLOADS: &str = "SELECT * FROM uploads WHERE expires_ms < $1 ORDER BY expires_ms LIMIT $2";
pub(super) const TAGS_WITH_BLOB: &str = "SELECT DISTINCT a.tag FROM release_assets a \
     WHERE a.sha256 = $1 AND EXISTS (SELECT 1 FROM tags t WHERE t.tag = a.tag) LIMIT 1000";

/// What is known of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// Its name.
    pub id: UploadId,
    /// Who may append, ask and remove.
    pub owner: String,
    /// What all bytes will be, as the client says.
    pub digest: Digest,
    /// How many there will be, as the client says.
    pub size: u64,
    /// `Upload-Metadata` as it came.
    pub metadata: String,
    /// Milliseconds since 1970.
    pub expires_ms: u64,
    /// Bytes that are durable.
    pub offset: u64,
    /// How many of these lie in the tail object.
    pub tail_bytes: u64,
    /// Size of the parts in the store, all but the last.
    pub part_bytes: u64,
    /// The store's name of the multipart upload, empty where there is none.
    pub multipart: String,
    /// Of SHA-256 after `offset` bytes.
    pub hash_state: Vec<u8>,
    /// Whether the blob is stored.
    pub finished: bool,
    /// Who appends now.
    pub holder: Option<String>,
    /// Counts while the holder lives.
    pub beat: u64,
}

/// What an append made durable.
#[derive(Debug, Clone)]
pub struct AppendedRow<'a> {
    /// Bytes that are durable now.
    pub offset: u64,
    /// How many of these lie in the tail object.
    pub tail_bytes: u64,
    /// Of SHA-256 after them.
    pub hash_state: &'a [u8],
    /// Parts that are new in the store, by number.
    pub parts: &'a [(u64, String)],
    /// Milliseconds since 1970.
    pub expires_ms: u64,
}

const APPEND: &str = "record the appended bytes";

impl Database {
    /// Adds an upload, unless its owner has `max_open` unfinished ones. Says whether it did.
    ///
    /// # Errors
    /// The database failed.
    pub async fn insert_upload(&self, row: &UploadRow, max_open: u64) -> Result<bool, DbError> {
        let failed = || DbError::query("add the upload");
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        let open: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM uploads WHERE owner = $1 AND finished = 0")
            .bind(row.owner.as_str())
            .fetch_one(&mut *transaction)
            .await
            .map_err(failed())?;
        if u64::try_from(open).unwrap_or(0) >= max_open {
            transaction.rollback().await.map_err(failed())?;
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO uploads (id, owner, sha256, size_bytes, metadata, expires_ms, offset_bytes, tail_bytes, part_bytes, \
             multipart, hash_state, finished, beat) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0)",
        )
        .bind(row.id.as_str())
        .bind(row.owner.as_str())
        .bind(row.digest.as_bytes().as_slice())
        .bind(whole(row.size)?)
        .bind(row.metadata.as_str())
        .bind(whole(row.expires_ms)?)
        .bind(whole(row.offset)?)
        .bind(whole(row.tail_bytes)?)
        .bind(whole(row.part_bytes)?)
        .bind(row.multipart.as_str())
        .bind(row.hash_state.as_slice())
        .execute(&mut *transaction)
        .await
        .map_err(failed())?;
        transaction.commit().await.map_err(failed())?;
        Ok(true)
    }

    /// An upload.
    ///
    /// # Errors
    /// The database failed.
    pub async fn upload(&self, id: &UploadId) -> Result<Option<UploadRow>, DbError> {
        let query = sqlx::query_as(UPLOAD).bind(id.as_str());
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the upload"))
    }

    /// The upload of a blob by `owner` that is furthest, if there is one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn upload_of(&self, owner: &str, blob: &Digest) -> Result<Option<UploadRow>, DbError> {
        let query = sqlx::query_as(UPLOAD_OF).bind(owner).bind(blob.as_bytes().as_slice());
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the upload of a blob"))
    }

    /// The store's names of the parts of an upload, in order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn upload_parts(&self, id: &UploadId) -> Result<Vec<String>, DbError> {
        let query = sqlx::query_scalar(UPLOAD_PARTS).bind(id.as_str());
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the parts of the upload"))
    }

    /// Up to `limit` uploads that expired before `now_ms`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn expired_uploads(&self, now_ms: u64, limit: u32) -> Result<Vec<UploadRow>, DbError> {
        let query = sqlx::query_as(EXPIRED_UPLOADS).bind(whole(now_ms)?).bind(i64::from(limit));
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the expired uploads"))
    }

    /// Tags that have a release with the blob.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tags_with_blob(&self, blob: &Digest) -> Result<Vec<Tag>, DbError> {
        const OPERATION: &str = "find the tags with a blob";
        let query = sqlx::query_scalar(TAGS_WITH_BLOB).bind(blob.as_bytes().as_slice());
        let names: Vec<String> = query.fetch_all(self.pool()).await.map_err(DbError::query(OPERATION))?;
        let parsed = names.iter().map(|name| name.parse().map_err(|error| undecodable("tag", error)));
        parsed.collect::<sqlx::Result<_>>().map_err(DbError::query(OPERATION))
    }

    /// Makes `holder` the one who appends, if the upload is held as `seen` says. Says whether it did.
    ///
    /// # Errors
    /// The database failed.
    pub async fn hold_upload(&self, seen: &UploadRow, holder: &str) -> Result<bool, DbError> {
        let query = match &seen.holder {
            None => sqlx::query("UPDATE uploads SET holder = $2, beat = 0 WHERE id = $1 AND holder IS NULL")
                .bind(seen.id.as_str())
                .bind(holder),
            Some(other) => {
                sqlx::query("UPDATE uploads SET holder = $2, beat = 0 WHERE id = $1 AND holder = $3 AND beat = $4")
                    .bind(seen.id.as_str())
                    .bind(holder)
                    .bind(other.as_str())
                    .bind(whole(seen.beat)?)
            }
        };
        let held = query.execute(self.pool()).await.map_err(DbError::query("hold the upload"))?;
        Ok(held.rows_affected() == 1)
    }

    /// Says that the holder lives, and whether it still is the holder.
    ///
    /// # Errors
    /// The database failed.
    pub async fn beat_upload(&self, id: &UploadId, holder: &str) -> Result<bool, DbError> {
        let query = sqlx::query("UPDATE uploads SET beat = beat + 1 WHERE id = $1 AND holder = $2");
        let query = query.bind(id.as_str()).bind(holder);
        let beaten = query.execute(self.pool()).await.map_err(DbError::query("keep hold of the upload"))?;
        Ok(beaten.rows_affected() == 1)
    }

    /// Lets go of an upload.
    ///
    /// # Errors
    /// The database failed.
    pub async fn release_upload(&self, id: &UploadId, holder: &str) -> Result<(), DbError> {
        let query = sqlx::query("UPDATE uploads SET holder = NULL WHERE id = $1 AND holder = $2");
        let query = query.bind(id.as_str()).bind(holder);
        query.execute(self.pool()).await.map(drop).map_err(DbError::query("let go of the upload"))
    }

    /// Records what is durable now. Says whether `holder` still was the holder; if not, nothing was written.
    ///
    /// # Errors
    /// The database failed.
    pub async fn record_append(
        &self,
        id: &UploadId,
        holder: &str,
        appended: &AppendedRow<'_>,
    ) -> Result<bool, DbError> {
        let failed = || DbError::query(APPEND);
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        let moved = sqlx::query(
            "UPDATE uploads SET offset_bytes = $3, tail_bytes = $4, hash_state = $5, expires_ms = $6 \
             WHERE id = $1 AND holder = $2 AND finished = 0",
        )
        .bind(id.as_str())
        .bind(holder)
        .bind(whole(appended.offset)?)
        .bind(whole(appended.tail_bytes)?)
        .bind(appended.hash_state)
        .bind(whole(appended.expires_ms)?)
        .execute(&mut *transaction)
        .await
        .map_err(failed())?;
        if moved.rows_affected() != 1 {
            transaction.rollback().await.map_err(failed())?;
            return Ok(false);
        }
        for (number, content_id) in appended.parts {
            sqlx::query(
                "INSERT INTO upload_parts (upload, number, content_id) VALUES ($1, $2, $3) \
                 ON CONFLICT (upload, number) DO UPDATE SET content_id = excluded.content_id",
            )
            .bind(id.as_str())
            .bind(whole(*number)?)
            .bind(content_id.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        }
        transaction.commit().await.map_err(failed())?;
        Ok(true)
    }

    /// Records that the blob is stored; its parts are no longer needed. Says whether `holder` still was the holder.
    ///
    /// # Errors
    /// The database failed.
    pub async fn finish_upload(&self, id: &UploadId, holder: &str, expires_ms: u64) -> Result<bool, DbError> {
        let failed = || DbError::query("finish the upload");
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        let finished = sqlx::query(
            "UPDATE uploads SET finished = 1, offset_bytes = size_bytes, tail_bytes = 0, multipart = '', expires_ms = $3 \
             WHERE id = $1 AND holder = $2",
        )
        .bind(id.as_str())
        .bind(holder)
        .bind(whole(expires_ms)?)
        .execute(&mut *transaction)
        .await
        .map_err(failed())?;
        sqlx::query("DELETE FROM upload_parts WHERE upload = $1")
            .bind(id.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        transaction.commit().await.map_err(failed())?;
        Ok(finished.rows_affected() == 1)
    }

    /// Forgets an upload and its parts.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_upload(&self, id: &UploadId) -> Result<(), DbError> {
        let query = sqlx::query("DELETE FROM uploads WHERE id = $1").bind(id.as_str());
        query.execute(self.pool()).await.map(drop).map_err(DbError::query("forget the upload"))
    }
}

impl FromRow<'_, AnyRow> for UploadRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let id: String = row.try_get("id")?;
        Ok(Self {
            id: id.parse().map_err(|error| undecodable("id", error))?,
            owner: row.try_get("owner")?,
            digest: digest(row, "sha256")?,
            size: number(row, "size_bytes")?,
            metadata: row.try_get("metadata")?,
            expires_ms: number(row, "expires_ms")?,
            offset: number(row, "offset_bytes")?,
            tail_bytes: number(row, "tail_bytes")?,
            part_bytes: number(row, "part_bytes")?,
            multipart: row.try_get("multipart")?,
            hash_state: row.try_get("hash_state")?,
            finished: number(row, "finished")? == 1,
            holder: row.try_get("holder")?,
            beat: number(row, "beat")?,
        })
    }
}

fn whole(number: u64) -> Result<i64, DbError> {
    stored(number).ok_or_else(|| DbError::Damaged(format!("{number} is more than it can hold")))
}
