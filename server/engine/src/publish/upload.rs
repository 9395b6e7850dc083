//! Step 4: uploads the blobs and piece indexes that the store lacks.
//!
//! Blobs are read a second time here, but only those that are missing, and what was sent is checked before it becomes
//! visible. An object under a blob's key with the blob's size is trusted, unless a scrub has found it damaged: only verified uploads
//! ever get that name.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use stowaway_domain::content::DescribedAsset;
use stowaway_domain::piece::PieceIndex;
use stowaway_domain::{AssetPath, Digest, StoreKey};

use super::mend::Mending;
use super::scan::ScannedFile;
use super::source::{Source as Files, SourceFile};
use super::{FaultHook, FaultPoint, Progress, ProgressEvent, PublishError};
use crate::db::Database;
use crate::store::{ExpectedFile, Store, StoreError};

/// One upload of many: where from, and who watches.
pub(super) struct Uploads<'a> {
    pub(super) store: &'a Store,
    pub(super) db: &'a Database,
    pub(super) at_once: usize,
    pub(super) progress: &'a Arc<dyn Progress>,
    pub(super) mending: &'a Mending,
    pub(super) faults: &'a dyn FaultHook,
}

/// A blob and a file that has its bytes.
struct Source<'a> {
    file: &'a ScannedFile,
    asset: &'a DescribedAsset,
}

impl Uploads<'_> {
    /// Uploads what is missing, and says how many bytes of blobs that were.
    #[tracing::instrument(skip_all)]
    pub(super) async fn upload_missing(&self, files: &Files, assets: &[DescribedAsset]) -> Result<u64, PublishError> {
        self.expect_stored(files).await?;
        let missing = self.missing(sources(files, assets)).await?;
        let bytes = missing.iter().map(|source| source.asset.content.size).sum();
        self.progress.report(&ProgressEvent::UploadPlanned { blobs: missing.len() as u64, bytes });
        self.at_most(missing.into_iter().map(|source| self.upload_blob(source)).collect()).await?;
        let indexes = each_once(assets).map(|asset| self.write_piece_index(asset));
        self.at_most(indexes.collect()).await?;
        Ok(bytes)
    }

    /// What was found in the store before it was claimed has to be there still.
    async fn expect_stored(&self, files: &Files) -> Result<(), PublishError> {
        for file in files.files() {
            let SourceFile::Stored(file) = file else { continue };
            if !self.is_stored(&StoreKey::Blob(file.digest), file.size).await? {
                return Err(PublishError::NotStored { path: file.path.clone(), digest: file.digest });
            }
        }
        Ok(())
    }

    async fn missing<'b>(&self, sources: Vec<Source<'b>>) -> Result<Vec<Source<'b>>, PublishError> {
        let looked_up: Vec<_> = sources.into_iter().map(|source| self.unless_stored(source)).collect();
        let found: Vec<Option<Source<'_>>> =
            stream::iter(looked_up).buffered(self.at_once.max(1)).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn unless_stored<'b>(&self, source: Source<'b>) -> Result<Option<Source<'b>>, PublishError> {
        let content = &source.asset.content;
        Ok((!self.is_stored(&StoreKey::Blob(content.digest), content.size).await?).then_some(source))
    }

    /// Whether an object is there, of that size and not known to be damaged.
    async fn is_stored(&self, key: &StoreKey, size: u64) -> Result<bool, PublishError> {
        Ok(!self.mending.is_damaged(key) && self.store.size(key).await? == Some(size))
    }

    /// Works on a bounded number at once, and ends at the first error.
    async fn at_most(&self, work: Vec<impl Future<Output = Result<(), PublishError>>>) -> Result<(), PublishError> {
        stream::iter(work).buffer_unordered(self.at_once.max(1)).try_collect().await
    }

    async fn upload_blob(&self, source: Source<'_>) -> Result<(), PublishError> {
        let Source { file, asset } = source;
        let expected = ExpectedFile { size: asset.content.size, digest: asset.content.digest };
        let on_bytes = |bytes| {
            self.progress.report(&ProgressEvent::Uploaded { bytes });
            self.faults.reached(FaultPoint::Uploading).map_err(|point| std::io::Error::other(point.name()))
        };
        let sent = self.store.put_file(&StoreKey::Blob(expected.digest), &file.location, expected, &on_bytes).await;
        sent.map_err(|error| blame(&file.path, error))?;
        self.mending.mended(self.db, &StoreKey::Blob(expected.digest)).await?;
        self.faults.reached(FaultPoint::BlobStored).map_err(PublishError::Fault)
    }

    pub(super) async fn write_piece_index(&self, asset: &DescribedAsset) -> Result<(), PublishError> {
        let index = PieceIndex::new(vec![asset.content.blob_pieces()]);
        self.write_document(StoreKey::BlobPieces(asset.content.digest), index.to_bytes()).await
    }

    /// Writes a document unless it is there. Its key says what it holds, so that its size tells whether it is whole.
    pub(super) async fn write_document(&self, key: StoreKey, bytes: Vec<u8>) -> Result<(), PublishError> {
        if !self.is_stored(&key, bytes.len() as u64).await? {
            self.store.put_bytes(&key, Bytes::from(bytes)).await?;
            self.mending.mended(self.db, &key).await?;
        }
        Ok(())
    }
}

/// Each blob of a folder once, with the first file that has it. Files and assets are in the same order.
fn sources<'a>(files: &'a Files, assets: &'a [DescribedAsset]) -> Vec<Source<'a>> {
    let mut seen: HashSet<Digest> = HashSet::new();
    let pairs = files.files().into_iter().zip(assets).filter(|(_, asset)| seen.insert(asset.content.digest));
    let on_disk = pairs.filter_map(|(file, asset)| match file {
        SourceFile::Scanned(file) => Some(Source { file, asset }),
        SourceFile::Stored(_) => None,
    });
    on_disk.collect()
}

/// Each blob once, by the first asset that has it.
pub(super) fn each_once(assets: &[DescribedAsset]) -> impl Iterator<Item = &DescribedAsset> {
    let mut seen: HashSet<Digest> = HashSet::new();
    assets.iter().filter(move |asset| seen.insert(asset.content.digest))
}

/// Turns what the store says of a path on disk into what the folder calls it.
fn blame(path: &AssetPath, error: StoreError) -> PublishError {
    match error {
        StoreError::FileChanged { .. } => PublishError::Changed { path: path.clone() },
        StoreError::File { path, source } => PublishError::Unreadable { path, source },
        StoreError::Stopped { .. } => PublishError::Fault(FaultPoint::Uploading),
        error => PublishError::Store(error),
    }
}
