//! Which document is the piece index of which blob: its coded forms are in use when the blob is.

use stowaway_domain::Digest;

use super::rows::digest;
use super::{Database, DbError};

const BLOBS_WITHOUT: &str = "SELECT b.sha256 FROM blobs b LEFT JOIN piece_indexes i ON i.sha256 = b.sha256 \
     WHERE b.sha256 > $1 AND b.removed_ms IS NULL AND i.sha256 IS NULL ORDER BY b.sha256 LIMIT $2";

impl Database {
    /// Up to `limit` blobs after `after` of which it is not known.
    ///
    /// # Errors
    /// The database failed.
    pub async fn blobs_without_piece_index(&self, after: Option<Digest>, limit: u32) -> Result<Vec<Digest>, DbError> {
        const OPERATION: &str = "find blobs whose piece index is not known";
        let after = after.map_or_else(Vec::new, |digest| digest.as_bytes().to_vec());
        let query = sqlx::query(BLOBS_WITHOUT).bind(after).bind(i64::from(limit));
        let rows = query.fetch_all(self.pool()).await.map_err(DbError::query(OPERATION))?;
        rows.iter().map(|row| digest(row, "sha256")).collect::<sqlx::Result<_>>().map_err(DbError::query(OPERATION))
    }

    /// The digest of the piece index of a blob, where it is known.
    ///
    /// # Errors
    /// The database failed.
    pub async fn piece_index_of(&self, blob: &Digest) -> Result<Option<Digest>, DbError> {
        const OPERATION: &str = "find the piece index of a blob";
        let query =
            sqlx::query("SELECT index_sha256 FROM piece_indexes WHERE sha256 = $1 ORDER BY index_sha256 LIMIT 1");
        let row = query.bind(blob.as_bytes().as_slice()).fetch_optional(self.pool()).await;
        let row = row.map_err(DbError::query(OPERATION))?;
        row.map(|row| digest(&row, "index_sha256")).transpose().map_err(DbError::query(OPERATION))
    }

    /// Notes it; pairs of blob and piece index.
    ///
    /// # Errors
    /// The database failed.
    pub async fn record_piece_indexes(&self, pairs: &[(Digest, Digest)]) -> Result<(), DbError> {
        let failed = || DbError::query("note the piece indexes");
        let mut transaction = self.pool().begin_with(self.dialect.begin_writing()).await.map_err(failed())?;
        // In one order everywhere, as with coded forms.
        let mut pairs = pairs.to_vec();
        pairs.sort();
        for (blob, index) in pairs {
            sqlx::query("INSERT INTO piece_indexes (index_sha256, sha256) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(index.as_bytes().to_vec())
                .bind(blob.as_bytes().to_vec())
                .execute(&mut *transaction)
                .await
                .map_err(failed())?;
        }
        transaction.commit().await.map_err(failed())
    }
}
