//! Tokens of the administration API: made, listed and revoked here, recognised in [`Authenticator`].

mod authenticate;
mod limits;

use stowaway_domain::scope::Scopes;
use stowaway_domain::token::{Lifetime, Token, TokenId, TokenName};

pub use authenticate::{Authenticator, Authorized, Refusal};
pub use limits::TokenLimits;

use crate::db::{Database, DbError, NewTokenRow, TokenRow};
use crate::timestamp;

/// What is wrong with an attempt to make a token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The system has no randomness.
    #[error("the system gives no random bytes")]
    Random(#[source] getrandom::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbError),
}

/// Makes, lists and revokes tokens.
#[derive(Debug, Clone)]
pub struct Tokens {
    database: Database,
}

impl Tokens {
    /// Over this database.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Makes a token. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// The system has no randomness, or the database failed.
    pub async fn create(
        &self,
        name: TokenName,
        scopes: Scopes,
        lifetime: Lifetime,
    ) -> Result<(TokenRow, Token), TokenError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(TokenError::Random)?;
        let token = Token::from_random(getrandom::u64().map_err(TokenError::Random)?, &secret);
        let row = NewTokenRow {
            id: token.id().clone(),
            secret_digest: token.secret_digest(),
            name,
            scopes,
            created: timestamp::now(),
            expires: lifetime.seconds().map(timestamp::in_seconds),
        };
        Ok((self.database.insert_token(&row).await?, token))
    }

    /// Up to `limit` tokens made before that of number `before` (or all), newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, before: Option<u64>, limit: u32) -> Result<Vec<TokenRow>, DbError> {
        self.database.tokens_page(before, limit).await
    }

    /// Refuses a token from now on; `None` when there is none of that id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke(&self, id: &TokenId) -> Result<Option<TokenRow>, DbError> {
        self.database.revoke_token(id, &timestamp::now()).await
    }
}
