//! The database: tags, releases and who they point at. SQLite (embedded) and PostgreSQL behind the same queries.
//!
//! It holds what must change together and what must be found fast; bytes and documents lie in the store.

mod commit;
mod connect;
mod dialect;
mod error;
mod migrate;
mod query;
mod rows;
mod uploads;
mod variants;

use std::sync::Arc;

use sqlx::AnyPool;

pub use commit::{BeforeCommit, CommitOutcome, CommitRelease};
pub use connect::DatabaseOptions;
pub use error::DbError;
pub use rows::{AssetRow, BlobRow, ItemRow, Pointer, PreviousRow, ReleaseRow, TagRow};
pub use uploads::{AppendedRow, UploadRow};
pub use variants::VariantRow;

use dialect::Dialect;

/// A database, cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pool: AnyPool,
    dialect: Dialect,
    shown_url: Arc<str>,
}
