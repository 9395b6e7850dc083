//! The Metalink of a release, written when it is first asked for.

use std::sync::Arc;

use bytes::Bytes;
use stowaway_domain::cache_policy::CachePolicy;
use stowaway_domain::chunk::ChunkIndex;
use stowaway_domain::{Digest, Tag, metalink};

use super::caches::DocumentKey;
use super::documents::document_facts;
use super::{ReadError, Reader, Resource};

impl Reader {
    /// The Metalink of one release. With a public origin its bytes are for ever; without, its addresses are relative, which may be
    /// mended by configuring one, so that it is asked about before every use.
    ///
    /// # Errors
    /// No such release, or database or store failed.
    pub async fn release_metalink(&self, tag: &Tag, release: u64) -> Result<Arc<Resource>, Arc<ReadError>> {
        let key = DocumentKey::Metalink(tag.clone(), release);
        if let Some(resource) = self.caches.documents.get(&key).await {
            return Ok(resource);
        }
        let manifest = self.release_manifest(tag, release).await?;
        let load = async {
            let manifest = manifest.parse_manifest(tag, release)?;
            let chunks = self.load_chunks(tag, release).await?;
            let origin = self.options.public_origin.as_deref();
            let text = Bytes::from(metalink::document(&manifest, origin, &chunks));
            let cache = if origin.is_some() { CachePolicy::Immutable } else { CachePolicy::Revalidate };
            let digest = Digest::of(&text);
            let facts = document_facts(&text, digest, metalink::MEDIA_TYPE, cache, Some(tag));
            Ok(Arc::new(Resource::made_on_demand(facts, text)))
        };
        self.caches.documents.try_get_with(key, load).await
    }

    /// The chunk index of a release; an empty one where it was made before there were any.
    async fn load_chunks(&self, tag: &Tag, release: u64) -> Result<ChunkIndex, ReadError> {
        let row = self.within(self.database.release(tag, release)).await?;
        let Some(row) = row else { return Err(self.no_release(tag, release).await) };
        let Some((key, digest)) = row.chunks_key() else { return Ok(ChunkIndex::new(Vec::new())) };
        let bytes = self.load_document(&key, digest).await?;
        serde_json::from_slice(&bytes)
            .map_err(|error| ReadError::Damaged { key: key.to_string(), reason: error.to_string() })
    }
}
