//! Which release a tag points at: asked again after a moment, and served on from memory when the database is away.

use std::sync::Arc;

use stowaway_domain::Tag;

use super::{ReadError, Reader};
use crate::db::{Pointer, ReleaseRow};

impl Reader {
    /// The pointer of `tag`.
    pub(super) async fn pointer(&self, tag: &Tag) -> Result<Pointer, Arc<ReadError>> {
        let found = self.caches.fresh_pointers.try_get_with_by_ref(tag, self.load_pointer(tag)).await?;
        found.ok_or_else(|| Arc::new(ReadError::NoTag(tag.clone())))
    }

    /// Asks the database. While that is away, the last pointer that was seen is served without waiting for it.
    async fn load_pointer(&self, tag: &Tag) -> Result<Option<Pointer>, ReadError> {
        let last = self.caches.last_pointers.get(tag).await;
        if last.is_some() && self.outage.is_on() {
            return Ok(last);
        }
        match (self.within(self.database.tag_pointer(tag)).await, last) {
            (Ok(Some(pointer)), _) => {
                self.caches.last_pointers.insert(tag.clone(), pointer.clone()).await;
                Ok(Some(pointer))
            }
            (Ok(None), _) => {
                self.caches.last_pointers.invalidate(tag).await;
                Ok(None)
            }
            (Err(error), Some(pointer)) => {
                tracing::warn!(%tag, error = &error as &dyn std::error::Error, "serving the last known release");
                Ok(Some(pointer))
            }
            (Err(error), None) => Err(error),
        }
    }

    /// The row of a release.
    pub(super) async fn release_row(&self, tag: &Tag, release: u64) -> Result<Arc<ReleaseRow>, Arc<ReadError>> {
        let load = async {
            let row = self.within(self.database.release(tag, release)).await?;
            row.map(Arc::new).ok_or_else(|| ReadError::NoRelease { tag: tag.clone(), release })
        };
        self.caches.releases.try_get_with((tag.clone(), release), load).await
    }
}
