//! The rows of the database as text that either database takes: a backup of all of them, or the record of one release that lies
//! beside its manifest. `docs/backup.md` describes the format.

mod dump;
mod error;
mod format;
mod insert;
mod rebuild;
mod restore;
mod tables;
mod value;

pub use error::BackupError;
pub use rebuild::{Head, Rebuild};
pub use restore::OnExisting;
#[doc(hidden)]
pub use tables::known_tables;
