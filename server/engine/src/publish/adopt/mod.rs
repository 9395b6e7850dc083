//! Registering objects that are in the bucket already as the next release of a tag: nothing is copied, nothing of theirs is written.
//!
//! The same pipeline as for a folder: list, read each once, plan, commit. What a read found out is noted at once, so that an adoption that
//! was interrupted reads no object twice; and every later read of an object asks for the very one that was read here.

mod error;
mod list;
mod read;
mod scratch;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use stowaway_domain::content::DescribedAsset;
use stowaway_domain::store_key::AdoptedObject;
use stowaway_domain::tag_metadata::TagMetadata;
use stowaway_domain::{AssetPath, Tag};

pub use error::AdoptError;
pub use list::{ListedKey, Objects};

use crate::claims::Claims;

use super::commit::{self, Intended, Places};
use super::mend::Mending;
use super::upload::each_once;
use super::{FaultPoint, Progress, ProgressEvent, PublishError, Published, Publisher, claimed, expect_unexpired, plan};
use list::Found;

/// What an adoption needs beside what a publish needs.
#[derive(Debug, Clone)]
pub struct AdoptOptions {
    /// A folder for one copy of each object that is being read: the parsers of media seek.
    pub scratch: PathBuf,
}

/// An object, and what it is.
struct Adopted {
    found: Found,
    asset: DescribedAsset,
}

impl Publisher {
    /// Makes `objects` the next release of `tag`, or finds that they are its current one.
    ///
    /// # Errors
    /// There are no such objects, they break a rule of releases, one changed meanwhile, or store, database or scratch folder failed. What was
    /// read is noted: adopting again goes on from there.
    #[tracing::instrument(skip_all, fields(tag = %tag))]
    pub async fn adopt(
        &self,
        objects: &Objects,
        tag: &Tag,
        options: &AdoptOptions,
        progress: Arc<dyn Progress>,
    ) -> Result<Published, AdoptError> {
        let listing = list::list(&self.store, objects).await?;
        let (files, bytes) = (listing.found.len() as u64, listing.total_bytes());
        progress.report(&ProgressEvent::Scanned { files, bytes });
        self.reached(FaultPoint::Scanned)?;
        let metadata = match &listing.metadata {
            Some(object) => read::metadata(&self.store, object).await?,
            None => TagMetadata::default(),
        };
        expect_unexpired(&metadata)?;
        scratch::remove_what_was_left(&options.scratch).await;
        let work = listing.found.iter().cloned().map(|found| self.adopt_object(found, options, &progress));
        let adopted: Vec<Adopted> =
            stream::iter(work.collect::<Vec<_>>()).buffered(self.options.workers.max(1)).try_collect().await?;
        self.reached(FaultPoint::Described)?;
        if let Some(path) = changed(&listing, &list::list(&self.store, objects).await?) {
            return Err(PublishError::Changed { path }.into());
        }
        let places = adopted.iter().map(|adopted| (adopted.asset.content.digest, adopted.place()));
        let places: Places = places.collect();
        let assets: Vec<DescribedAsset> = adopted.into_iter().map(|adopted| adopted.asset).collect();
        let intended = Intended { tag, metadata: &metadata, assets: &assets, places: &places };
        self.expect_room(tag, assets.iter().map(|asset| (asset.content.digest, asset.content.size))).await?;
        let claims = self.claims(tag, &assets).await?;
        let outcome = self.adopt_claimed(&intended, &claims, &progress).await;
        claims.release().await;
        Ok(outcome?)
    }

    async fn adopt_claimed(
        &self,
        intended: &Intended<'_>,
        claims: &Claims,
        progress: &Arc<dyn Progress>,
    ) -> Result<Published, PublishError> {
        let Intended { tag, metadata, assets, .. } = intended;
        let plan = plan::plan(&self.db, tag, metadata, assets).await?;
        self.reached(FaultPoint::Planned)?;
        let mending = Mending::default();
        mending.look(&self.db, &claimed::by_assets(tag, assets)).await?;
        let uploads = self.uploads(progress, &mending);
        if let Some(current) = &plan.current {
            // An adoption that died after its commit has left none.
            commit::keep_record(&uploads, &self.db, current).await?;
        }
        // What was stored before it was claimed may have been removed.
        for asset in each_once(assets) {
            uploads.write_piece_index(asset).await?;
        }
        self.reached(FaultPoint::BlobsStored)?;
        self.db.record_piece_indexes(&claimed::piece_indexes(assets)).await?;
        self.release(intended, plan, claims, &uploads, 0).await
    }

    /// Reads an object, unless it is known; when this returns, what it is and its documents are noted.
    async fn adopt_object(
        &self,
        found: Found,
        options: &AdoptOptions,
        progress: &Arc<dyn Progress>,
    ) -> Result<Adopted, AdoptError> {
        if let Some(asset) = read::known(&self.db, &found).await? {
            progress.report(&ProgressEvent::Known { bytes: found.size });
            return Ok(Adopted { found, asset });
        }
        let asset = self.read_object(&found, options, progress).await?;
        self.reached(FaultPoint::ObjectRead)?;
        read::note(&self.db, &found, &asset).await?;
        self.reached(FaultPoint::ObjectNoted)?;
        Ok(Adopted { found, asset })
    }
}

impl Adopted {
    fn place(&self) -> Arc<AdoptedObject> {
        Arc::new(self.found.object(self.asset.content.digest))
    }
}

/// The first object that is not what it was, or came or went.
fn changed(before: &list::Listing, now: &list::Listing) -> Option<AssetPath> {
    let all = |listing: &list::Listing| listing.found.iter().chain(&listing.metadata).cloned().collect::<Vec<Found>>();
    let (before, now) = (all(before), all(now));
    let other = |left: &[Found], right: &[Found]| left.iter().find(|found| !right.contains(found)).cloned();
    other(&before, &now).or_else(|| other(&now, &before)).map(|found| found.path)
}
