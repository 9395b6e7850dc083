//! Why a gc did not go through.

use super::GcPoint;
use crate::claims::RemovalError;
use crate::db::DbError;
use crate::records::RecordError;
use crate::store::StoreError;

/// A gc that ended early. What it removed nobody needed; running it again goes on.
#[derive(Debug, thiserror::Error)]
pub enum GcError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// Something was not removed.
    #[error("gc stopped before it removed everything")]
    Removal(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store does not know yet that a release was retired, and nothing that it needed is removed before.
    #[error("it could not be noted in the store that a release was retired")]
    Record(#[source] RecordError),
    /// The store belongs to another database.
    #[error(
        "the store has a release that this database does not know ({key}): it is not the database of this store, or one of before that release; nothing was removed"
    )]
    OtherDatabase {
        /// The record of that release.
        key: String,
    },
    /// It stood still for so long that it was declared dead, or the rows that it went by are not there any more.
    #[error(
        "gc counts as ended, as it gave no sign of life for too long or the database was restored: nothing more is removed"
    )]
    Ended,
    /// Somebody stopped it.
    #[error("gc was interrupted: what is removed is removed, running it again goes on")]
    Interrupted,
    /// A hook stopped it; only tests set one.
    #[error("stopped at the point {0:?}")]
    Stopped(GcPoint),
}

impl From<RecordError> for GcError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Store(error) => Self::Store(error),
            error => Self::Record(error),
        }
    }
}

impl From<RemovalError> for GcError {
    fn from(error: RemovalError) -> Self {
        match error {
            RemovalError::Store(error) => Self::Store(error),
            error => Self::Removal(Box::new(error)),
        }
    }
}
