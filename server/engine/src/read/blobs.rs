//! Blobs by digest and name, and assets by the path that stays when their bytes change.

use std::sync::Arc;

use stowaway_domain::cache_policy::{CachePolicy, SurrogateKey};
use stowaway_domain::representation::{Representation, RepresentationFacts};
use stowaway_domain::{AssetPath, Digest, StoreKey, Tag};

use super::{Content, ReadError, Reader, Resource};

impl Reader {
    /// A blob under a name that some release has given it. Other names do not exist, so that an edge cannot be filled with them.
    ///
    /// # Errors
    /// No such blob or name, or the database failed.
    pub async fn blob(&self, digest: &Digest, file_name: &str) -> Result<Arc<Resource>, Arc<ReadError>> {
        let load = async {
            let unknown = || ReadError::NoBlob { digest: *digest, file_name: file_name.to_owned() };
            let media_type =
                self.within(self.database.blob_media_type(digest, file_name)).await?.ok_or_else(unknown)?;
            let Some(row) = self.within(self.database.blob(digest)).await? else {
                return Err(self.no_blob(digest, unknown()).await);
            };
            self.text_or_media(RepresentationFacts::blob(*digest, row.size, &media_type), row.key()).await
        };
        let key = (*digest, file_name.to_owned());
        // Nearly every range request ends here; what guards a load costs more than a look.
        match self.caches.blobs.get(&key).await {
            Some(held) => Ok(held),
            None => self.caches.blobs.try_get_with(key, load).await,
        }
    }

    /// The asset at `path` of the current release of `tag`: its address stays, its bytes may change.
    ///
    /// # Errors
    /// No such tag or asset, or the database failed.
    pub async fn media(&self, tag: &Tag, path: &AssetPath) -> Result<Arc<Resource>, Arc<ReadError>> {
        let release = self.pointer(tag).await?.release;
        let load = async {
            let unknown = || ReadError::NoAsset { tag: tag.clone(), release, path: path.clone() };
            let asset = self.within(self.database.asset(tag, release, path)).await?.ok_or_else(unknown)?;
            let row = self.within(self.database.blob(&asset.digest)).await?.ok_or_else(unknown)?;
            self.text_or_media(alias(tag, asset.digest, row.size, &asset.media_type), row.key()).await
        };
        self.caches.media.try_get_with((tag.clone(), release, path.clone()), load).await
    }

    /// The bytes of a blob, which lie under `key`, and of the coded forms if it is a text.
    async fn text_or_media(&self, facts: RepresentationFacts, key: StoreKey) -> Result<Arc<Resource>, ReadError> {
        let forms = self.text_forms(&facts).await?;
        let content = Content::Stored { key, offset: 0 };
        Ok(Arc::new(Resource { forms, ..Resource::new(Representation::new(facts), content) }))
    }
}

/// The bytes of a blob at an address that may have other bytes tomorrow.
fn alias(tag: &Tag, digest: Digest, size: u64, media_type: &str) -> RepresentationFacts {
    let surrogate_keys = vec![SurrogateKey::Tag(tag.clone())];
    RepresentationFacts {
        cache: CachePolicy::Revalidate,
        surrogate_keys,
        ..RepresentationFacts::blob(digest, size, media_type)
    }
}
