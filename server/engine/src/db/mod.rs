//! The database: tags, releases and who they point at. SQLite (embedded) and PostgreSQL behind the same queries.
//!
//! It holds what must change together and what must be found fast; bytes and documents lie in the store.

mod address;
mod adopted;
mod backup;
mod changes;
mod claims;
mod clock;
mod commit;
mod connect;
mod damage;
mod dialect;
mod error;
mod jobs;
mod migrate;
mod piece_indexes;
mod query;
mod retention;
mod roots;
mod rows;
mod stats;
mod tag_states;
mod tokens;
mod uploads;
mod variants;

use std::sync::Arc;

use sqlx::AnyPool;

pub use adopted::DescribedObject;
pub use backup::{BackupError, Head, OnExisting, Rebuild, known_tables};
pub use changes::{Change, Changes};
pub use claims::{ClaimOutcome, CondemnedRow, Leases};
pub use commit::{BeforeCommit, CommitOutcome, CommitRelease};
pub use connect::DatabaseOptions;
pub use damage::{DamageRow, NeededBy};
pub use error::{DbCause, DbError};
pub use jobs::{JobRow, JobStart};
pub use retention::TagLimits;
pub use roots::Kept;
pub use rows::{AssetRow, BlobRow, ItemRow, Pointer, PreviousRow, ReleaseRow, TagRow};
pub use stats::{TagUse, Totals};
pub use tag_states::{PointerMove, TagState};
pub use tokens::{NewTokenRow, TokenRow};
pub use uploads::{AppendedRow, UploadRow};
pub use variants::VariantRow;

use address::Address;
use dialect::Dialect;

/// A database, cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pool: AnyPool,
    dialect: Dialect,
    address: Address,
    is_in_memory: bool,
    shown_url: Arc<str>,
}
