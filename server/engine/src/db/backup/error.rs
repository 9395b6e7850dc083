//! Why there is no backup, or why it cannot be restored.

use crate::db::DbError;

/// A backup that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database failed; it is as it was.
    #[error("the database failed")]
    Database(#[source] DbError),
    /// The backup cannot be written.
    #[error("the backup cannot be written")]
    Write(#[source] std::io::Error),
    /// The backup cannot be read.
    #[error("the backup cannot be read")]
    Read(#[source] std::io::Error),
    /// It is something else.
    #[error("this is no backup of Stowaway: its first line does not say so")]
    NotABackup,
    /// A newer program wrote it.
    #[error(
        "the backup is from a newer version: it has format {format} and migration {migration}, this program knows up to format {known_format} and migration {known_migration}"
    )]
    Newer {
        /// The version of the format.
        format: u64,
        /// The highest migration of the database it was made of.
        migration: i64,
        /// The highest version known here.
        known_format: u64,
        /// The highest migration known here.
        known_migration: i64,
    },
    /// It was changed or is not whole.
    #[error("the backup is damaged: line {line}: {reason}")]
    Damaged {
        /// Counted from 1.
        line: u64,
        /// What is wrong there.
        reason: String,
    },
    /// What is being removed from the store may be needed by what is restored.
    #[error(
        "a gc runs on this database, or ended a moment ago in the middle of a removal: the store would lose what the restored rows need"
    )]
    Removing,
    /// There is something that would be lost.
    #[error("the database {url} is not empty: it has rows in {table}")]
    NotEmpty {
        /// Without password.
        url: String,
        /// The first table with rows.
        table: &'static str,
    },
}
