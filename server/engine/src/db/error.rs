//! What can go wrong with the database, by operation.

/// A failed operation on the database. `Display` names what; the cause is in `source()`.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The configured address is not one of a database.
    #[error(
        "database.url {url:?} names no database that is known here: use sqlite:folder/file.db or postgres://user@host/name"
    )]
    Url {
        /// As configured, without its password.
        url: String,
    },
    /// It cannot be reached or opened.
    #[error("the database {url} cannot be opened")]
    Open {
        /// As configured, without its password.
        url: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A newer Stowaway has changed it.
    #[error(
        "the database {url} is newer than this program: it has migration {found}, this program knows up to {known}; run the newer version, or restore a backup from before the upgrade"
    )]
    Newer {
        /// As configured, without its password.
        url: String,
        /// Highest migration in the database.
        found: i64,
        /// Highest migration in the program.
        known: i64,
    },
    /// The tables could not be brought up to date; they are as before.
    #[error("the database {url} could not be brought up to date")]
    Migrate {
        /// As configured, without its password.
        url: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A query failed.
    #[error("the database could not {operation}")]
    Query {
        /// `find the tag`, `commit the release` …
        operation: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The caller stopped it; nothing was written.
    #[error("the attempt to {operation} was stopped")]
    Stopped {
        /// As in [`Self::Query`].
        operation: &'static str,
        /// The caller's reason.
        #[source]
        source: std::io::Error,
    },
    /// A row holds what no Stowaway writes.
    #[error("the database is damaged: {0}")]
    Damaged(String),
}

/// Why the database failed, where that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbCause {
    /// Another program writes, and did not end within the time that writers wait.
    Locked,
    /// There is no room left.
    Full,
    /// It may be read, and not written.
    ReadOnly,
    /// It does not know the user, or not with that password.
    Password,
    /// The server has no such database.
    NoDatabase,
}

impl DbError {
    /// What to do about it depends on this; nothing where the message has to do.
    #[must_use]
    pub fn cause(&self) -> Option<DbCause> {
        let first: &(dyn std::error::Error + 'static) = self;
        std::iter::successors(Some(first), |error| error.source()).find_map(|error| {
            let error = error.downcast_ref::<sqlx::Error>()?.as_database_error()?;
            cause_of(&error.code()?)
        })
    }

    pub(super) fn query(operation: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Query { operation, source }
    }
}

/// SQLite's codes are numbers, with details above the lowest byte; PostgreSQL's are five characters.
fn cause_of(code: &str) -> Option<DbCause> {
    const SQLITE_BUSY: u32 = 5;
    const SQLITE_FULL: u32 = 13;
    const SQLITE_READONLY: u32 = 8;
    match code {
        "28P01" | "28000" => Some(DbCause::Password),
        "3D000" => Some(DbCause::NoDatabase),
        "53100" => Some(DbCause::Full),
        // A standby, or one that was told to.
        "25006" => Some(DbCause::ReadOnly),
        code if code.len() == 5 => None,
        code => match code.parse::<u32>().ok()? & 0xff {
            SQLITE_BUSY => Some(DbCause::Locked),
            SQLITE_FULL => Some(DbCause::Full),
            SQLITE_READONLY => Some(DbCause::ReadOnly),
            _ => None,
        },
    }
}
