//! A release, or a selection of it, as one ZIP that is made while it is read.

use std::collections::HashMap;
use std::sync::Arc;

use stowaway_domain::bundle::{BundleError, BundleLayout, entries_of};
use stowaway_domain::cache_policy::CachePolicy;
use stowaway_domain::representation::Representation;
use stowaway_domain::{Digest, StoreKey, Tag};

use super::{Content, ReadError, Reader, Resource};

/// A bundle as it was planned: what it consists of, and where the blobs are that do not lie under their own keys.
#[derive(Debug)]
pub struct PlannedBundle {
    /// Records and blobs, in order.
    pub(super) layout: BundleLayout,
    adopted: HashMap<Digest, StoreKey>,
}

impl PlannedBundle {
    /// The object with the bytes of a blob of this bundle.
    pub(super) fn key(&self, digest: &Digest) -> StoreKey {
        self.adopted.get(digest).cloned().unwrap_or(StoreKey::Blob(*digest))
    }
}

impl Reader {
    /// The bundle of one release, or of its selection with that id.
    ///
    /// # Errors
    /// No such release or selection, or database or store failed.
    pub async fn bundle(
        &self,
        tag: &Tag,
        release: u64,
        selection: Option<&str>,
    ) -> Result<Arc<Resource>, Arc<ReadError>> {
        self.bundle_with(tag, release, selection, CachePolicy::Immutable).await
    }

    /// The bundle of the current release: its address stays, its bytes may change.
    ///
    /// # Errors
    /// No such tag or selection, or database or store failed.
    pub async fn latest_bundle(&self, tag: &Tag, selection: Option<&str>) -> Result<Arc<Resource>, Arc<ReadError>> {
        let release = self.pointer(tag).await?.release;
        self.bundle_with(tag, release, selection, CachePolicy::Revalidate).await
    }

    async fn bundle_with(
        &self,
        tag: &Tag,
        release: u64,
        selection: Option<&str>,
        cache: CachePolicy,
    ) -> Result<Arc<Resource>, Arc<ReadError>> {
        let key = (tag.clone(), release, selection.map(str::to_owned));
        let planned = match self.caches.bundles.get(&key).await {
            Some(planned) => planned,
            None => {
                let manifest = self.release_manifest(tag, release).await?;
                let plan = self.plan_bundle(tag, release, selection, &manifest);
                self.caches.bundles.try_get_with(key, plan).await?
            }
        };
        let representation = Representation::bundle(&planned.layout, &file_name(tag, release, selection), cache);
        Ok(Arc::new(Resource::new(representation, Content::Bundle(planned))))
    }

    async fn plan_bundle(
        &self,
        tag: &Tag,
        release: u64,
        selection: Option<&str>,
        manifest: &Resource,
    ) -> Result<Arc<PlannedBundle>, ReadError> {
        let rows = self.within(self.database.release_blobs(tag, release)).await?;
        let checksums: HashMap<Digest, u32> = rows.iter().map(|row| (row.digest, row.crc32)).collect();
        let adopted = rows.iter().filter(|row| row.adopted_etag.is_some()).map(|row| (row.digest, row.key())).collect();
        let manifest = manifest.parse_manifest(tag, release)?;
        let planned = entries_of(&manifest, selection, |digest| checksums.get(digest).copied())
            .and_then(|entries| BundleLayout::plan(tag, entries));
        planned.map(|layout| Arc::new(PlannedBundle { layout, adopted })).map_err(|error| match error {
            BundleError::NoSuchSelection { id } => ReadError::NoSelection { tag: tag.clone(), release, selection: id },
            error => ReadError::Damaged { key: format!("release {release} of {tag}"), reason: error.to_string() },
        })
    }
}

/// What a browser saves it as.
fn file_name(tag: &Tag, release: u64, selection: Option<&str>) -> String {
    match selection {
        Some(selection) => format!("{tag}-{release}-{selection}.zip"),
        None => format!("{tag}-{release}.zip"),
    }
}
