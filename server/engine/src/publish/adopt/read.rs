//! Reading an object once: onto a scratch file, since the parsers of media seek, and from there as any file of a folder.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use stowaway_domain::content::{Content, DescribedAsset};
use stowaway_domain::probe::Probe;
use stowaway_domain::tag_metadata::{self, TagMetadata};
use stowaway_domain::{Digest, StoreKey};
use tokio::io::AsyncWriteExt as _;

use super::list::Found;
use super::scratch::ScratchCopy;
use super::{AdoptError, AdoptOptions};
use crate::db::{Database, DescribedObject};
use crate::publish::mend::Mending;
use crate::publish::scan::{self, ScannedFile};
use crate::publish::stamp::FileStamp;
use crate::publish::{FaultPoint, Progress, PublishError, Publisher, claimed, describe, variants};
use crate::store::{Store, StoreError};

/// What is noted of an object. The type depends on the name, too.
#[derive(Serialize, Deserialize)]
struct Described {
    file_name: String,
    probe: Probe,
    content: Content,
}

/// What was found out about this very object before.
pub(super) async fn known(db: &Database, found: &Found) -> Result<Option<DescribedAsset>, AdoptError> {
    let Some(row) = db.described_object(&found.key).await? else { return Ok(None) };
    if row.etag != found.etag || row.size != found.size {
        return Ok(None);
    }
    // What an older program noted may lack something: then it is read again.
    let described = serde_json::from_str::<Described>(&row.described).ok();
    let described = described.filter(|described| described.file_name == found.path.file_name());
    Ok(described.map(|Described { probe, content, .. }| DescribedAsset { path: found.path.clone(), probe, content }))
}

/// Notes what was found out.
pub(super) async fn note(db: &Database, found: &Found, asset: &DescribedAsset) -> Result<(), AdoptError> {
    let described = Described {
        file_name: found.path.file_name().to_owned(),
        probe: asset.probe.clone(),
        content: asset.content.clone(),
    };
    let described = serde_json::to_string(&described).map_err(|source| PublishError::Internal(Box::new(source)))?;
    let (store_key, etag, size) = (found.key.clone(), found.etag.clone(), found.size);
    Ok(db.record_object(&DescribedObject { store_key, etag, size, digest: asset.content.digest, described }).await?)
}

/// What `tag.toml` says.
pub(super) async fn metadata(store: &Store, object: &Found) -> Result<TagMetadata, AdoptError> {
    let key = StoreKey::Adopted(Arc::new(object.object(UNKNOWN)));
    let bytes = store.get_bytes(&key, scan::TAG_METADATA_MAX_BYTES).await.map_err(|error| blame(object, error))?;
    let text = scan::metadata_text(bytes.into())?;
    Ok(tag_metadata::parse(&text).map_err(PublishError::Metadata)?)
}

/// Stands where the digest of an object will be that was not read yet.
const UNKNOWN: Digest = Digest::from_bytes([0; 32]);

impl Publisher {
    /// Reads an object, and stores its piece index and the coded forms of it.
    pub(super) async fn read_object(
        &self,
        found: &Found,
        options: &AdoptOptions,
        progress: &Arc<dyn Progress>,
    ) -> Result<DescribedAsset, AdoptError> {
        let scratch = |source| AdoptError::Scratch { path: options.scratch.clone(), source };
        // It goes with this function, whatever the end.
        let copy = ScratchCopy::create(&options.scratch).map_err(scratch)?;
        self.copy_object(found, copy.path(), options).await?;
        self.reached(FaultPoint::ObjectCopied)?;
        let stamp = FileStamp::of(&copy.path().metadata().map_err(scratch)?);
        let file = ScannedFile { path: found.path.clone(), location: copy.path().to_owned(), stamp };
        let (described, watching) = (file.clone(), Arc::clone(progress));
        let describing = tokio::task::spawn_blocking(move || {
            describe::describe_file(&described, watching.as_ref(), &AtomicBool::new(false))
        });
        let asset = describing.await.map_err(|source| PublishError::Internal(Box::new(source)))??;
        let mending = Mending::default();
        let uploads = self.uploads(progress, &mending);
        uploads.write_piece_index(&asset).await?;
        self.reached(FaultPoint::ObjectIndexed)?;
        self.db.record_piece_indexes(&claimed::piece_indexes(std::slice::from_ref(&asset))).await?;
        variants::store(&uploads, &self.db, 1, variants::of_file(&file, &asset)).await?;
        Ok(asset)
    }

    /// The bytes of the very object that was listed.
    async fn copy_object(&self, found: &Found, path: &Path, options: &AdoptOptions) -> Result<(), AdoptError> {
        if found.size == 0 {
            return Ok(());
        }
        let scratch = |source| AdoptError::Scratch { path: options.scratch.clone(), source };
        let key = StoreKey::Adopted(Arc::new(found.object(UNKNOWN)));
        let fetched = self.store.fetch(&key, 0..found.size, None).await.map_err(|error| blame(found, error))?;
        let (mut chunks, mut copied) = (fetched.chunks, 0);
        let mut copy = tokio::fs::File::create(path).await.map_err(scratch)?;
        while let Some(chunk) = chunks.try_next().await.map_err(|error| blame(found, error))? {
            copy.write_all(&chunk).await.map_err(scratch)?;
            copied += chunk.len() as u64;
        }
        copy.flush().await.map_err(scratch)?;
        if copied != found.size {
            let (key, expected_bytes) = (found.key.clone(), found.size);
            return Err(StoreError::Short { key, expected_bytes, received_bytes: copied }.into());
        }
        Ok(())
    }
}

/// An object that changed since it was listed is called what the tag calls it.
fn blame(found: &Found, error: StoreError) -> AdoptError {
    match error {
        StoreError::ObjectChanged { .. } => PublishError::Changed { path: found.path.clone() }.into(),
        error => error.into(),
    }
}
