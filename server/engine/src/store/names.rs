//! The names of what lies in a store, as it lists them.

use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::{ObjectMeta, ObjectStore as _};

use super::{Store, StoreError};

/// An object by its name below the configured prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedObject {
    /// Its name, such as `releases/my-course/1/…`.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When it was written, in milliseconds since 1970 by the clock of the store.
    pub modified_ms: i64,
}

impl Store {
    /// Every object below a folder such as `releases`, as the store lists them: never all in memory, and one folder after the other.
    pub fn names(&self, folder: &'static str) -> BoxStream<'static, Result<NamedObject, StoreError>> {
        let prefix = self.prefix.clone();
        let named = move |meta: ObjectMeta| {
            let parts = meta.location.prefix_match(&prefix)?;
            let name = parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
            Some(NamedObject { name, size: meta.size, modified_ms: meta.last_modified.timestamp_millis() })
        };
        let failed = move |source| StoreError::of("list", format!("what is below {folder}/"), source);
        let listed = self.backend.list(Some(&self.path(folder))).map_err(failed);
        listed.try_filter_map(move |meta| std::future::ready(Ok(named(meta)))).boxed()
    }
}
