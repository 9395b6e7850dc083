//! The one transaction that makes a release: rows, pointer and outbox, or nothing.

use sqlx::{Any, Transaction};
use stowaway_domain::Tag;

use super::query::stored;
use super::{AssetRow, BlobRow, Database, DbError, ItemRow, ReleaseRow};

/// Everything that one release writes.
#[derive(Debug, Clone)]
pub struct CommitRelease {
    /// `urn:uuid:…` of the tag; kept from its first release.
    pub identifier: String,
    /// What the tag pointed at when the release was planned; `None` for a new tag.
    pub expected_current: Option<u64>,
    /// The release.
    pub release: ReleaseRow,
    /// Its assets.
    pub assets: Vec<AssetRow>,
    /// The blobs these name, all of them stored.
    pub blobs: Vec<BlobRow>,
    /// Its lessons or episodes.
    pub items: Vec<ItemRow>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// Readers get the new release.
    Committed,
    /// The tag has moved on since the release was planned; nothing was written.
    Superseded,
    /// The claimant was forgotten, so that what the release relies on may be gone; nothing was written.
    Forgotten,
}

/// Called at the last moment at which nothing is visible.
pub type BeforeCommit<'a> = &'a (dyn Fn() -> std::io::Result<()> + Send + Sync);

const OPERATION: &str = "commit the release";

impl Database {
    /// Makes a release current, if the tag still points at what it was planned on. `before_commit` is called when
    /// everything is written and nobody sees it; its error rolls everything back.
    ///
    /// # Errors
    /// The database failed; nothing was written, unless it failed while it acknowledged.
    pub async fn commit_release(
        &self,
        commit: &CommitRelease,
        before_commit: BeforeCommit<'_>,
    ) -> Result<CommitOutcome, DbError> {
        self.commit_claimed(commit, None, before_commit).await
    }

    /// As [`Self::commit_release`], for a claimant: its claims end with the transaction, and without them it does not commit.
    ///
    /// # Errors
    /// As [`Self::commit_release`].
    pub async fn commit_claimed(
        &self,
        commit: &CommitRelease,
        claimant: Option<&str>,
        before_commit: BeforeCommit<'_>,
    ) -> Result<CommitOutcome, DbError> {
        let failed = || DbError::query(OPERATION);
        let mut transaction = self.pool.begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        if !move_pointer(&mut transaction, commit).await? {
            transaction.rollback().await.map_err(failed())?;
            return Ok(CommitOutcome::Superseded);
        }
        insert_blobs(&mut transaction, &commit.blobs).await?;
        insert_release(&mut transaction, &commit.release).await?;
        insert_assets(&mut transaction, &commit.release, &commit.assets).await?;
        upsert_items(&mut transaction, &commit.release.tag, &commit.items).await?;
        insert_event(&mut transaction, &commit.release).await?;
        if !end_claims(&mut transaction, claimant).await? {
            transaction.rollback().await.map_err(failed())?;
            return Ok(CommitOutcome::Forgotten);
        }
        before_commit().map_err(|source| DbError::Stopped { operation: OPERATION, source })?;
        transaction.commit().await.map_err(failed())?;
        Ok(CommitOutcome::Committed)
    }
}

impl Database {
    /// Notes where blobs are of which nothing else changed.
    ///
    /// # Errors
    /// The database failed; nothing was written, unless it failed while it acknowledged.
    pub async fn record_blobs(&self, blobs: &[BlobRow]) -> Result<(), DbError> {
        let failed = || DbError::query("note where the blobs are");
        let mut transaction = self.pool.begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        insert_blobs(&mut transaction, blobs).await?;
        transaction.commit().await.map_err(failed())
    }
}

/// Who has no claimant relies on nothing that could be removed.
async fn end_claims(transaction: &mut Writing<'_>, claimant: Option<&str>) -> Result<bool, DbError> {
    let Some(claimant) = claimant else { return Ok(true) };
    let query = sqlx::query("DELETE FROM claimants WHERE id = $1").bind(claimant);
    let ended = query.execute(&mut **transaction).await.map_err(DbError::query(OPERATION))?;
    Ok(ended.rows_affected() == 1)
}

type Writing<'a> = Transaction<'a, Any>;

/// The compare-and-set. PostgreSQL makes a second publisher wait here and then see the first one's row.
async fn move_pointer(transaction: &mut Writing<'_>, commit: &CommitRelease) -> Result<bool, DbError> {
    let (tag, number) = (commit.release.tag.as_str(), whole(commit.release.number)?);
    let query = match commit.expected_current {
        None => sqlx::query(
            "INSERT INTO tags (tag, identifier, current_release, last_release) VALUES ($1, $2, $3, $3) \
             ON CONFLICT (tag) DO NOTHING",
        )
        .bind(tag)
        .bind(commit.identifier.as_str())
        .bind(number),
        Some(expected) => sqlx::query(
            "UPDATE tags SET current_release = $2, last_release = $2, unpublished = NULL \
             WHERE tag = $1 AND current_release = $3 AND last_release < $2",
        )
        .bind(tag)
        .bind(number)
        .bind(whole(expected)?),
    };
    let result = query.execute(&mut **transaction).await.map_err(DbError::query(OPERATION))?;
    Ok(result.rows_affected() == 1)
}

async fn insert_blobs(transaction: &mut Writing<'_>, blobs: &[BlobRow]) -> Result<(), DbError> {
    // In one order everywhere: two publishers that write the same rows must not wait for each other in a circle.
    let mut blobs: Vec<&BlobRow> = blobs.iter().collect();
    blobs.sort_by_key(|blob| blob.digest);
    for blob in blobs {
        sqlx::query(
            // What we wrote stays; what was adopted is found where it was seen last, or has become ours. What gc removed lies where it was
            // written or found now.
            "INSERT INTO blobs (sha256, size_bytes, crc32, store_key, piece_count, adopted_etag) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (sha256) DO UPDATE \
             SET store_key = excluded.store_key, adopted_etag = excluded.adopted_etag, removed_ms = NULL \
             WHERE blobs.adopted_etag IS NOT NULL OR blobs.removed_ms IS NOT NULL",
        )
        .bind(blob.digest.as_bytes().as_slice())
        .bind(whole(blob.size)?)
        .bind(i64::from(blob.crc32))
        .bind(blob.store_key.as_str())
        .bind(whole(blob.piece_count)?)
        .bind(blob.adopted_etag.as_deref())
        .execute(&mut **transaction)
        .await
        .map_err(DbError::query(OPERATION))?;
    }
    Ok(())
}

async fn insert_release(transaction: &mut Writing<'_>, release: &ReleaseRow) -> Result<(), DbError> {
    let previous_number = release.previous.map(|previous| whole(previous.number)).transpose()?;
    let previous_sha256 = release.previous.map(|previous| previous.release_digest.as_bytes().to_vec());
    sqlx::query(
        "INSERT INTO releases (tag, number, release_sha256, manifest_sha256, manifest_bytes, pieces_sha256, \
         pieces_bytes, modified, previous_number, previous_sha256, summary, chunks_sha256) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(release.tag.as_str())
    .bind(whole(release.number)?)
    .bind(release.release_digest.as_bytes().as_slice())
    .bind(release.manifest_digest.as_bytes().as_slice())
    .bind(whole(release.manifest_bytes)?)
    .bind(release.pieces_digest.as_bytes().as_slice())
    .bind(whole(release.pieces_bytes)?)
    .bind(release.modified.as_str())
    .bind(previous_number)
    .bind(previous_sha256)
    .bind(release.summary.as_str())
    .bind(release.chunks_digest.map(|digest| digest.as_bytes().to_vec()))
    .execute(&mut **transaction)
    .await
    .map_err(DbError::query(OPERATION))?;
    Ok(())
}

async fn insert_assets(
    transaction: &mut Writing<'_>,
    release: &ReleaseRow,
    assets: &[AssetRow],
) -> Result<(), DbError> {
    for asset in assets {
        sqlx::query(
            "INSERT INTO release_assets (tag, number, position, path, file_name, media_type, sha256) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(release.tag.as_str())
        .bind(whole(release.number)?)
        .bind(whole(asset.position)?)
        .bind(asset.path.as_str())
        .bind(asset.file_name.as_str())
        .bind(asset.media_type.as_str())
        .bind(asset.digest.as_bytes().as_slice())
        .execute(&mut **transaction)
        .await
        .map_err(DbError::query(OPERATION))?;
        sqlx::query(
            "INSERT INTO blob_names (sha256, file_name, media_type) VALUES ($1, $2, $3) \
             ON CONFLICT (sha256, file_name) DO NOTHING",
        )
        .bind(asset.digest.as_bytes().as_slice())
        .bind(asset.file_name.as_str())
        .bind(asset.media_type.as_str())
        .execute(&mut **transaction)
        .await
        .map_err(DbError::query(OPERATION))?;
    }
    Ok(())
}

async fn upsert_items(transaction: &mut Writing<'_>, tag: &Tag, items: &[ItemRow]) -> Result<(), DbError> {
    for item in items {
        sqlx::query(
            "INSERT INTO items (tag, identifier, path, sha256) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tag, identifier) DO UPDATE SET path = excluded.path, sha256 = excluded.sha256",
        )
        .bind(tag.as_str())
        .bind(item.identifier.as_str())
        .bind(item.path.as_str())
        .bind(item.digest.as_bytes().as_slice())
        .execute(&mut **transaction)
        .await
        .map_err(DbError::query(OPERATION))?;
    }
    Ok(())
}

async fn insert_event(transaction: &mut Writing<'_>, release: &ReleaseRow) -> Result<(), DbError> {
    sqlx::query("INSERT INTO outbox (kind, tag, number, created) VALUES ('release_published', $1, $2, $3)")
        .bind(release.tag.as_str())
        .bind(whole(release.number)?)
        .bind(release.modified.as_str())
        .execute(&mut **transaction)
        .await
        .map_err(DbError::query(OPERATION))?;
    Ok(())
}

fn whole(number: u64) -> Result<i64, DbError> {
    stored(number).ok_or_else(|| DbError::Damaged(format!("{number} is more than it can hold")))
}
