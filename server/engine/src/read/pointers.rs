//! Which release a tag points at: asked again when that has changed, or after a moment where nobody says so, and served on from memory when the database is away.

use std::sync::Arc;

use stowaway_domain::Tag;

use super::{ReadError, Reader};
use crate::db::{Pointer, ReleaseRow};
use crate::error_chain::ErrorChain;

impl Reader {
    /// The pointer of `tag`, if it is offered.
    pub(super) async fn pointer(&self, tag: &Tag) -> Result<Pointer, Arc<ReadError>> {
        match self.last_pointer(tag).await? {
            Pointer { unpublished: Some(since), .. } => {
                Err(Arc::new(ReadError::Unpublished { tag: tag.clone(), since }))
            }
            pointer => Ok(pointer),
        }
    }

    /// The pointer of `tag`, offered or not. While the database is away, it is the last one that was seen, without waiting for the database.
    async fn last_pointer(&self, tag: &Tag) -> Result<Pointer, Arc<ReadError>> {
        if self.outage.is_on()
            && let Some(last) = self.caches.last_pointers.get(tag).await
        {
            return Ok(last);
        }
        let load = self.load_pointer(tag);
        // What is kept is what the database said, so that what was served in its stead ends with the outage.
        let found = match self.watch.version(tag) {
            Some(version) => self.caches.watched_pointers.try_get_with((tag.clone(), version), load).await,
            None => self.caches.fresh_pointers.try_get_with_by_ref(tag, load).await,
        };
        match found {
            Ok(found) => found.ok_or_else(|| Arc::new(ReadError::NoTag(tag.clone()))),
            Err(error) => {
                let last = self.caches.last_pointers.get(tag).await.ok_or_else(|| Arc::clone(&error))?;
                tracing::warn!(%tag, error = %ErrorChain(&*error), "serving the last known release");
                Ok(last)
            }
        }
    }

    /// Asks the database.
    async fn load_pointer(&self, tag: &Tag) -> Result<Option<Pointer>, ReadError> {
        let pointer = self.within(self.database.tag_pointer(tag)).await?;
        match &pointer {
            Some(pointer) => self.caches.last_pointers.insert(tag.clone(), pointer.clone()).await,
            None => self.caches.last_pointers.invalidate(tag).await,
        }
        Ok(pointer)
    }

    /// The row of a release.
    pub(super) async fn release_row(&self, tag: &Tag, release: u64) -> Result<Arc<ReleaseRow>, Arc<ReadError>> {
        let load = async {
            let row = self.within(self.database.release(tag, release)).await?;
            match row {
                Some(row) => Ok(Arc::new(row)),
                None => Err(self.no_release(tag, release).await),
            }
        };
        self.caches.releases.try_get_with((tag.clone(), release), load).await
    }
}
