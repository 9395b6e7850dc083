//! Removing what is condemned, and waiting until others have.

use std::sync::atomic::Ordering;
use std::time::Duration;

use stowaway_domain::{StoreKey, Subject};

use super::{ClaimError, Claims, FRESH, Heartbeat, REMOVAL_TIMEOUT};
use crate::db::DbError;
use crate::store::{Store, StoreError};

/// Between two looks at whether a gc has removed what a publish waits for.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Why a condemned object was not removed. It stays condemned.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RemovalError {
    /// The remover's own lease may be over: somebody else may be at it.
    #[error("the database has not confirmed for {} seconds that this job still runs", FRESH.as_secs())]
    Stale,
    /// The store did not answer.
    #[error("the store did not delete {key} within {} seconds", REMOVAL_TIMEOUT.as_secs())]
    Silent {
        /// The object.
        key: String,
    },
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RemovalError> for ClaimError {
    fn from(error: RemovalError) -> Self {
        match error {
            RemovalError::Store(error) => Self::Store(error),
            RemovalError::Stale => Self::Forgotten,
            RemovalError::Silent { key } => {
                let source = Box::new(std::io::Error::from(std::io::ErrorKind::TimedOut));
                Self::Store(StoreError::Failed { operation: "delete", key, source })
            }
        }
    }
}

/// Removes one object, if the remover's lease is surely held while it does.
pub(crate) async fn remove(store: &Store, key: &StoreKey, lease: &Heartbeat) -> Result<(), RemovalError> {
    if !lease.is_fresh(FRESH) {
        return Err(RemovalError::Stale);
    }
    match tokio::time::timeout(REMOVAL_TIMEOUT, store.delete(key)).await {
        Ok(deleted) => Ok(deleted?),
        Err(_) => Err(RemovalError::Silent { key: key.to_string() }),
    }
}

/// Waits until nothing about these subjects is condemned, and removes what nobody removes any more.
pub(super) async fn wait_until_removed(claims: &Claims, subjects: &[Subject]) -> Result<(), ClaimError> {
    let mut told = false;
    loop {
        let condemned = claims.db.condemned_among(subjects, claims.leases).await?;
        if condemned.is_empty() {
            return Ok(());
        }
        if !std::mem::replace(&mut told, true) {
            tracing::info!(
                objects = condemned.len(),
                "waiting until gc has removed what this publish will store again"
            );
        }
        for row in condemned.iter().filter(|row| !row.is_being_removed) {
            if claims.db.take_over_condemned(row, &claims.id).await? {
                claims.removes.store(true, Ordering::Release);
                remove(&claims.store, &row.key, &claims.heartbeat).await?;
                forget(claims, &row.key).await?;
                claims.removes.store(false, Ordering::Release);
            }
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn forget(claims: &Claims, key: &StoreKey) -> Result<(), DbError> {
    claims.db.forget_condemned(std::slice::from_ref(key), &claims.id).await
}
