//! Reading a backup into a database: all of it in one transaction, or nothing.

use std::io::BufRead;

use sqlx::{Any, AssertSqlSafe, Transaction};

use super::BackupError;
use super::format::BackupReader;
use super::insert::{Inserter, OnConflict};
use super::tables::TABLES;
use crate::claims::LEASES;
use crate::db::claims::{condemned, take_turn};
use crate::db::jobs::millis;
use crate::db::{Database, DbError, migrate};

const RUNNING_GC: &str = "kind = 'gc' AND state = 'running'";
const OPERATION: &str = "take the rows of the backup";

/// What to do about rows that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExisting {
    /// Change nothing and say so.
    Refuse,
    /// Replace all of them.
    Replace,
}

impl Database {
    /// Makes the rows those of a backup, and says how many; `on_row` is called after each. Nothing changes before the end of the backup
    /// was read and its digest was found right.
    ///
    /// # Errors
    /// The backup is damaged, from a newer version or something else; there are rows and they are to stay; objects are being removed; or
    /// the database failed. It is as it was.
    pub async fn restore(
        &self,
        input: &mut (dyn BufRead + Send),
        on_existing: OnExisting,
        on_row: &(dyn Fn() + Send + Sync),
    ) -> Result<u64, BackupError> {
        let mut reader = BackupReader::begin(input, migrate::newest())?;
        let mut transaction = self.begin_replacing(on_existing).await?;
        let mut inserter = Inserter::new(&mut transaction, OnConflict::Fail);
        let mut rows = 0;
        while let Some(row) = reader.next()? {
            inserter.add(row).await.map_err(failed)?;
            on_row();
            rows += 1;
        }
        inserter.flush().await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        Ok(rows)
    }

    /// A transaction in which the tables of a backup are empty.
    pub(super) async fn begin_replacing(
        &self,
        on_existing: OnExisting,
    ) -> Result<Transaction<'static, Any>, BackupError> {
        let mut transaction = self.pool.begin_with(self.dialect.begin_writing()).await.map_err(failed)?;
        self.without_time_limit(&mut transaction).await.map_err(failed)?;
        self.end_removals(&mut transaction).await?;
        match on_existing {
            OnExisting::Replace => {
                // What refers to others goes first.
                for table in TABLES.iter().rev() {
                    let statement = AssertSqlSafe(format!("DELETE FROM {}", table.name));
                    sqlx::query(statement).execute(&mut *transaction).await.map_err(failed)?;
                }
            }
            OnExisting::Refuse => {
                for table in TABLES {
                    let statement = AssertSqlSafe(format!("SELECT 1 FROM {} LIMIT 1", table.name));
                    let found = sqlx::query(statement).fetch_optional(&mut *transaction).await.map_err(failed)?;
                    if found.is_some() {
                        return Err(BackupError::NotEmpty { url: self.shown_url().to_owned(), table: table.name });
                    }
                }
            }
        }
        Ok(transaction)
    }

    /// Refuses while somebody removes objects. From here to the end of the transaction no gc begins, one that slept condemns nothing any
    /// more, and what a dead one had condemned is not: by the rows that come somebody may need it.
    async fn end_removals(&self, transaction: &mut Transaction<'static, Any>) -> Result<(), BackupError> {
        take_turn(transaction).await.map_err(failed)?;
        let (now, lease_ms) = (self.dialect.now_ms(), millis(LEASES.job));
        let running = format!("SELECT id FROM jobs WHERE {RUNNING_GC} AND seen_ms >= {now} - {lease_ms}");
        let removed = condemned(self.dialect, LEASES, "j.id IS NOT NULL OR m.id IS NOT NULL LIMIT 1");
        for statement in [running, removed] {
            let query = sqlx::query(AssertSqlSafe(statement));
            if query.fetch_optional(&mut **transaction).await.map_err(failed)?.is_some() {
                return Err(BackupError::Removing);
            }
        }
        let end = format!(
            "UPDATE jobs SET state = 'interrupted', finished_ms = {now}, error = 'the database was restored' WHERE {RUNNING_GC}"
        );
        for statement in [end, "DELETE FROM condemned".to_owned()] {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut **transaction).await.map_err(failed)?;
        }
        Ok(())
    }
}

pub(super) fn failed(source: sqlx::Error) -> BackupError {
    BackupError::Database(DbError::Query { operation: OPERATION, source })
}
