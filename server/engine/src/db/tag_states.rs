//! Tags as those who publish see them, and the two moves of a pointer that make no release: back to an old one, and away.

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row as _};
use stowaway_domain::{Digest, Tag};

use super::query::stored;
use super::rows::{digest, number, parsed};
use super::{Database, DbError, ReleaseRow};

pub(super) const TAG_STATE: &str = "SELECT t.tag, t.current_release, t.last_release, t.unpublished, r.release_sha256, r.modified, r.summary \
     FROM tags t JOIN releases r ON r.tag = t.tag AND r.number = t.current_release WHERE t.tag = $1";
pub(super) const TAG_STATES: &str = "SELECT t.tag, t.current_release, t.last_release, t.unpublished, r.release_sha256, r.modified, r.summary \
     FROM tags t JOIN releases r ON r.tag = t.tag AND r.number = t.current_release \
     WHERE t.tag >= $1 AND t.tag < $2 ORDER BY t.tag LIMIT $3";
pub(super) const RELEASES_PAGE: &str =
    "SELECT * FROM releases WHERE tag = $1 AND number < $2 AND retired_ms IS NULL ORDER BY number DESC LIMIT $3";

/// A tag and what it points at, whether that is offered or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagState {
    /// The tag.
    pub tag: Tag,
    /// Its current release.
    pub release: u64,
    /// Highest number ever given to a release of it.
    pub last_release: u64,
    /// Since when it is not offered any more, RFC 3339 UTC.
    pub unpublished: Option<String>,
    /// The release digest of the current release.
    pub digest: Digest,
    /// When that was made, RFC 3339 UTC.
    pub modified: String,
    /// What the catalogue shows, as JSON.
    pub summary: String,
}

/// Where a pointer is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointerMove {
    /// To this release, which is offered from now on.
    To(u64),
    /// Nowhere: the tag is not offered any more.
    Away,
}

const OPERATION: &str = "move the pointer of the tag";

impl Database {
    /// A tag and what it points at; `None` when nothing was ever published under it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_tag(&self, tag: &Tag) -> Result<Option<TagState>, DbError> {
        let query = sqlx::query_as(TAG_STATE).bind(tag.as_str());
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the tag"))
    }

    /// Up to `limit` tags from `from` on and before `to`, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tag_states(&self, from: &str, to: &str, limit: u32) -> Result<Vec<TagState>, DbError> {
        let query = sqlx::query_as(TAG_STATES).bind(from).bind(to).bind(i64::from(limit));
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the tags"))
    }

    /// Up to `limit` releases of a tag before that of number `before` (or all), newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn releases_page(&self, tag: &Tag, before: Option<u64>, limit: u32) -> Result<Vec<ReleaseRow>, DbError> {
        let before = before.and_then(stored).unwrap_or(i64::MAX);
        let query = sqlx::query_as(RELEASES_PAGE).bind(tag.as_str()).bind(before).bind(i64::from(limit));
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the releases"))
    }

    /// Moves the pointer of a tag, if it is still where `seen` says and the release is not retired, and notes the event; false when not.
    ///
    /// # Errors
    /// The database failed; nothing was written, unless it failed while it acknowledged.
    pub async fn move_pointer(&self, seen: &TagState, to: PointerMove, now: &str) -> Result<bool, DbError> {
        let failed = || DbError::query(OPERATION);
        let whole =
            |number| stored(number).ok_or_else(|| DbError::Damaged(format!("{number} is more than it can hold")));
        let (kind, release, unpublished) = match to {
            PointerMove::To(release) => ("release_rolled_back", release, None),
            PointerMove::Away => ("tag_unpublished", seen.release, Some(now)),
        };
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        let moved = sqlx::query(
            "UPDATE tags SET current_release = $2, unpublished = $3 \
             WHERE tag = $1 AND current_release = $4 AND last_release = $5 AND COALESCE(unpublished, '') = $6",
        )
        .bind(seen.tag.as_str())
        .bind(whole(release)?)
        .bind(unpublished)
        .bind(whole(seen.release)?)
        .bind(whole(seen.last_release)?)
        .bind(seen.unpublished.as_deref().unwrap_or_default())
        .execute(&mut *transaction)
        .await
        .map_err(failed())?;
        if moved.rows_affected() != 1 {
            transaction.rollback().await.map_err(failed())?;
            return Ok(false);
        }
        // Who retires releases holds the row of the tag, too: what it did before is seen here.
        let retired =
            sqlx::query("SELECT number FROM releases WHERE tag = $1 AND number = $2 AND retired_ms IS NOT NULL")
                .bind(seen.tag.as_str())
                .bind(whole(release)?)
                .fetch_optional(&mut *transaction)
                .await
                .map_err(failed())?;
        if retired.is_some() {
            transaction.rollback().await.map_err(failed())?;
            return Ok(false);
        }
        sqlx::query("INSERT INTO outbox (kind, tag, number, created) VALUES ($1, $2, $3, $4)")
            .bind(kind)
            .bind(seen.tag.as_str())
            .bind(whole(release)?)
            .bind(now)
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        transaction.commit().await.map_err(failed())?;
        Ok(true)
    }
}

impl FromRow<'_, AnyRow> for TagState {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            tag: parsed(row, "tag")?,
            release: number(row, "current_release")?,
            last_release: number(row, "last_release")?,
            unpublished: row.try_get("unpublished")?,
            digest: digest(row, "release_sha256")?,
            modified: row.try_get("modified")?,
            summary: row.try_get("summary")?,
        })
    }
}
