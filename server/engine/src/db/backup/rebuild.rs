//! Making the rows again from the records of releases, in one transaction.

use sqlx::{Any, AssertSqlSafe, Row as _, Transaction};
use stowaway_domain::{Digest, Tag};

use super::format::{BackupReader, ReadRow};
use super::insert::{Inserter, OnConflict};
use super::restore::failed;
use super::value::Value;
use super::{BackupError, OnExisting};
use crate::db::query::stored;
use crate::db::rows::{digest, number};
use crate::db::variants::insert_variant;
use crate::db::{Database, VariantRow, migrate};

/// Heads of tags that are given at once.
const PAGE: i64 = 500;

/// A database that is being made again; nobody sees anything of it before [`Self::finish`].
///
/// Records come in any order. What a release says of itself is the same whenever it is read; what its tag was at that time counts only
/// in the record of the newest release ([`Self::take_head`]), and less than what was noted about the tag since ([`Self::take_state`]).
pub struct Rebuild {
    transaction: Transaction<'static, Any>,
}

/// The newest release of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The tag.
    pub tag: Tag,
    /// The number of the release.
    pub release: u64,
    /// SHA-256 of the bytes of its manifest.
    pub manifest_digest: Digest,
}

impl Database {
    /// Begins to make the rows again.
    ///
    /// # Errors
    /// There are rows and they are to stay, or the database failed.
    pub async fn begin_rebuild(&self, on_existing: OnExisting) -> Result<Rebuild, BackupError> {
        Ok(Rebuild { transaction: self.begin_replacing(on_existing).await? })
    }
}

impl Rebuild {
    /// Takes what the record of a release says of it.
    ///
    /// # Errors
    /// The record is damaged, and nothing of it was taken; or the database failed.
    pub async fn take_release(&mut self, record: &[u8]) -> Result<(), BackupError> {
        self.take(record, |table| !is_of_tag(table), OnConflict::Keep).await
    }

    /// Whether it is the record of a release that was retired, and whose manifest may be gone.
    #[must_use]
    pub fn is_retired(&self, mut record: &[u8]) -> bool {
        let Ok(mut reader) = BackupReader::begin(&mut record, migrate::newest()) else { return false };
        let mut is_retired = false;
        while let Ok(row) = reader.next() {
            // Only at its end it is known to be whole.
            let Some(row) = row else { return is_retired };
            let retired = row.columns.iter().position(|column| column == "retired_ms");
            is_retired |= row.table == "releases" && retired.is_some_and(|at| row.values[at] != Value::Null);
        }
        false
    }

    /// Takes what the record of the newest release of a tag says of the tag.
    ///
    /// # Errors
    /// As [`Self::take_release`].
    pub async fn take_head(&mut self, record: &[u8]) -> Result<(), BackupError> {
        self.take(record, is_of_tag, OnConflict::Keep).await
    }

    /// Takes what was noted about a tag after its releases, unless one of them is newer.
    ///
    /// # Errors
    /// As [`Self::take_release`].
    pub async fn take_state(&mut self, state: &[u8]) -> Result<(), BackupError> {
        self.take(state, |table| table == "tags", OnConflict::ReplaceOlderTag).await
    }

    /// Takes coded forms that are stored.
    ///
    /// # Errors
    /// The database failed.
    pub async fn take_variants(&mut self, rows: &[VariantRow]) -> Result<(), BackupError> {
        for row in rows {
            insert_variant(&mut self.transaction, row).await.map_err(BackupError::Database)?;
        }
        Ok(())
    }

    /// Sees to it that no release of a tag is numbered up to `release` any more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keep_number(&mut self, tag: &Tag, release: u64) -> Result<(), BackupError> {
        let Some(number) = stored(release) else { return Ok(()) };
        let query = sqlx::query("UPDATE tags SET last_release = $2 WHERE tag = $1 AND last_release < $2");
        query.bind(tag.as_str()).bind(number).execute(&mut *self.transaction).await.map(drop).map_err(failed)
    }

    /// The newest releases of the next tags after `after`, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn heads(&mut self, after: Option<&Tag>) -> Result<Vec<Head>, BackupError> {
        let query = sqlx::query(
            "SELECT r.tag, r.number, r.manifest_sha256 FROM releases r WHERE r.tag > $1 \
             AND r.number = (SELECT max(m.number) FROM releases m WHERE m.tag = r.tag AND m.retired_ms IS NULL) ORDER BY r.tag LIMIT $2",
        );
        let query = query.bind(after.map_or("", Tag::as_str)).bind(PAGE);
        let rows = query.fetch_all(&mut *self.transaction).await.map_err(failed)?;
        let head = |row| {
            let tag: String = sqlx::any::AnyRow::try_get(row, "tag")?;
            let tag = tag.parse().map_err(|error| crate::db::rows::undecodable("tag", error))?;
            Ok(Head { tag, release: number(row, "number")?, manifest_digest: digest(row, "manifest_sha256")? })
        };
        rows.iter().map(head).collect::<sqlx::Result<_>>().map_err(failed)
    }

    /// Makes everything visible, and says how many tags and releases there are. A tag that points at a release that is lost points at
    /// its newest one; a tag without any is gone.
    ///
    /// # Errors
    /// The database failed; it is as it was.
    pub async fn finish(mut self) -> Result<(u64, u64), BackupError> {
        for statement in [
            "DELETE FROM items WHERE NOT EXISTS (SELECT 1 FROM releases r WHERE r.tag = items.tag AND r.retired_ms IS NULL)",
            "DELETE FROM tags WHERE NOT EXISTS (SELECT 1 FROM releases r WHERE r.tag = tags.tag AND r.retired_ms IS NULL)",
            "UPDATE tags SET current_release = (SELECT max(r.number) FROM releases r WHERE r.tag = tags.tag AND r.retired_ms IS NULL) \
             WHERE NOT EXISTS (SELECT 1 FROM releases r WHERE r.tag = tags.tag AND r.number = tags.current_release \
             AND r.retired_ms IS NULL)",
            "DELETE FROM releases WHERE retired_ms IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.tag = releases.tag)",
        ] {
            sqlx::query(statement).execute(&mut *self.transaction).await.map_err(failed)?;
        }
        let (tags, releases) = (self.count("tags").await?, self.count("releases").await?);
        self.transaction.commit().await.map_err(failed)?;
        Ok((tags, releases))
    }

    async fn count(&mut self, table: &'static str) -> Result<u64, BackupError> {
        let statement = AssertSqlSafe(format!("SELECT count(*) AS number FROM {table}"));
        let row = sqlx::query(statement).fetch_one(&mut *self.transaction).await.map_err(failed)?;
        number(&row, "number").map_err(failed)
    }

    /// Inserts the rows of some tables of a record, once all of it was read and found right.
    async fn take(
        &mut self,
        mut record: &[u8],
        is_wanted: impl Fn(&str) -> bool,
        on_conflict: OnConflict,
    ) -> Result<(), BackupError> {
        let mut reader = BackupReader::begin(&mut record, migrate::newest())?;
        let mut rows: Vec<ReadRow> = Vec::new();
        while let Some(row) = reader.next()? {
            rows.extend(Some(row).filter(|row| is_wanted(row.table)));
        }
        let mut inserter = Inserter::new(&mut self.transaction, on_conflict);
        for row in rows {
            inserter.add(row).await.map_err(failed)?;
        }
        inserter.flush().await.map_err(failed)
    }
}

/// Is it about the tag, so that it changes with every release?
fn is_of_tag(table: &str) -> bool {
    matches!(table, "tags" | "items" | "tag_limits")
}
