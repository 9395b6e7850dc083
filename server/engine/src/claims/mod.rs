//! Claims: a publish says what it relies on before it looks whether that is stored, and nothing of it is removed until the publish
//! has ended. The other side of the protocol is `gc`; `docs/adr/` has the reasoning.

mod condemned;
mod heartbeat;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use stowaway_domain::Subject;
use uuid::Uuid;

use crate::db::{ClaimOutcome, Database, DbError, Leases};
use crate::error_chain::ErrorChain;
use crate::store::{Store, StoreError};

pub(crate) use condemned::{RemovalError, remove};
pub(crate) use heartbeat::Heartbeat;

/// A publish that gives no sign of life for this long is forgotten, and cannot commit any more.
pub const CLAIM_LEASE: Duration = Duration::from_secs(600);

/// A gc that gives no sign of life for this long is dead: who waits for what it was removing removes it.
pub const GC_LEASE: Duration = Duration::from_secs(300);

/// Both.
pub const LEASES: Leases = Leases { job: GC_LEASE, claim: CLAIM_LEASE };

/// Nothing is removed from the store by who has not heard of its own lease for this long. What lies between this and the lease is for
/// a request to the store that is on its way.
pub(crate) const FRESH: Duration = Duration::from_secs(60);

/// Patience with one removal.
pub(crate) const REMOVAL_TIMEOUT: Duration = Duration::from_secs(60);

const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// Why something could not be claimed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// It stood still for longer than its lease.
    #[error(
        "this publish gave no sign of life for {} minutes, and what it relied on may be gone: publish again, it goes on from what is stored",
        CLAIM_LEASE.as_secs() / 60
    )]
    Forgotten,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The store failed while what a dead gc had left was removed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What one publish relies on. [`Self::release`] takes it back; what is dropped without is forgotten after [`CLAIM_LEASE`].
pub struct Claims {
    id: String,
    store: Store,
    db: Database,
    leases: Leases,
    heartbeat: Heartbeat,
    /// A delete of its own may be on its way still.
    removes: AtomicBool,
}

impl Claims {
    /// Claims nothing yet. `purpose` is for people who wonder who it is.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin(store: &Store, db: &Database, purpose: &str, leases: Leases) -> Result<Self, ClaimError> {
        let (store, db) = (store.clone(), db.clone());
        let id = format!("claimant:{}", Uuid::now_v7());
        db.add_claimant(&id, purpose).await?;
        let (own, database) = (id.clone(), db.clone());
        let touch = move || {
            let (own, database) = (own.clone(), database.clone());
            async move { database.touch_claimant(&own).await }
        };
        Ok(Self {
            id,
            store,
            db,
            leases,
            heartbeat: Heartbeat::start(SIGN_OF_LIFE, touch),
            removes: AtomicBool::new(false),
        })
    }

    /// Its name in the database, for the commit.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// From when this returns until the end of the claims, nothing that is stored about these subjects is removed. What was being
    /// removed is gone.
    ///
    /// # Errors
    /// The claimant was forgotten; database or store failed.
    #[tracing::instrument(skip_all)]
    pub async fn add(&self, subjects: &[Subject]) -> Result<(), ClaimError> {
        for some in subjects.chunks(500) {
            if self.db.claim(&self.id, some).await? == ClaimOutcome::Forgotten {
                return Err(ClaimError::Forgotten);
            }
        }
        condemned::wait_until_removed(self, subjects).await
    }

    /// Takes everything back. Where a removal that it took over did not end well, its lease ends it instead: until then nobody takes that
    /// removal over, as the delete may arrive late.
    pub async fn release(self) {
        if self.removes.load(Ordering::Acquire) {
            return;
        }
        if let Err(error) = self.db.remove_claimant(&self.id).await {
            let minutes = self.leases.claim.as_secs() / 60;
            tracing::warn!(
                error = %ErrorChain(&error),
                minutes,
                "the claims of this publish could not be taken back: gc keeps what it relied on until they are too old"
            );
        }
    }
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Claims").field("id", &self.id).finish_non_exhaustive()
    }
}
