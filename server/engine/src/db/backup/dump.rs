//! Writing: all rows as they were at one moment, or those of one release.

use std::io::Write;

use futures_util::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Column as _, Row as _, Transaction};
use stowaway_domain::{Digest, Tag};

use super::BackupError;
use super::format::BackupWriter;
use super::tables::{InRecord, TABLES, TAGS, Table};
use super::value::Value;
use crate::db::query::stored;
use crate::db::rows::digest;
use crate::db::{Database, DbError, migrate};

const OPERATION: &str = "give its rows for a backup";

impl Database {
    /// Writes every row that a backup holds, as all of them were at one moment, and says how many; `on_row` is called after each.
    /// Readers and publishers go on meanwhile. Holds one row in memory.
    ///
    /// # Errors
    /// The database failed, or the backup cannot be written.
    pub async fn back_up(
        &self,
        out: &mut (dyn Write + Send),
        on_row: &(dyn Fn() + Send + Sync),
    ) -> Result<u64, BackupError> {
        let mut writer = BackupWriter::begin(out, migrate::newest())?;
        let mut snapshot = self.begin_snapshot().await.map_err(BackupError::Database)?;
        for table in TABLES {
            let statement = format!("SELECT * FROM {} ORDER BY {}", table.name, table.order_by);
            let rows = sqlx::query(AssertSqlSafe(statement)).fetch(&mut *snapshot);
            write_rows(&mut writer, table, rows, on_row).await?;
        }
        writer.end()
    }

    /// The record of a release: the rows that a rebuilt database needs to know it, as text. Nothing when there is no such release.
    ///
    /// # Errors
    /// The database failed.
    pub async fn release_record(&self, tag: &Tag, release: u64) -> Result<Option<Vec<u8>>, BackupError> {
        let Some(number) = stored(release) else { return Ok(None) };
        let mut out = Vec::new();
        let mut writer = BackupWriter::begin(&mut out, migrate::newest())?;
        let mut snapshot = self.begin_snapshot().await.map_err(BackupError::Database)?;
        for table in TABLES {
            let (InRecord::ByTag(condition) | InRecord::ByRelease(condition)) = table.in_record else { continue };
            let statement = format!("SELECT * FROM {} WHERE {condition} ORDER BY {}", table.name, table.order_by);
            let query = sqlx::query(AssertSqlSafe(statement)).bind(tag.as_str());
            let query = if matches!(table.in_record, InRecord::ByTag(_)) { query } else { query.bind(number) };
            let rows = query.fetch(&mut *snapshot);
            let found = write_rows(&mut writer, table, rows, &|| ()).await?;
            if table.name == "releases" && found == 0 {
                return Ok(None);
            }
        }
        writer.end()?;
        Ok(Some(out))
    }

    /// What is recorded of a release that was retired, and the digest of its manifest: that it was there, and nothing that it needs.
    /// Nothing when there is no such release, or it was not retired.
    ///
    /// # Errors
    /// The database failed.
    pub async fn retired_record(&self, tag: &Tag, release: u64) -> Result<Option<(Digest, Vec<u8>)>, BackupError> {
        const RELEASE: &str = "SELECT * FROM releases WHERE tag = $1 AND number = $2 AND retired_ms IS NOT NULL";
        let failed = |source| BackupError::Database(DbError::Query { operation: OPERATION, source });
        let Some(number) = stored(release) else { return Ok(None) };
        let query = sqlx::query(RELEASE).bind(tag.as_str()).bind(number);
        let Some(row) = query.fetch_optional(self.pool()).await.map_err(failed)? else { return Ok(None) };
        let manifest = digest(&row, "manifest_sha256").map_err(failed)?;
        let mut out = Vec::new();
        let mut writer = BackupWriter::begin(&mut out, migrate::newest())?;
        let table = TABLES.iter().find(|table| table.name == "releases").expect("a backup has the releases");
        write_rows(&mut writer, table, futures_util::stream::iter([Ok(row)]), &|| ()).await?;
        writer.end()?;
        Ok(Some((manifest, out)))
    }

    /// What a tag is now, as text. Nothing when there is no such tag.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tag_record(&self, tag: &Tag) -> Result<Option<Vec<u8>>, BackupError> {
        let mut out = Vec::new();
        let mut writer = BackupWriter::begin(&mut out, migrate::newest())?;
        let mut snapshot = self.begin_snapshot().await.map_err(BackupError::Database)?;
        let rows = sqlx::query("SELECT * FROM tags WHERE tag = $1").bind(tag.as_str()).fetch(&mut *snapshot);
        let found = write_rows(&mut writer, &TAGS, rows, &|| ()).await?;
        writer.end()?;
        Ok((found > 0).then_some(out))
    }

    /// A transaction that sees one moment, for as long as it takes.
    async fn begin_snapshot(&self) -> Result<Transaction<'static, Any>, DbError> {
        let failed = || DbError::query(OPERATION);
        let mut transaction = self.pool.begin_with(self.dialect.begin_snapshot()).await.map_err(failed())?;
        self.without_time_limit(&mut transaction).await.map_err(failed())?;
        Ok(transaction)
    }

    /// Takes the limit that statements have off those of a transaction.
    pub(super) async fn without_time_limit(&self, transaction: &mut Transaction<'static, Any>) -> sqlx::Result<()> {
        for setting in self.dialect.no_time_limit() {
            sqlx::query(*setting).execute(&mut **transaction).await?;
        }
        Ok(())
    }
}

/// Writes the rows of one table, and says how many.
async fn write_rows(
    writer: &mut BackupWriter<'_>,
    table: &Table,
    mut rows: impl futures_util::Stream<Item = sqlx::Result<AnyRow>> + Unpin,
    on_row: &(dyn Fn() + Send + Sync),
) -> Result<u64, BackupError> {
    let failed = |source| BackupError::Database(DbError::Query { operation: OPERATION, source });
    let mut places: Option<Vec<usize>> = None;
    let mut count = 0;
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let places = match &places {
            Some(places) => places,
            None => {
                let kept = row.columns().iter().filter(|column| table.numbered != Some(column.name()));
                let (ordinals, names): (Vec<usize>, Vec<String>) =
                    kept.map(|column| (column.ordinal(), column.name().to_owned())).unzip();
                writer.table(table.name, &names)?;
                places.insert(ordinals)
            }
        };
        let values = places.iter().map(|&at| Value::of(&row, at)).collect::<sqlx::Result<Vec<_>>>().map_err(failed)?;
        writer.row(&values)?;
        on_row();
        count += 1;
    }
    Ok(count)
}
