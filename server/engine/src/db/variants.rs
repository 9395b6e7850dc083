//! Coded forms of documents: which ones there are. The first one recorded for a coding stays, whatever a later compressor makes.

use sqlx::any::AnyRow;
use sqlx::{Any, FromRow, Row as _, Transaction};
use stowaway_domain::coding::Coding;
use stowaway_domain::{Digest, StoreKey, Tag};

use super::query::stored;
use super::rows::{digest, number, undecodable};
use super::{Database, DbError};

pub(super) const VARIANTS: &str = "SELECT * FROM variants WHERE sha256 = $1 ORDER BY coding";
/// The `+` keeps SQLite from reading every release of the tag in the order of their numbers.
pub(super) const RELEASE_OF_MANIFEST: &str = "SELECT number FROM releases WHERE tag = $1 AND manifest_sha256 = $2 AND retired_ms IS NULL ORDER BY +number LIMIT 1";

const OPERATION: &str = "record the coded forms";

/// A coded form of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VariantRow {
    /// SHA-256 of the document.
    pub identity: Digest,
    /// How it is coded.
    pub coding: Coding,
    /// SHA-256 of the coded bytes.
    pub digest: Digest,
    /// How many there are.
    pub size: u64,
}

impl VariantRow {
    /// Where the bytes lie.
    #[must_use]
    pub const fn key(&self) -> StoreKey {
        StoreKey::Variant(self.identity, self.coding, self.digest)
    }
}

impl Database {
    /// The coded forms of the document with that digest.
    ///
    /// # Errors
    /// The database failed.
    pub async fn variants(&self, identity: &Digest) -> Result<Vec<VariantRow>, DbError> {
        let query = sqlx::query_as(VARIANTS).bind(identity.as_bytes().as_slice());
        query.fetch_all(self.pool()).await.map_err(DbError::query("find the coded forms"))
    }

    /// The release of `tag` whose manifest has that digest.
    ///
    /// # Errors
    /// The database failed.
    pub async fn release_of_manifest(&self, tag: &Tag, manifest: &Digest) -> Result<Option<u64>, DbError> {
        const OPERATION: &str = "find the release of a manifest";
        let query = sqlx::query(RELEASE_OF_MANIFEST).bind(tag.as_str()).bind(manifest.as_bytes().as_slice());
        let row = query.fetch_optional(self.pool()).await.map_err(DbError::query(OPERATION))?;
        row.map(|row| number(&row, "number")).transpose().map_err(DbError::query(OPERATION))
    }

    /// Records coded forms whose bytes are stored. One that is recorded already stays.
    ///
    /// # Errors
    /// The database failed; nothing was written, unless it failed while it acknowledged.
    pub async fn record_variants(&self, rows: &[VariantRow]) -> Result<(), DbError> {
        let failed = || DbError::query(OPERATION);
        // In one order everywhere: two publishers that insert the same rows must not wait for each other in a circle.
        let mut rows: Vec<&VariantRow> = rows.iter().collect();
        rows.sort();
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        for row in rows {
            insert_variant(&mut transaction, row).await?;
        }
        transaction.commit().await.map_err(failed())
    }
}

/// Records a coded form, unless one is recorded already.
pub(super) async fn insert_variant(transaction: &mut Transaction<'_, Any>, row: &VariantRow) -> Result<(), DbError> {
    let size = stored(row.size).ok_or_else(|| DbError::Damaged(format!("{} is more than it can hold", row.size)))?;
    sqlx::query(
        "INSERT INTO variants (sha256, coding, variant_sha256, size_bytes) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (sha256, coding) DO NOTHING",
    )
    .bind(row.identity.as_bytes().as_slice())
    .bind(row.coding.token().unwrap_or("identity"))
    .bind(row.digest.as_bytes().as_slice())
    .bind(size)
    .execute(&mut **transaction)
    .await
    .map(drop)
    .map_err(DbError::query(OPERATION))
}

impl FromRow<'_, AnyRow> for VariantRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let token: String = row.try_get("coding")?;
        let unknown = || undecodable("coding", std::io::Error::other(format!("{token:?} is no coding")));
        Ok(Self {
            identity: digest(row, "sha256")?,
            coding: Coding::of_token(&token).ok_or_else(unknown)?,
            digest: digest(row, "variant_sha256")?,
            size: number(row, "size_bytes")?,
        })
    }
}
