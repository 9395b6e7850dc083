//! Releases that are let go, what a tag may keep, and how much it has.

use serde::Serialize;
use sqlx::Row as _;
use stowaway_domain::{Digest, Tag};

use super::claims::{MOST_BINDS, placeholders};
use super::query::stored;
use super::roots::Kept;
use super::rows::{digest, number, parsed};
use super::{Database, DbError};

const PRESENT: &str =
    "SELECT number, modified FROM releases WHERE tag = $1 AND retired_ms IS NULL ORDER BY number DESC";
const IS_RETIRED: &str = "SELECT number FROM releases WHERE tag = $1 AND number = $2 AND retired_ms IS NOT NULL";
const IS_REMOVED: &str = "SELECT size_bytes FROM blobs WHERE sha256 = $1 AND removed_ms IS NOT NULL";
const LIMITS: &str = "SELECT keep_releases, keep_days, quota_bytes FROM tag_limits WHERE tag = $1";

/// What one tag may keep; `None` is what the configuration says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TagLimits {
    /// How many releases stay.
    pub keep_releases: Option<u64>,
    /// For how many days releases stay.
    pub keep_days: Option<u64>,
    /// How many bytes its blobs may have.
    pub quota_bytes: Option<u64>,
}

impl Database {
    /// The statements here that read, for the test that holds each against the indexes.
    #[doc(hidden)]
    pub const HOUSE_QUERIES: &[&str] = &[PRESENT, IS_RETIRED, IS_REMOVED, LIMITS];

    /// Numbers and dates (RFC 3339) of the releases of a tag that are not retired, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn present_releases(&self, tag: &Tag) -> Result<Vec<(u64, String)>, DbError> {
        const OPERATION: &str = "list the releases";
        let rows = sqlx::query(PRESENT).bind(tag.as_str()).fetch_all(self.pool()).await;
        let rows = rows.map_err(DbError::query(OPERATION))?;
        let read = rows.iter().map(|row| Ok((number(row, "number")?, row.try_get("modified")?)));
        read.collect::<sqlx::Result<_>>().map_err(DbError::query(OPERATION))
    }

    /// Retires releases of a tag that still points at `current`: their addresses answer 410 from now on. Says how many.
    ///
    /// # Errors
    /// The database failed; nothing was written.
    pub async fn retire(&self, tag: &Tag, numbers: &[u64], current: u64) -> Result<u64, DbError> {
        let failed = || DbError::query("retire old releases");
        let Some(current) = stored(current) else { return Ok(0) };
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        // Whoever moves the pointer writes this row too, and waits.
        let hold = sqlx::query("UPDATE tags SET last_release = last_release WHERE tag = $1 AND current_release = $2");
        let held = hold.bind(tag.as_str()).bind(current).execute(&mut *transaction).await.map_err(failed())?;
        let mut retired = 0;
        if held.rows_affected() == 1 {
            let statement = format!(
                "UPDATE releases SET retired_ms = {} WHERE tag = $1 AND number = $2 AND number <> $3 AND retired_ms IS NULL",
                self.dialect.now_ms()
            );
            for number in numbers.iter().filter_map(|&number| stored(number)) {
                let query = sqlx::query(sqlx::AssertSqlSafe(statement.clone()));
                let query = query.bind(tag.as_str().to_owned()).bind(number).bind(current);
                retired += query.execute(&mut *transaction).await.map_err(failed())?.rows_affected();
            }
        }
        transaction.commit().await.map_err(failed())?;
        Ok(retired)
    }

    /// Up to `limit` retired releases whose grace is over and whose rows are still there.
    ///
    /// # Errors
    /// The database failed.
    pub async fn releases_to_sweep(&self, kept: Kept, limit: u32) -> Result<Vec<(Tag, u64)>, DbError> {
        const OPERATION: &str = "list retired releases";
        let query = sqlx::query(
            "SELECT tag, number FROM releases WHERE retired_ms IS NOT NULL AND swept_ms IS NULL AND retired_ms <= $1 \
             ORDER BY retired_ms LIMIT $2",
        );
        let rows = query.bind(kept.retired_after_ms).bind(i64::from(limit)).fetch_all(self.pool()).await;
        let rows = rows.map_err(DbError::query(OPERATION))?;
        let read = rows.iter().map(|row| Ok((parsed(row, "tag")?, number(row, "number")?)));
        read.collect::<sqlx::Result<_>>().map_err(DbError::query(OPERATION))
    }

    /// Takes the rows of a retired release away: nothing is needed for its sake any more. That it was there stays known.
    ///
    /// # Errors
    /// The database failed; nothing was written.
    pub async fn sweep_release(&self, tag: &Tag, release: u64) -> Result<(), DbError> {
        let failed = || DbError::query("sweep a retired release");
        let Some(number) = stored(release) else { return Ok(()) };
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        let mark = format!(
            "UPDATE releases SET swept_ms = {} WHERE tag = $1 AND number = $2 AND retired_ms IS NOT NULL",
            self.dialect.now_ms()
        );
        let mark = sqlx::query(sqlx::AssertSqlSafe(mark)).bind(tag.as_str().to_owned()).bind(number);
        if mark.execute(&mut *transaction).await.map_err(failed())?.rows_affected() == 1 {
            let assets = sqlx::query("DELETE FROM release_assets WHERE tag = $1 AND number = $2");
            assets.bind(tag.as_str()).bind(number).execute(&mut *transaction).await.map_err(failed())?;
        }
        transaction.commit().await.map_err(failed())
    }

    /// Whether there was such a release and it was retired.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_retired(&self, tag: &Tag, release: u64) -> Result<bool, DbError> {
        let Some(number) = stored(release) else { return Ok(false) };
        let found = sqlx::query(IS_RETIRED).bind(tag.as_str()).bind(number).fetch_optional(self.pool()).await;
        Ok(found.map_err(DbError::query("find the release"))?.is_some())
    }

    /// Whether there was such a blob and it was removed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_removed(&self, blob: &Digest) -> Result<bool, DbError> {
        let found = sqlx::query(IS_REMOVED).bind(blob.as_bytes().as_slice()).fetch_optional(self.pool()).await;
        Ok(found.map_err(DbError::query("find the blob"))?.is_some())
    }

    /// What a tag may keep, where that is not what the configuration says.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tag_limits(&self, tag: &Tag) -> Result<TagLimits, DbError> {
        const OPERATION: &str = "find what the tag may keep";
        let row = sqlx::query(LIMITS).bind(tag.as_str()).fetch_optional(self.pool()).await;
        let Some(row) = row.map_err(DbError::query(OPERATION))? else { return Ok(TagLimits::default()) };
        let read = |column: &str| -> sqlx::Result<Option<u64>> {
            let value: Option<i64> = row.try_get(column)?;
            Ok(value.and_then(|value| u64::try_from(value).ok()))
        };
        let limits = || -> sqlx::Result<TagLimits> {
            Ok(TagLimits {
                keep_releases: read("keep_releases")?,
                keep_days: read("keep_days")?,
                quota_bytes: read("quota_bytes")?,
            })
        };
        limits().map_err(DbError::query(OPERATION))
    }

    /// Says what a tag may keep. The tag need not be there yet.
    ///
    /// # Errors
    /// The database failed.
    pub async fn set_tag_limits(&self, tag: &Tag, limits: TagLimits) -> Result<(), DbError> {
        let query = sqlx::query(
            "INSERT INTO tag_limits (tag, keep_releases, keep_days, quota_bytes) VALUES ($1, $2, $3, $4) ON CONFLICT (tag) \
             DO UPDATE SET keep_releases = excluded.keep_releases, keep_days = excluded.keep_days, quota_bytes = excluded.quota_bytes",
        );
        let bound = |value: Option<u64>| value.map(|value| stored(value).unwrap_or(i64::MAX));
        let query = query.bind(tag.as_str()).bind(bound(limits.keep_releases)).bind(bound(limits.keep_days));
        let query = query.bind(bound(limits.quota_bytes)).execute(self.pool());
        query.await.map(drop).map_err(DbError::query("note what the tag may keep"))
    }

    /// Which of these blobs some release of the tag has already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn blobs_of_tag(&self, tag: &Tag, among: &[Digest]) -> Result<Vec<Digest>, DbError> {
        const OPERATION: &str = "find what the tag has already";
        let mut found = Vec::new();
        for some in among.chunks(MOST_BINDS) {
            let statement = format!(
                "SELECT DISTINCT sha256 FROM release_assets WHERE tag = $1 AND sha256 IN ({})",
                placeholders(2, some.len())
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(tag.as_str().to_owned());
            for wanted in some {
                query = query.bind(wanted.as_bytes().to_vec());
            }
            let rows = query.fetch_all(self.pool()).await.map_err(DbError::query(OPERATION))?;
            let digests = rows.iter().map(|row| digest(row, "sha256")).collect::<sqlx::Result<Vec<_>>>();
            found.extend(digests.map_err(DbError::query(OPERATION))?);
        }
        Ok(found)
    }

    /// Removes events that are older than so many days, done or not: who has not read one by then has looked at the tags since. Says how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget_events(&self, created_before: &str) -> Result<u64, DbError> {
        let query = sqlx::query("DELETE FROM outbox WHERE created < $1").bind(created_before);
        let forgotten = query.execute(self.pool()).await.map_err(DbError::query("forget old events"))?;
        Ok(forgotten.rows_affected())
    }
}
