//! Whose token is it, and is it good? Says no more to who holds none than that.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use stowaway_domain::scope::{Access, Scopes};
use stowaway_domain::token::{Token, TokenId, TokenName};

use super::limits::{self, Limiter, TokenLimits};
use crate::db::{Database, DbError, TokenRow};
use crate::error_chain::ErrorChain;
use crate::timestamp;

/// A use is written down when the one before is older.
const LAST_USED_SECONDS: i64 = 60;
/// Addresses and tokens that are remembered.
const REMEMBERED: u64 = 10_000;
/// For how long a token that was good is let through to be looked up, whatever its neighbours do.
const KNOWN_FOR: Duration = Duration::from_secs(3600);
/// For how long an address that showed too many wrong tokens is not listened to.
const SHUT_OUT_FOR: Duration = Duration::from_secs(60);

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is no token, or none that was ever made, or its secret is another.
    #[error("the token is not known")]
    Unknown,
    /// It was good until then.
    #[error("the token {id} has expired at {expires}")]
    Expired {
        /// The token.
        id: TokenId,
        /// RFC 3339 UTC.
        expires: String,
    },
    /// It was taken back then.
    #[error("the token {id} was revoked at {revoked}")]
    Revoked {
        /// The token.
        id: TokenId,
        /// RFC 3339 UTC.
        revoked: String,
    },
    /// The address showed too many wrong tokens.
    #[error("too many wrong tokens came from this address")]
    TooManyFailures {
        /// When to try again.
        wait: Duration,
    },
    /// The token asks too often.
    #[error("the token {id} asks too often")]
    TooManyRequests {
        /// The token.
        id: TokenId,
        /// When to try again.
        wait: Duration,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbError),
}

/// A token that is good, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    /// Its public part.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: TokenName,
    /// What it may do.
    pub scopes: Scopes,
    /// From when on it is refused, RFC 3339 UTC.
    pub expires: Option<String>,
}

impl Authorized {
    /// Is it allowed?
    #[must_use]
    pub fn allows(&self, access: Access<'_>) -> bool {
        self.scopes.allow(access)
    }
}

/// Recognises tokens. Cheap to clone; clones count together.
#[derive(Clone)]
pub struct Authenticator(Arc<Inner>);

struct Inner {
    database: Database,
    failures: Limiter<IpAddr>,
    requests: Limiter<Option<TokenId>>,
    /// Addresses that showed too many wrong tokens.
    shut_out: Cache<IpAddr, ()>,
    /// Tokens that were good a while ago: they are looked up even for an address that is shut out, so that nobody behind the
    /// same proxy can lock them out.
    known: Cache<TokenId, ()>,
}

impl Authenticator {
    /// Over this database.
    #[must_use]
    pub fn new(database: Database, limits: TokenLimits) -> Self {
        Self(Arc::new(Inner {
            database,
            failures: limits::failures(limits),
            requests: limits::requests(limits),
            shut_out: Cache::builder().max_capacity(REMEMBERED).time_to_live(SHUT_OUT_FOR).build(),
            known: Cache::builder().max_capacity(REMEMBERED).time_to_live(KNOWN_FOR).build(),
        }))
    }

    /// Recognises the token that `text` is, which came from `address`.
    ///
    /// # Errors
    /// Why not. Only who has the secret learns that a token has expired or was revoked.
    pub async fn authenticate(&self, text: &str, address: IpAddr) -> Result<Authorized, Refusal> {
        let inner = &*self.0;
        let address = limits::neighbourhood(address);
        let token: Option<Token> = text.parse().ok();
        let is_known = token.as_ref().is_some_and(|token| inner.known.contains_key(token.id()));
        if !is_known && inner.shut_out.contains_key(&address) {
            return Err(Refusal::TooManyFailures { wait: SHUT_OUT_FOR });
        }
        let Some(row) = inner.find(token).await? else { return Err(inner.failed(address)) };
        let row = check(row)?;
        let id = row.id.clone();
        inner.requests.count(&Some(id.clone()), &None).map_err(|wait| Refusal::TooManyRequests { id, wait })?;
        inner.known.insert(row.id.clone(), ());
        inner.note_use(&row);
        Ok(Authorized { id: row.id, name: row.name, scopes: row.scopes, expires: row.expires })
    }
}

impl Inner {
    /// The row whose secret this is.
    async fn find(&self, token: Option<Token>) -> Result<Option<TokenRow>, DbError> {
        let Some(token) = token else { return Ok(None) };
        let row = self.database.token(token.id()).await?;
        Ok(row.filter(|row| token.has_secret_digest(&row.secret_digest)))
    }

    fn failed(&self, address: IpAddr) -> Refusal {
        match self.failures.count(&address, &Ipv4Addr::UNSPECIFIED.into()) {
            Ok(()) => Refusal::Unknown,
            Err(wait) => {
                self.shut_out.insert(address, ());
                Refusal::TooManyFailures { wait: wait.max(SHUT_OUT_FOR) }
            }
        }
    }

    /// Writes a use down beside the request, which need not wait for it, and does not fail with it.
    fn note_use(&self, row: &TokenRow) {
        let due = timestamp::seconds_ago(LAST_USED_SECONDS);
        if row.last_used.as_ref().is_some_and(|last| *last > due) {
            return;
        }
        let (database, id) = (self.database.clone(), row.id.clone());
        tokio::spawn(async move {
            if let Err(error) = database.note_token_use(&id, &timestamp::now(), &due).await {
                tracing::warn!(%id, error = %ErrorChain(&error), "the use of a token was not noted");
            }
        });
    }
}

/// Its secret is right: is it still good?
fn check(row: TokenRow) -> Result<TokenRow, Refusal> {
    if let Some(revoked) = row.revoked {
        return Err(Refusal::Revoked { id: row.id, revoked });
    }
    match row.expires {
        Some(expires) if expires <= timestamp::now() => Err(Refusal::Expired { id: row.id, expires }),
        _ => Ok(row),
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authenticator").finish_non_exhaustive()
    }
}
