//! Jobs: one running of each kind, whatever the replica; and what became of the last ones.

use std::time::Duration;

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row as _};

use super::claims::take_turn;
use super::dialect::Dialect;
use super::{Database, DbError};
use crate::timestamp;

/// How many finished jobs of a kind are kept.
const KEPT_FINISHED: i64 = 100;

const COLUMNS: &str = "id, kind, state, parameters, started_ms, seen_ms, finished_ms, progress, report, error";

/// A job, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobRow {
    /// Its identifier; later jobs have higher ones.
    pub id: String,
    /// `gc`, `scrub`.
    pub kind: String,
    /// `running`, `done`, `failed` or `interrupted`.
    pub state: String,
    /// What it was asked to do, as JSON.
    pub parameters: String,
    /// Milliseconds since 1970, by the database's clock.
    pub started_ms: i64,
    /// When its runner last gave a sign of life.
    pub seen_ms: i64,
    /// When it ended.
    pub finished_ms: Option<i64>,
    /// How far it is, as JSON.
    pub progress: String,
    /// What came of it, as JSON.
    pub report: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

impl JobRow {
    /// When it began, as RFC 3339 has it.
    #[must_use]
    pub fn started(&self) -> String {
        timestamp::at_ms(self.started_ms)
    }

    /// When its runner last gave a sign of life.
    #[must_use]
    pub fn seen(&self) -> String {
        timestamp::at_ms(self.seen_ms)
    }

    /// When it ended.
    #[must_use]
    pub fn ended(&self) -> Option<String> {
        self.finished_ms.map(timestamp::at_ms)
    }
}

impl Dialect {
    /// What a scrub recorded without the names of what it found damaged, of which there may be many.
    const fn job_in_short(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "json_remove(progress, '$.report.damage') AS progress, json_remove(report, '$.damage') AS report"
            }
            Self::Postgres => {
                "CAST(CAST(progress AS JSONB) #- '{report,damage}' AS TEXT) AS progress, \
                 CAST(CAST(report AS JSONB) - 'damage' AS TEXT) AS report"
            }
        }
    }
}

impl FromRow<'_, AnyRow> for JobRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            kind: row.try_get("kind")?,
            state: row.try_get("state")?,
            parameters: row.try_get("parameters")?,
            started_ms: row.try_get("started_ms")?,
            seen_ms: row.try_get("seen_ms")?,
            finished_ms: row.try_get("finished_ms")?,
            progress: row.try_get("progress")?,
            report: row.try_get("report")?,
            error: row.try_get("error")?,
        })
    }
}

/// How the beginning of a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobStart {
    /// It runs.
    Started,
    /// Another of its kind does.
    Running(JobRow),
}

impl Database {
    /// Begins a job of a kind, unless one runs whose runner gave a sign of life within `lease`. One that gave none is interrupted.
    ///
    /// # Errors
    /// The database failed.
    pub async fn start_job(
        &self,
        id: &str,
        kind: &str,
        parameters: &str,
        lease: Duration,
    ) -> Result<JobStart, DbError> {
        let failed = || DbError::query("begin the job");
        let (now, lease_ms) = (self.dialect.now_ms(), millis(lease));
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        // Not while the rows are being replaced: what a gc knew would be of those before.
        take_turn(&mut transaction).await.map_err(failed())?;
        let interrupt = format!(
            "UPDATE jobs SET state = 'interrupted', finished_ms = {now}, error = 'its runner gave no sign of life' \
             WHERE kind = $1 AND state = 'running' AND seen_ms < {now} - {lease_ms}"
        );
        let interrupt = sqlx::query(sqlx::AssertSqlSafe(interrupt)).bind(kind);
        interrupt.execute(&mut *transaction).await.map_err(failed())?;
        let begin = format!(
            "INSERT INTO jobs (id, kind, state, parameters, started_ms, seen_ms, progress) \
             VALUES ($1, $2, 'running', $3, {now}, {now}, '{{}}') ON CONFLICT DO NOTHING"
        );
        let begin = sqlx::query(sqlx::AssertSqlSafe(begin)).bind(id).bind(kind).bind(parameters);
        let begun = begin.execute(&mut *transaction).await.map_err(failed())?.rows_affected() == 1;
        sqlx::query(
            "DELETE FROM jobs WHERE kind = $1 AND state <> 'running' AND id NOT IN \
             (SELECT id FROM jobs WHERE kind = $1 ORDER BY started_ms DESC, id DESC LIMIT $2)",
        )
        .bind(kind)
        .bind(KEPT_FINISHED)
        .execute(&mut *transaction)
        .await
        .map_err(failed())?;
        let running =
            if begun { None } else { running(kind).fetch_optional(&mut *transaction).await.map_err(failed())? };
        transaction.commit().await.map_err(failed())?;
        match running {
            None if begun => Ok(JobStart::Started),
            Some(row) => Ok(JobStart::Running(row)),
            None => Err(DbError::Damaged(format!("a {kind} job neither began nor runs"))),
        }
    }

    /// A sign of life with how far the job is; false when the job does not run any more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn touch_job(&self, id: &str, progress: &str) -> Result<bool, DbError> {
        let now = self.dialect.now_ms();
        let touch = format!("UPDATE jobs SET seen_ms = {now}, progress = $2 WHERE id = $1 AND state = 'running'");
        let touched = sqlx::query(sqlx::AssertSqlSafe(touch)).bind(id).bind(progress).execute(self.pool()).await;
        Ok(touched.map_err(DbError::query("note the progress of the job"))?.rows_affected() == 1)
    }

    /// Ends a job that runs.
    ///
    /// # Errors
    /// The database failed.
    pub async fn finish_job(
        &self,
        id: &str,
        state: &str,
        progress: &str,
        report: Option<&str>,
        error: Option<&str>,
    ) -> Result<(), DbError> {
        let now = self.dialect.now_ms();
        let finish = format!(
            "UPDATE jobs SET state = $2, progress = $3, report = $4, error = $5, finished_ms = {now}, seen_ms = {now} \
             WHERE id = $1 AND state = 'running'"
        );
        let query =
            sqlx::query(sqlx::AssertSqlSafe(finish)).bind(id).bind(state).bind(progress).bind(report).bind(error);
        query.execute(self.pool()).await.map(drop).map_err(DbError::query("end the job"))
    }

    /// One job.
    ///
    /// # Errors
    /// The database failed.
    pub async fn job(&self, id: &str) -> Result<Option<JobRow>, DbError> {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM jobs WHERE id = $1"))).bind(id);
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the job"))
    }

    /// The last jobs, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn jobs(&self, limit: u32) -> Result<Vec<JobRow>, DbError> {
        let statement = format!("SELECT {COLUMNS} FROM jobs ORDER BY started_ms DESC, id DESC LIMIT $1");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(statement)).bind(i64::from(limit));
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the jobs"))
    }

    /// Up to `limit` jobs that began before `before`, newest first, each without the names of what is damaged.
    ///
    /// # Errors
    /// The database failed.
    pub async fn jobs_page(&self, before: Option<&str>, limit: u32) -> Result<Vec<JobRow>, DbError> {
        let statement = format!(
            "SELECT id, kind, state, parameters, started_ms, seen_ms, finished_ms, error, {} \
             FROM jobs WHERE id < $1 ORDER BY id DESC LIMIT $2",
            self.dialect.job_in_short()
        );
        // Identifiers are hexadecimal: `g` is behind all of them.
        let query = sqlx::query_as(sqlx::AssertSqlSafe(statement)).bind(before.unwrap_or("g")).bind(i64::from(limit));
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the jobs"))
    }

    /// The jobs that are recorded as running, one of each kind at the most.
    ///
    /// # Errors
    /// The database failed.
    pub async fn running_jobs(&self) -> Result<Vec<JobRow>, DbError> {
        let statement = format!("SELECT {COLUMNS} FROM jobs WHERE state = 'running' ORDER BY kind");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(statement));
        query.fetch_all(self.pool()).await.map_err(DbError::query("list what runs"))
    }

    /// The last job of a kind with these parameters, running or not.
    ///
    /// # Errors
    /// The database failed.
    pub async fn last_job(&self, kind: &str, parameters: &str) -> Result<Option<JobRow>, DbError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM jobs WHERE kind = $1 AND parameters = $2 ORDER BY started_ms DESC, id DESC LIMIT 1"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(statement)).bind(kind).bind(parameters);
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the last job"))
    }
}

fn running(kind: &str) -> sqlx::query::QueryAs<'_, sqlx::Any, JobRow, sqlx::any::AnyArguments> {
    let statement = format!("SELECT {COLUMNS} FROM jobs WHERE kind = $1 AND state = 'running'");
    sqlx::query_as(sqlx::AssertSqlSafe(statement)).bind(kind)
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
