//! Finding objects that others put into the bucket.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::path::Path as ObjectPath;
use object_store::{Error as BackendError, ObjectMeta, ObjectStoreExt as _};

use super::{Store, StoreError};

/// Objects looked up at once.
const LOOKED_UP_AT_ONCE: usize = 8;

/// An object as the store lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key, relative to the configured prefix.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The store's validator of it, if it has any.
    pub etag: Option<String>,
}

impl Store {
    /// Every object below `folder`, in no order; of all there are when it is empty.
    ///
    /// # Errors
    /// The store failed.
    pub async fn list_below(&self, folder: &str) -> Result<Vec<ListedObject>, StoreError> {
        let failed = |source| StoreError::of("list what is below", folder.to_owned(), source);
        let root = self.path(folder);
        let listed: Result<Vec<ObjectMeta>, _> = self.backend.list(Some(&root)).try_collect().await;
        let listed = Self::count("list", listed.map_err(failed))?;
        let listed = listed.into_iter().filter_map(|object| self.listed(object));
        stream::iter(listed.map(|object| self.with_validator(object))).buffered(LOOKED_UP_AT_ONCE).try_collect().await
    }

    /// Some servers leave validators out when they list.
    async fn with_validator(&self, object: ListedObject) -> Result<ListedObject, StoreError> {
        if object.etag.is_some() {
            return Ok(object);
        }
        Ok(self.look_up(&object.path).await?.unwrap_or(object))
    }

    /// One object.
    ///
    /// # Errors
    /// The store failed.
    pub async fn look_up(&self, path: &str) -> Result<Option<ListedObject>, StoreError> {
        let found = match self.backend.head(&self.path(path)).await {
            Ok(object) => Ok(self.listed(object)),
            Err(BackendError::NotFound { .. }) => Ok(None),
            Err(source) => Err(StoreError::of("look up", path.to_owned(), source)),
        };
        Self::count("look_up", found)
    }

    fn listed(&self, object: ObjectMeta) -> Option<ListedObject> {
        let own: ObjectPath = object.location.prefix_match(&self.prefix)?.collect();
        let etag = object.e_tag.map(|etag| if self.is_remote { quoted(etag) } else { etag });
        Some(ListedObject { path: own.as_ref().to_owned(), size: object.size, etag })
    }
}

/// As answers and conditions have it: Azure leaves the quotes out when it lists.
fn quoted(etag: String) -> String {
    if etag.ends_with('"') { etag } else { format!("\"{etag}\"") }
}
