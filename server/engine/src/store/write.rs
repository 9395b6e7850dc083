//! Small writes, look-ups, and the probe at start-up.

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

    /// Writes, reads, reads a range of and deletes an object under a reserved key, so that a wrong bucket or missing right
    /// shows at start-up and not in the middle of a publish.
    ///
    /// # Errors
    /// The first of these that failed, by name.
    pub async fn probe(&self) -> Result<(), StoreError> {
        const TEXT: &[u8] = b"stowaway was here";
        let name = format!("probe/{}", uuid::Uuid::now_v7());
        let path = self.path(&name);
        let failed = |operation| {
            let name = name.clone();
            move |source| StoreError::of(operation, name, source)
        };
        self.backend.put(&path, PutPayload::from_static(TEXT)).await.map_err(failed("write"))?;
        let range = self.backend.get_range(&path, 4..9).await.map_err(failed("read a range of"))?;
        if range != TEXT[4..9] {
            let wrong = std::io::Error::other("the store answered other bytes than were written");
            return Err(StoreError::Failed { operation: "read a range of", key: name, source: Box::new(wrong) });
        }
        self.backend.delete(&path).await.map_err(failed("delete"))
    }
}
