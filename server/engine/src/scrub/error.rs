//! Why a scrub ended before it had read everything. Damage is no reason: it is what a scrub is for.

use std::path::PathBuf;

use crate::db::DbError;
use crate::store::StoreError;

/// A scrub that ended early. The next one goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ScrubError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy failed.
    #[error("the copy to repair from failed")]
    Copy(#[source] StoreError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// There is no room for a blob from the copy, or it cannot be written.
    #[error("{} cannot be written, where a blob from the copy is checked", path.display())]
    Workspace {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Somebody stopped it.
    #[error("scrub was interrupted: running it again goes on from there")]
    Interrupted,
    /// It stood still for so long that it was declared dead.
    #[error("scrub gave no sign of life for too long, and another one may run")]
    TakenOver,
}
