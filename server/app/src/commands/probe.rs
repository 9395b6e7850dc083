//! Tries the store out before it is needed, and says once what it cannot do.

use std::time::Duration;

use stowaway_domain::{Digest, StoreKey};
use stowaway_engine::error_chain::ErrorChain;
use stowaway_engine::store::{Store, StoreAbilities, StoreError};

use super::errors;
use crate::failure::Failure;

/// A store that has not answered by then is served without, until it does.
const PATIENCE: Duration = Duration::from_secs(10);

/// A store that is away or read-only can be served from; one that does not exist cannot.
pub(super) async fn before_serving(store: &Store) -> Result<(), Failure> {
    let Ok(probed) = tokio::time::timeout(PATIENCE, store.probe()).await else {
        tracing::warn!(
            seconds = PATIENCE.as_secs(),
            "the store has not answered yet; serving what is cached until it does"
        );
        return Ok(());
    };
    match probed.map_err(errors::store)? {
        StoreAbilities::Full { has_conditional_put, delete_refused } => {
            say_what_is_missing(has_conditional_put, delete_refused.as_ref());
        }
        StoreAbilities::ReadOnly(error) => {
            tracing::warn!(
                error = %ErrorChain(&error),
                "the store refuses writes: serving works, publishing will not"
            );
        }
        StoreAbilities::Away(error) => {
            tracing::warn!(
                error = %ErrorChain(&error),
                "the store does not answer; serving what is cached until it does"
            );
        }
    }
    Ok(())
}

/// Readers can only be sent to a store that signs addresses.
pub(super) async fn before_redirecting(store: &Store, valid_seconds: u64) -> Result<(), Failure> {
    if valid_seconds == 0 {
        return Ok(());
    }
    let any = StoreKey::Blob(Digest::from_bytes([0; 32]));
    let signed = store.sign(&any, false, "application/octet-stream", Duration::from_secs(valid_seconds)).await;
    signed.map(drop).map_err(|error| {
        Failure::caller(error).remedy(
            "set storage.redirect_seconds to 0, or storage.url to a bucket of S3, Google or Azure with credentials that can sign",
        )
    })
}

/// Publishing needs all of it.
pub(super) async fn before_publishing(store: &Store) -> Result<(), Failure> {
    match store.probe().await.map_err(errors::store)? {
        StoreAbilities::Full { has_conditional_put, delete_refused } => {
            say_what_is_missing(has_conditional_put, delete_refused.as_ref());
            Ok(())
        }
        StoreAbilities::ReadOnly(error) | StoreAbilities::Away(error) => Err(errors::store(error)),
    }
}

fn say_what_is_missing(has_conditional_put: bool, delete_refused: Option<&StoreError>) {
    if !has_conditional_put {
        tracing::info!(
            "the store has no conditional writes; nothing relies on them, releases are committed in the database"
        );
    }
    if let Some(error) = delete_refused {
        tracing::warn!(error = %ErrorChain(error), "objects cannot be deleted from the store");
    }
}
