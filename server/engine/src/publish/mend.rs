//! What a scrub found damaged is written again by the publish that has the bytes, whatever its size says.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use stowaway_domain::{StoreKey, Subject};

use crate::db::{Database, DbError};

/// Damaged objects among those that the publish relies on.
#[derive(Debug, Default)]
pub(super) struct Mending {
    damaged: Mutex<HashSet<String>>,
}

impl Mending {
    /// Asks which objects about these subjects are damaged.
    pub(super) async fn look(&self, db: &Database, subjects: &[Subject]) -> Result<(), DbError> {
        let found = db.damaged_among(subjects).await?;
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        Ok(())
    }

    /// Whether what lies there is not to be trusted.
    pub(super) fn is_damaged(&self, key: &StoreKey) -> bool {
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner).contains(&key.to_string())
    }

    /// The object was written again.
    pub(super) async fn mended(&self, db: &Database, key: &StoreKey) -> Result<(), DbError> {
        let was_damaged = self.damaged.lock().unwrap_or_else(PoisonError::into_inner).remove(&key.to_string());
        if was_damaged { db.forget_damage(key).await } else { Ok(()) }
    }
}
