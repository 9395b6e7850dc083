//! Rows of tokens. They are never deleted: a revoked one still says who it was.

use sqlx::any::AnyRow;
use sqlx::{FromRow, Row as _};
use stowaway_domain::Digest;
use stowaway_domain::scope::Scopes;
use stowaway_domain::token::{TokenId, TokenName};

use super::rows::{digest, number, parsed};
use super::{Database, DbError};

pub(super) const TOKEN: &str = "SELECT * FROM tokens WHERE id = $1";
pub(super) const TOKENS_PAGE: &str = "SELECT * FROM tokens WHERE number < $1 ORDER BY number DESC LIMIT $2";

/// A token as it is kept: without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Its place in the order in which they were made, from 1.
    pub number: u64,
    /// The public part.
    pub id: TokenId,
    /// What is kept of the secret.
    pub secret_digest: Digest,
    /// What its owner calls it.
    pub name: TokenName,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made, RFC 3339 UTC.
    pub created: String,
    /// From when on it is refused.
    pub expires: Option<String>,
    /// Since when it is refused because someone said so.
    pub revoked: Option<String>,
    /// When it was last used, to the minute.
    pub last_used: Option<String>,
}

/// A token that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTokenRow {
    /// The public part.
    pub id: TokenId,
    /// What is kept of the secret.
    pub secret_digest: Digest,
    /// What its owner calls it.
    pub name: TokenName,
    /// What it may do.
    pub scopes: Scopes,
    /// Now.
    pub created: String,
    /// From when on it is refused.
    pub expires: Option<String>,
}

impl Database {
    /// Keeps a token.
    ///
    /// # Errors
    /// The database failed.
    pub async fn insert_token(&self, token: &NewTokenRow) -> Result<TokenRow, DbError> {
        sqlx::query_as(
            "INSERT INTO tokens (id, secret_sha256, name, scopes, created, expires) VALUES ($1, $2, $3, $4, $5, $6) \
             RETURNING *",
        )
        .bind(token.id.as_str())
        .bind(token.secret_digest.as_bytes().as_slice())
        .bind(token.name.as_str())
        .bind(token.scopes.to_string())
        .bind(token.created.as_str())
        .bind(token.expires.as_deref())
        .fetch_one(self.pool())
        .await
        .map_err(DbError::query("keep the token"))
    }

    /// The token of that id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn token(&self, id: &TokenId) -> Result<Option<TokenRow>, DbError> {
        let query = sqlx::query_as(TOKEN).bind(id.as_str());
        query.fetch_optional(self.pool()).await.map_err(DbError::query("find the token"))
    }

    /// Up to `limit` tokens that were made before that of number `before` (or all), newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tokens_page(&self, before: Option<u64>, limit: u32) -> Result<Vec<TokenRow>, DbError> {
        let before = before.and_then(super::query::stored).unwrap_or(i64::MAX);
        let query = sqlx::query_as(TOKENS_PAGE).bind(before).bind(i64::from(limit));
        query.fetch_all(self.pool()).await.map_err(DbError::query("list the tokens"))
    }

    /// Notes that a token is refused from `now` on, unless it is already; gives the row, `None` when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke_token(&self, id: &TokenId, now: &str) -> Result<Option<TokenRow>, DbError> {
        sqlx::query_as("UPDATE tokens SET revoked = COALESCE(revoked, $2) WHERE id = $1 RETURNING *")
            .bind(id.as_str())
            .bind(now)
            .fetch_optional(self.pool())
            .await
            .map_err(DbError::query("revoke the token"))
    }

    /// Notes that a token was used, unless that was noted later than at `due`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn note_token_use(&self, id: &TokenId, now: &str, due: &str) -> Result<(), DbError> {
        let query =
            sqlx::query("UPDATE tokens SET last_used = $2 WHERE id = $1 AND (last_used IS NULL OR last_used <= $3)");
        query
            .bind(id.as_str())
            .bind(now)
            .bind(due)
            .execute(self.pool())
            .await
            .map(drop)
            .map_err(DbError::query("note the use of the token"))
    }
}

impl FromRow<'_, AnyRow> for TokenRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            number: number(row, "number")?,
            id: parsed(row, "id")?,
            secret_digest: digest(row, "secret_sha256")?,
            name: parsed(row, "name")?,
            scopes: parsed(row, "scopes")?,
            created: row.try_get("created")?,
            expires: row.try_get("expires")?,
            revoked: row.try_get("revoked")?,
            last_used: row.try_get("last_used")?,
        })
    }
}
