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
    /// Asks both, only reading. While the database is known to be away nobody waits to find that out again.
    ///
    /// # Errors
    /// The first that does not answer. What is known is served meanwhile.
    pub async fn ready(&self) -> Result<(), Unready> {
        let limit = self.options.database_patience;
        if self.outage.is_on() {
            return Err(Unready::Database(ReadError::DatabaseSilent { limit }));
        }
        self.within(self.database.ping()).await.map_err(Unready::Database)?;
        // Any key will do.
        let key = StoreKey::Blob(Digest::of(b""));
        let answered = tokio::time::timeout(limit, self.store.ping(&key)).await;
        let answered = answered.map_err(|_| Unready::Store(ReadError::StoreSilent { limit }))?;
        answered.map_err(|error| Unready::Store(ReadError::Store(error)))
    }
}
