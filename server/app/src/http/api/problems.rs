//! The one place of the API that turns what went wrong into a problem. What broke inside is logged here, once, and not told.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use actix_web::error::QueryPayloadError;
use actix_web::http::StatusCode;
use stowaway_domain::Tag;
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;
use stowaway_domain::scope::Access;
use stowaway_domain::token::{TokenError as NoToken, TokenId};
use stowaway_engine::db::DbError;
use stowaway_engine::error_chain::ErrorChain;
use stowaway_engine::housekeeping::OrderError;
use stowaway_engine::jobs::JobError;
use stowaway_engine::read::ReadError;
use stowaway_engine::releases::ReleaseError;
use stowaway_engine::tokens::{Refusal, TokenError};

use super::refused::Refused;
use crate::http::error;

/// RFC 6750 §3: what a client is to send, and what was wrong with what it sent.
const CHALLENGE: &str = r#"Bearer realm="stowaway""#;
const CHALLENGE_AFTER_TOKEN: &str = r#"Bearer realm="stowaway", error="invalid_token""#;

/// The problem of an answer that failed.
pub(super) fn of(error: &actix_web::Error) -> Problem {
    if let Some(refused) = error.as_error::<Refused>() {
        return refused.problem().clone();
    }
    if let Some(error) = error.as_error::<QueryPayloadError>() {
        return Problem::new(ProblemCode::BadQuery, format!("{error}."));
    }
    // A name in the address that nothing can be called by.
    if error.as_response_error().status_code() == StatusCode::NOT_FOUND {
        return error::unknown_address();
    }
    tracing::error!(%error, "a request to the API failed");
    Problem::new(ProblemCode::Internal, "Try again later.")
}

/// There is no `Authorization: Bearer`.
pub(super) fn token_missing() -> Problem {
    Problem::new(ProblemCode::TokenMissing, "Send Authorization: Bearer and a token: stowaway token create makes one.")
        .with_header("www-authenticate", CHALLENGE)
}

/// The token may not do it.
pub(super) fn scope_missing(access: Access<'_>) -> Problem {
    let scope = access.needed();
    Problem::new(ProblemCode::ScopeMissing, format!("This needs a token with the scope {scope}, or a wider one."))
        .with("scope", scope.to_string())
        .with_header(
            "www-authenticate",
            format!(r#"Bearer realm="stowaway", error="insufficient_scope", scope="{scope}""#),
        )
}

/// There is no token of that id.
pub(super) fn no_such_token(id: &TokenId) -> Problem {
    Problem::new(ProblemCode::TokenNotFound, format!("No token {id} was ever made; /api/tokens lists them."))
        .with("id", id.as_str())
}

/// There is no job of that id.
pub(super) fn no_such_job() -> Problem {
    Problem::new(ProblemCode::JobNotFound, "No job has this id; /api/jobs lists them.")
}

/// An id that cannot be one.
pub(super) fn no_token_id(_: NoToken) -> Refused {
    Problem::new(ProblemCode::TokenNotFound, "The id is none that a token has; /api/tokens lists them.").into()
}

/// The database holds what no Stowaway writes.
pub(super) fn damaged_row(tag: &Tag, error: &serde_json::Error) -> Problem {
    tracing::error!(%tag, %error, "the summary of a release in the database is damaged");
    Problem::new(ProblemCode::StoredBytesDamaged, "The operator has to restore it; the log names the row.")
}

fn wait(code: ProblemCode, detail: &str, wait: Duration) -> Problem {
    let seconds = wait.as_secs() + 1;
    Problem::new(code, format!("{detail} Try again in {seconds} seconds."))
        .with_header("retry-after", seconds.to_string())
}

fn database_away(error: &(dyn Error + 'static)) -> Problem {
    tracing::error!(error = %ErrorChain(error), "the database failed a request to the API");
    Problem::new(ProblemCode::DatabaseUnavailable, "Try again in a moment.").with_header("retry-after", "5")
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let invalid = |code, detail| Problem::new(code, detail).with_header("www-authenticate", CHALLENGE_AFTER_TOKEN);
        let problem = match refusal {
            Refusal::Unknown => invalid(ProblemCode::TokenUnknown, "Check that the whole token arrived.".to_owned()),
            Refusal::Expired { id, expires } => {
                let detail = format!("The token {id} was good until {expires}: make another.");
                invalid(ProblemCode::TokenExpired, detail).with("expired", expires)
            }
            Refusal::Revoked { id, revoked } => {
                let detail = format!("The token {id} was revoked at {revoked}: make another.");
                invalid(ProblemCode::TokenRevoked, detail).with("revoked", revoked)
            }
            Refusal::TooManyFailures { wait: time } => {
                wait(ProblemCode::RateLimited, "Too many wrong tokens came from this address.", time)
            }
            Refusal::TooManyRequests { wait: time, .. } => {
                wait(ProblemCode::RateLimited, "This token asks too often.", time)
            }
            Refusal::Database(error) => database_away(&error),
        };
        problem.into()
    }
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        database_away(&error).into()
    }
}

impl From<TokenError> for Refused {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Database(error) => error.into(),
            error @ TokenError::Random(_) => {
                tracing::error!(error = %ErrorChain(&error), "no token could be made");
                Problem::new(ProblemCode::Internal, "Try again later.").into()
            }
        }
    }
}

impl From<OrderError> for Refused {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Job(JobError::Database(error)) => error.into(),
            OrderError::Job(ref error @ JobError::Running { ref running, .. }) => {
                Problem::new(ProblemCode::JobRunning, format!("{error}: wait until it is done."))
                    .with("job", running.id.as_str())
                    .into()
            }
            OrderError::Ending => {
                Problem::new(ProblemCode::NotReady, format!("{error}.")).with_header("retry-after", "5").into()
            }
        }
    }
}

impl From<ReleaseError> for Refused {
    fn from(error: ReleaseError) -> Self {
        match error {
            ReleaseError::NoTag(tag) => error::problem(&ReadError::NoTag(tag)).into(),
            ReleaseError::NoRelease { tag, release } => {
                let detail = format!("{tag} has no release {release}; /api/tags/{tag}/releases lists what it has.");
                Problem::new(ProblemCode::ReleaseNotFound, detail)
                    .with("tag", tag.as_str())
                    .with("release", release)
                    .into()
            }
            ReleaseError::Retired { tag, release } => error::problem(&ReadError::Retired { tag, release }).into(),
            ReleaseError::Changed { tag, version } => {
                let detail = format!("{tag} has changed since: look at it again, then decide.");
                Problem::new(ProblemCode::PreconditionFailed, detail).with("etag", format!("\"{version}\"")).into()
            }
            error @ ReleaseError::Overtaken { .. } => {
                tracing::warn!(error = %ErrorChain(&error), "a pointer was not moved");
                Problem::new(ProblemCode::DatabaseUnavailable, "Others change this tag again and again: try again.")
                    .with_header("retry-after", "1")
                    .into()
            }
            ReleaseError::Database(error) => error.into(),
        }
    }
}

impl From<Arc<ReadError>> for Refused {
    fn from(error: Arc<ReadError>) -> Self {
        error::problem(&error).into()
    }
}
