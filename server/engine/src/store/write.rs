//! Small writes and look-ups.

use bytes::Bytes;
use object_store::{ObjectStoreExt as _, PutPayload};
use stowaway_domain::StoreKey;

use super::{Store, StoreError};

impl Store {
    /// Writes a whole object. When this returns, it is durable; before, nobody sees it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn put_bytes(&self, key: &StoreKey, bytes: Bytes) -> Result<(), StoreError> {
        let name = key.to_string();
        let written = self.backend.put(&self.path(&name), PutPayload::from_bytes(bytes)).await;
        Self::count("write", written.map(drop).map_err(|source| StoreError::of("write", name, source)))
    }

    /// The size of an object, `None` when it is not there.
    ///
    /// # Errors
    /// The store failed.
    pub async fn size(&self, key: &StoreKey) -> Result<Option<u64>, StoreError> {
        let name = key.to_string();
        let found = match self.backend.head(&self.path(&name)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(StoreError::of("look up", name, source)),
        };
        Self::count("look_up", found)
    }

    /// Whether the store answers, by looking for an object; that it is not there is an answer too, but not when the folder
    /// of a local store is gone.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self, key: &StoreKey) -> Result<(), StoreError> {
        if let Some(folder) = self.folder.clone() {
            tokio::fs::metadata(folder).await.map(drop).map_err(|source| StoreError::Failed {
                operation: "look into its folder for",
                key: key.to_string(),
                source: Box::new(source),
            })?;
        }
        self.size(key).await.map(drop)
    }
}
