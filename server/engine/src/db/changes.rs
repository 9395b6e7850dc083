//! What others change in the database while a server runs: told by PostgreSQL (`LISTEN`), asked for from SQLite.

use sqlx::postgres::{PgListener, PgNotification};
use sqlx::{AnyConnection, Connection as _};
use stowaway_domain::Tag;
use tokio::time::Instant;

use super::{Database, DbError, Dialect};

/// The channel of the trigger in `migrations/postgres/0005_changes.sql`.
const CHANNEL: &str = "stowaway_tags";
const OPERATION: &str = "say what changes";

/// Something that others changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// What a tag points at.
    Tag(Tag),
    /// Something, it is not known what.
    Something,
}

/// A connection on which the database says what changes, from the moment it was made.
pub struct Changes(Source);

enum Source {
    Postgres(PgListener),
    Sqlite { connection: AnyConnection, version: i64 },
}

impl Database {
    /// Begins to watch, on a connection of its own. Nothing for a database in memory, which nobody else can change.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn changes(&self) -> Result<Option<Changes>, DbError> {
        if self.is_in_memory {
            return Ok(None);
        }
        let failed = || DbError::query(OPERATION);
        let source = match self.dialect {
            Dialect::Postgres => {
                let mut listener = PgListener::connect(self.address.reveal()).await.map_err(failed())?;
                // A lost connection is an error here: whoever watches must know that it missed something.
                listener.eager_reconnect(false);
                listener.listen(CHANNEL).await.map_err(failed())?;
                Source::Postgres(listener)
            }
            Dialect::Sqlite => {
                let mut connection = AnyConnection::connect(self.address.reveal()).await.map_err(failed())?;
                let version = data_version(&mut connection).await.map_err(failed())?;
                Source::Sqlite { connection, version }
            }
        };
        Ok(Some(Changes(source)))
    }
}

impl Changes {
    /// Waits for the next change until `end`; SQLite tells of none.
    ///
    /// # Errors
    /// The connection is lost: what happens is not known any more. Watch anew.
    pub async fn wait(&mut self, end: Instant) -> Result<Option<Change>, DbError> {
        let Source::Postgres(listener) = &mut self.0 else {
            tokio::time::sleep_until(end).await;
            return Ok(None);
        };
        let Ok(told) = tokio::time::timeout_at(end, listener.try_recv()).await else { return Ok(None) };
        let told = told.map_err(DbError::query(OPERATION))?.ok_or_else(lost)?;
        Ok(Some(change_of(&told)))
    }

    /// Asks the database: what happened before this call has been told, or is told now.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub async fn confirm(&mut self) -> Result<Vec<Change>, DbError> {
        let failed = || DbError::query(OPERATION);
        match &mut self.0 {
            Source::Postgres(listener) => {
                // Notifications come before the end of the answer.
                sqlx::query("SELECT 1").execute(&mut *listener).await.map_err(failed())?;
                Ok(std::iter::from_fn(|| listener.next_buffered()).map(|told| change_of(&told)).collect())
            }
            Source::Sqlite { connection, version } => {
                let now = data_version(connection).await.map_err(failed())?;
                let before = std::mem::replace(version, now);
                Ok(if before == now { Vec::new() } else { vec![Change::Something] })
            }
        }
    }
}

fn change_of(told: &PgNotification) -> Change {
    told.payload().parse().map_or(Change::Something, Change::Tag)
}

fn lost() -> DbError {
    let source = sqlx::Error::Io(std::io::ErrorKind::ConnectionAborted.into());
    DbError::Query { operation: OPERATION, source }
}

/// A number that every commit of another connection changes.
async fn data_version(connection: &mut AnyConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("PRAGMA data_version").fetch_one(connection).await
}
