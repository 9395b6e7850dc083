//! The clock of the database: the one that all replicas share, so that none needs to trust its own.

use super::dialect::Dialect;
use super::{Database, DbError};

impl Dialect {
    /// Milliseconds since 1970, as an expression.
    pub(super) const fn now_ms(self) -> &'static str {
        match self {
            Self::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Self::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        }
    }
}

impl Database {
    /// Milliseconds since 1970 by the database's clock.
    ///
    /// # Errors
    /// The database failed.
    pub async fn now_ms(&self) -> Result<i64, DbError> {
        let statement = sqlx::AssertSqlSafe(format!("SELECT {}", self.dialect.now_ms()));
        sqlx::query_scalar(statement).fetch_one(self.pool()).await.map_err(DbError::query("tell the time"))
    }
}
