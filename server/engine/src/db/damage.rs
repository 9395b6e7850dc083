//! What a scrub goes through, and what it found damaged.

use std::collections::HashSet;

use sqlx::Row as _;
use stowaway_domain::{Digest, StoreKey, Subject, Tag};

use super::claims::{MOST_BINDS, placeholders};
use super::query::stored;
use super::rows::{number, parsed};
use super::{BlobRow, Database, DbError, ReleaseRow, VariantRow};

/// A place where a blob is needed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NeededBy {
    /// The tag.
    pub tag: Tag,
    /// The release.
    pub release: u64,
    /// The path in the release.
    pub path: String,
}

/// An object that was found damaged or missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamageRow {
    /// Its key.
    pub store_key: String,
    /// What is wrong with it.
    pub reason: String,
}

const LIST: &str = "list what is to be read";

impl Database {
    /// Up to `limit` blobs after `after`, of one tag or of all, in the order of their digests.
    ///
    /// # Errors
    /// The database failed.
    pub async fn blobs_page(
        &self,
        after: Option<Digest>,
        tag: Option<&Tag>,
        limit: u32,
    ) -> Result<Vec<BlobRow>, DbError> {
        let of_tag = "AND sha256 IN (SELECT a.sha256 FROM release_assets a WHERE a.tag = $3)";
        let statement = format!(
            "SELECT * FROM blobs WHERE sha256 > $1 AND removed_ms IS NULL {} ORDER BY sha256 LIMIT $2",
            if tag.is_some() { of_tag } else { "" }
        );
        let after = after.map_or_else(Vec::new, |digest| digest.as_bytes().to_vec());
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(statement)).bind(after).bind(i64::from(limit));
        if let Some(tag) = tag {
            query = query.bind(tag.as_str().to_owned());
        }
        query.fetch_all(self.pool()).await.map_err(DbError::query(LIST))
    }

    /// Up to `limit` releases after one, of one tag or of all, by tag and number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn releases_to_scrub(
        &self,
        after: Option<(&Tag, u64)>,
        tag: Option<&Tag>,
        limit: u32,
    ) -> Result<Vec<ReleaseRow>, DbError> {
        let of_tag = if tag.is_some() { "AND tag = $4" } else { "" };
        let statement = format!(
            "SELECT * FROM releases WHERE (tag > $1 OR (tag = $1 AND number > $2)) AND retired_ms IS NULL {of_tag} \
             ORDER BY tag, number LIMIT $3"
        );
        let (after_tag, after_number) = after.map_or(("", 0), |(tag, number)| (tag.as_str(), number));
        let query = sqlx::query_as(sqlx::AssertSqlSafe(statement)).bind(after_tag.to_owned());
        let mut query = query.bind(stored(after_number).unwrap_or(i64::MAX)).bind(i64::from(limit));
        if let Some(tag) = tag {
            query = query.bind(tag.as_str().to_owned());
        }
        query.fetch_all(self.pool()).await.map_err(DbError::query(LIST))
    }

    /// Every coded form of these documents and texts.
    ///
    /// # Errors
    /// The database failed.
    pub async fn variants_of(&self, identities: &[Digest]) -> Result<Vec<VariantRow>, DbError> {
        let mut found = Vec::new();
        for some in identities.chunks(MOST_BINDS) {
            let statement = format!(
                "SELECT * FROM variants WHERE sha256 IN ({}) ORDER BY sha256, coding",
                placeholders(1, some.len())
            );
            let mut query = sqlx::query_as(sqlx::AssertSqlSafe(statement));
            for identity in some {
                query = query.bind(identity.as_bytes().to_vec());
            }
            let rows: Vec<VariantRow> = query.fetch_all(self.pool()).await.map_err(DbError::query(LIST))?;
            found.extend(rows);
        }
        Ok(found)
    }

    /// The first `limit` places that need a blob.
    ///
    /// # Errors
    /// The database failed.
    pub async fn needed_by(&self, blob: &Digest, limit: u32) -> Result<Vec<NeededBy>, DbError> {
        const OPERATION: &str = "find who needs a blob";
        let query = sqlx::query(
            "SELECT a.tag, a.number, a.path FROM release_assets a WHERE a.sha256 = $1 ORDER BY a.tag, a.number DESC LIMIT $2",
        );
        let rows = query.bind(blob.as_bytes().as_slice()).bind(i64::from(limit)).fetch_all(self.pool()).await;
        let rows = rows.map_err(DbError::query(OPERATION))?;
        let read = rows.iter().map(|row| {
            Ok(NeededBy { tag: parsed(row, "tag")?, release: number(row, "number")?, path: row.try_get("path")? })
        });
        read.collect::<sqlx::Result<_>>().map_err(DbError::query(OPERATION))
    }

    /// Notes that an object is damaged: who publishes it next writes it again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn record_damage(&self, key: &StoreKey, reason: &str) -> Result<(), DbError> {
        let statement = format!(
            "INSERT INTO damage (store_key, subject, reason, found_ms) VALUES ($1, $2, $3, {}) \
             ON CONFLICT (store_key) DO UPDATE SET reason = excluded.reason, found_ms = excluded.found_ms",
            self.dialect.now_ms()
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(key.to_string()).bind(key.subject().to_string());
        let query = query.bind(reason.to_owned()).execute(self.pool());
        query.await.map(drop).map_err(DbError::query("note what is damaged"))
    }

    /// The object is whole again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget_damage(&self, key: &StoreKey) -> Result<(), DbError> {
        let query = sqlx::query("DELETE FROM damage WHERE store_key = $1").bind(key.to_string());
        query.execute(self.pool()).await.map(drop).map_err(DbError::query("note what is whole again"))
    }

    /// The keys of damaged objects about these subjects.
    ///
    /// # Errors
    /// The database failed.
    pub async fn damaged_among(&self, subjects: &[Subject]) -> Result<HashSet<String>, DbError> {
        self.texts_among("SELECT store_key FROM damage WHERE subject", subjects, "find what is damaged").await
    }

    /// Of these keys, those of objects that are damaged.
    ///
    /// # Errors
    /// The database failed.
    pub async fn damaged_of(&self, keys: impl Iterator<Item = &str>) -> Result<HashSet<String>, DbError> {
        let (keys, mut found) = (keys.collect::<Vec<_>>(), HashSet::new());
        for some in keys.chunks(MOST_BINDS) {
            let among = placeholders(1, some.len());
            let statement = format!("SELECT store_key FROM damage WHERE store_key IN ({among})");
            let mut query = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(statement));
            for key in some {
                query = query.bind((*key).to_owned());
            }
            found.extend(query.fetch_all(self.pool()).await.map_err(DbError::query("find what is damaged"))?);
        }
        Ok(found)
    }

    /// How many objects are known to be damaged.
    ///
    /// # Errors
    /// The database failed.
    pub async fn damage_count(&self) -> Result<u64, DbError> {
        const OPERATION: &str = "count what is damaged";
        let row = sqlx::query("SELECT COUNT(*) AS number FROM damage").fetch_one(self.pool()).await;
        number(&row.map_err(DbError::query(OPERATION))?, "number").map_err(DbError::query(OPERATION))
    }

    /// The first `limit` damaged objects that are known, by key.
    ///
    /// # Errors
    /// The database failed.
    pub async fn damage(&self, limit: u32) -> Result<Vec<DamageRow>, DbError> {
        const OPERATION: &str = "list what is damaged";
        let query = sqlx::query("SELECT store_key, reason FROM damage ORDER BY store_key LIMIT $1");
        let rows = query.bind(i64::from(limit)).fetch_all(self.pool()).await.map_err(DbError::query(OPERATION))?;
        let read = rows
            .iter()
            .map(|row| Ok(DamageRow { store_key: row.try_get("store_key")?, reason: row.try_get("reason")? }));
        read.collect::<sqlx::Result<_>>().map_err(DbError::query(OPERATION))
    }
}
