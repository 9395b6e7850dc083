//! Whether requests should be sent here: database and store answer.

use super::{ReadError, Reader};
use stowaway_domain::{Digest, StoreKey};

/// What does not answer.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    /// The database.
    #[error("the database does not answer")]
    Database(#[source] ReadError),
    /// The store.
    #[error("the store does not answer")]
    Store(#[source] ReadError),
}

impl Reader {
    /// Asks both, only reading.
    ///
    /// # Errors
    /// The first that does not answer.
    pub async fn ready(&self) -> Result<(), Unready> {
        self.within(self.database.ping()).await.map_err(Unready::Database)?;
        // Any key will do.
        let answered = self.store.ping(&StoreKey::Blob(Digest::of(b""))).await;
        answered.map_err(|error| Unready::Store(ReadError::Store(error)))
    }
}
