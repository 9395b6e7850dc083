//! Who relies on objects that no release names yet, and which objects are being removed. Claiming and condemning take turns, so that
//! nobody relies on what is being removed and nothing is removed on which somebody relies (`docs/adr/`, "Claims").

use std::collections::HashSet;
use std::time::Duration;

use sqlx::any::AnyRow;
use sqlx::{Any, FromRow, Row as _, Transaction};
use stowaway_domain::{StoreKey, Subject};

use super::dialect::Dialect;
use super::jobs::millis;
use super::rows::undecodable;
use super::{Database, DbError};

/// An object whose removal is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondemnedRow {
    /// The object.
    pub key: StoreKey,
    /// The job or claimant that removes it.
    pub remover: String,
    /// Whether that one still gives signs of life.
    pub is_being_removed: bool,
}

/// How claiming ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// Nothing of it is removed from now on, unless it is condemned already.
    Claimed,
    /// The claimant gave no sign of life for too long and was forgotten.
    Forgotten,
}

/// After which silence one counts as gone.
#[derive(Debug, Clone, Copy)]
pub struct Leases {
    /// The runner of a job.
    pub job: Duration,
    /// A claimant.
    pub claim: Duration,
}

const CLAIM: &str = "claim what the publish relies on";
const LOOK: &str = "find what is being removed";

/// Both sides write this row first: PostgreSQL makes the second one wait, SQLite has one writer anyway.
pub(super) async fn take_turn(transaction: &mut Transaction<'_, Any>) -> sqlx::Result<()> {
    sqlx::query("UPDATE claim_turns SET turn = turn + 1 WHERE id = 1").execute(&mut **transaction).await.map(drop)
}

impl Database {
    /// Makes a claimant, which must give a sign of life from time to time.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_claimant(&self, claimant: &str, purpose: &str) -> Result<(), DbError> {
        let statement =
            format!("INSERT INTO claimants (id, purpose, seen_ms) VALUES ($1, $2, {})", self.dialect.now_ms());
        let query = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(claimant).bind(purpose);
        query.execute(self.pool()).await.map(drop).map_err(DbError::query(CLAIM))
    }

    /// A claimant's sign of life; false when it was forgotten.
    ///
    /// # Errors
    /// The database failed.
    pub async fn touch_claimant(&self, claimant: &str) -> Result<bool, DbError> {
        let statement = format!("UPDATE claimants SET seen_ms = {} WHERE id = $1", self.dialect.now_ms());
        let touched = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(claimant).execute(self.pool()).await;
        Ok(touched.map_err(DbError::query(CLAIM))?.rows_affected() == 1)
    }

    /// Claims subjects. What is condemned already has to be waited for: [`Self::condemned_among`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn claim(&self, claimant: &str, subjects: &[Subject]) -> Result<ClaimOutcome, DbError> {
        let failed = || DbError::query(CLAIM);
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        take_turn(&mut transaction).await.map_err(failed())?;
        let touch = format!("UPDATE claimants SET seen_ms = {} WHERE id = $1", self.dialect.now_ms());
        let touch = sqlx::query(sqlx::AssertSqlSafe(touch)).bind(claimant);
        if touch.execute(&mut *transaction).await.map_err(failed())?.rows_affected() == 0 {
            transaction.rollback().await.map_err(failed())?;
            return Ok(ClaimOutcome::Forgotten);
        }
        for subject in subjects {
            sqlx::query("INSERT INTO claims (subject, claimant) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(subject.to_string())
                .bind(claimant)
                .execute(&mut *transaction)
                .await
                .map_err(failed())?;
        }
        transaction.commit().await.map_err(failed())?;
        Ok(ClaimOutcome::Claimed)
    }

    /// Takes back a claimant and everything it claimed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn remove_claimant(&self, claimant: &str) -> Result<(), DbError> {
        let query = sqlx::query("DELETE FROM claimants WHERE id = $1").bind(claimant);
        query.execute(self.pool()).await.map(drop).map_err(DbError::query("take back the claims"))
    }

    /// Forgets claimants that gave no sign of life within `lease`: they cannot commit any more. Says how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget_claimants(&self, lease: Duration) -> Result<u64, DbError> {
        let statement = format!("DELETE FROM claimants WHERE seen_ms < {} - {}", self.dialect.now_ms(), millis(lease));
        let forgotten = sqlx::query(sqlx::AssertSqlSafe(statement)).execute(self.pool()).await;
        Ok(forgotten.map_err(DbError::query("forget old claims"))?.rows_affected())
    }

    /// What is condemned among these subjects.
    ///
    /// # Errors
    /// The database failed.
    pub async fn condemned_among(&self, subjects: &[Subject], leases: Leases) -> Result<Vec<CondemnedRow>, DbError> {
        let mut found = Vec::new();
        for some in subjects.chunks(MOST_BINDS) {
            let filter = format!("c.subject IN ({})", placeholders(1, some.len()));
            let mut query = sqlx::query_as(sqlx::AssertSqlSafe(condemned(self.dialect, leases, &filter)));
            for subject in some {
                query = query.bind(subject.to_string());
            }
            let rows: Vec<CondemnedRow> = query.fetch_all(self.pool()).await.map_err(DbError::query(LOOK))?;
            found.extend(rows);
        }
        Ok(found)
    }

    /// Up to `limit` condemned objects that nobody removes any more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn condemned_left_behind(&self, leases: Leases, limit: u32) -> Result<Vec<CondemnedRow>, DbError> {
        let filter = format!("j.id IS NULL AND m.id IS NULL ORDER BY c.store_key LIMIT {limit}");
        let statement = sqlx::AssertSqlSafe(condemned(self.dialect, leases, &filter));
        sqlx::query_as(statement).fetch_all(self.pool()).await.map_err(DbError::query(LOOK))
    }

    /// From now on `remover` removes an object that was left behind; false when somebody else was faster.
    ///
    /// # Errors
    /// The database failed.
    pub async fn take_over_condemned(&self, row: &CondemnedRow, remover: &str) -> Result<bool, DbError> {
        let query = sqlx::query("UPDATE condemned SET remover = $3 WHERE store_key = $1 AND remover = $2")
            .bind(row.key.to_string())
            .bind(row.remover.as_str())
            .bind(remover);
        let taken = query.execute(self.pool()).await.map_err(DbError::query("take over a removal"))?;
        Ok(taken.rows_affected() == 1)
    }

    /// The objects are removed: they may be written again. What somebody else has taken over meanwhile is theirs to say.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget_condemned(&self, keys: &[StoreKey], remover: &str) -> Result<(), DbError> {
        for some in keys.chunks(MOST_BINDS - 1) {
            let among = placeholders(2, some.len());
            let statement = format!("DELETE FROM condemned WHERE remover = $1 AND store_key IN ({among})");
            let mut query = sqlx::query(sqlx::AssertSqlSafe(statement)).bind(remover.to_owned());
            for key in some {
                query = query.bind(key.to_string());
            }
            query.execute(self.pool()).await.map_err(DbError::query("note what was removed"))?;
        }
        Ok(())
    }
}

impl Database {
    /// What `select`, which ends in a column of subjects, gives for these.
    pub(super) async fn texts_among(
        &self,
        select: &str,
        subjects: &[Subject],
        operation: &'static str,
    ) -> Result<HashSet<String>, DbError> {
        let mut found = HashSet::new();
        for some in subjects.chunks(MOST_BINDS) {
            let statement = format!("{select} IN ({})", placeholders(1, some.len()));
            let mut query = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(statement));
            for subject in some {
                query = query.bind(subject.to_string());
            }
            found.extend(query.fetch_all(self.pool()).await.map_err(DbError::query(operation))?);
        }
        Ok(found)
    }
}

/// Condemned objects, and whether the job or the claimant that removes each gave a sign of life lately. A job that failed counts as
/// alive for as long: a request of its to the store may still be on its way.
pub(super) fn condemned(dialect: Dialect, leases: Leases, filter: &str) -> String {
    let now = dialect.now_ms();
    let (job_ms, claim_ms) = (millis(leases.job), millis(leases.claim));
    format!(
        "SELECT c.store_key, c.remover, COALESCE(j.id, m.id) AS alive FROM condemned c \
         LEFT JOIN jobs j ON j.id = c.remover AND j.seen_ms >= {now} - {job_ms} \
         LEFT JOIN claimants m ON m.id = c.remover AND m.seen_ms >= {now} - {claim_ms} WHERE {filter}"
    )
}

impl FromRow<'_, AnyRow> for CondemnedRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let key: String = row.try_get("store_key")?;
        let unknown = || undecodable("store_key", std::io::Error::other(format!("{key:?} is no key")));
        Ok(Self {
            key: StoreKey::parse(&key).ok_or_else(unknown)?,
            remover: row.try_get("remover")?,
            is_being_removed: row.try_get::<Option<String>, _>("alive")?.is_some(),
        })
    }
}

/// `$first, …`: so many placeholders.
pub(super) fn placeholders(first: usize, count: usize) -> String {
    (first..first + count).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ")
}

/// Values in one statement: far below what either database takes.
pub(super) const MOST_BINDS: usize = 500;
