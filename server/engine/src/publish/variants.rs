//! Between upload and commit: the coded forms of texts, manifests and piece indexes, stored first and then recorded.
//!
//! A row says only what the store holds and under which digest, so that one that a stopped publish left behind is as good as any
//! other: nobody can ask for it before a release names its document.

use std::path::PathBuf;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use stowaway_domain::coding::Coding;
use stowaway_domain::content::DescribedAsset;
use stowaway_domain::piece::PieceIndex;
use stowaway_domain::{AssetPath, Digest, StoreKey, media_type};

use super::plan::Plan;
use super::scan::ScannedFile;
use super::source::{Source as Files, SourceFile};
use super::upload::{Uploads, each_once};
use super::{FaultPoint, PublishError};
use crate::compress::{Effort, MAX_BYTES, STORED, compress};
use crate::db::{Database, VariantRow};
use crate::store::Store;

/// A document that may have coded forms.
pub(super) struct Document {
    digest: Digest,
    effort: Effort,
    source: Source,
}

/// Where its bytes are.
enum Source {
    Memory(Vec<u8>),
    /// A text of the folder, read when its turn has come.
    File {
        path: AssetPath,
        location: PathBuf,
    },
    /// A text that the store has as a blob of so many bytes, read when its turn has come.
    Blob(u64),
}

/// The texts among the files and the piece index of every blob.
pub(super) fn of_assets<'a>(files: &'a Files, assets: &'a [DescribedAsset]) -> impl Iterator<Item = Document> + 'a {
    let texts = files.files().into_iter().zip(assets).filter_map(|(file, asset)| text_of(&file, asset));
    texts.chain(each_once(assets).map(index_of))
}

/// The same of one file.
pub(super) fn of_file<'a>(file: &'a ScannedFile, asset: &'a DescribedAsset) -> impl Iterator<Item = Document> + 'a {
    text_of(&SourceFile::Scanned(file), asset).into_iter().chain(std::iter::once(index_of(asset)))
}

fn text_of(file: &SourceFile<'_>, asset: &DescribedAsset) -> Option<Document> {
    is_compressed(asset).then(|| Document {
        digest: asset.content.digest,
        effort: Effort::Lasting,
        source: match file {
            SourceFile::Scanned(file) => Source::File { path: file.path.clone(), location: file.location.clone() },
            SourceFile::Stored(file) => Source::Blob(file.size),
        },
    })
}

fn index_of(asset: &DescribedAsset) -> Document {
    let index = PieceIndex::new(vec![asset.content.blob_pieces()]);
    Document::in_memory(index.to_bytes(), Effort::Digests)
}

/// The documents of the planned release.
pub(super) fn of_release(plan: &Plan) -> impl Iterator<Item = Document> {
    let release = &plan.release;
    [
        Document::in_memory(release.manifest_bytes.clone(), Effort::Lasting),
        Document::in_memory(release.pieces_bytes.clone(), Effort::Digests),
    ]
    .into_iter()
}

fn is_compressed(asset: &DescribedAsset) -> bool {
    media_type::is_text(&asset.probe.media_type) && asset.content.size <= MAX_BYTES
}

impl Document {
    fn in_memory(bytes: Vec<u8>, effort: Effort) -> Self {
        Self { digest: Digest::of(&bytes), effort, source: Source::Memory(bytes) }
    }

    /// The same, with what the store has of it in memory.
    async fn fetched(mut self, store: &Store) -> Result<Self, PublishError> {
        if let Source::Blob(size) = self.source {
            self.source = Source::Memory(store.get_bytes(&StoreKey::Blob(self.digest), size).await?.into());
        }
        Ok(self)
    }

    /// Makes its forms. Runs on a blocking thread.
    fn compress(self) -> Result<Vec<(Coding, Vec<u8>)>, PublishError> {
        let bytes = match self.source {
            Source::Memory(bytes) => bytes,
            // Fetched before.
            Source::Blob(_) => return Ok(Vec::new()),
            Source::File { path, location } => {
                let read = std::fs::read(&location);
                let bytes = read.map_err(|source| PublishError::Unreadable { path: location, source })?;
                if Digest::of(&bytes) != self.digest {
                    return Err(PublishError::Changed { path });
                }
                bytes
            }
        };
        if bytes.len() as u64 > MAX_BYTES {
            return Ok(Vec::new());
        }
        let coded = |&coding: &Coding| {
            let coded =
                compress(coding, self.effort, &bytes).map_err(|source| PublishError::Internal(Box::new(source)));
            coded.map(|coded| Some((coding, coded?))).transpose()
        };
        STORED.iter().filter_map(coded).collect()
    }
}

/// Stores and records the forms that are not recorded yet; a bounded number of documents is in memory at once.
#[tracing::instrument(skip_all)]
pub(super) async fn store(
    uploads: &Uploads<'_>,
    db: &Database,
    workers: usize,
    documents: impl Iterator<Item = Document>,
) -> Result<(), PublishError> {
    let work = stream::iter(documents).map(|document| store_forms(uploads, db, document));
    let rows: Vec<Vec<VariantRow>> = work.buffer_unordered(workers.max(1)).try_collect().await?;
    let rows = rows.concat();
    if rows.is_empty() {
        return Ok(());
    }
    db.record_variants(&rows).await.map_err(PublishError::Database)?;
    uploads.faults.reached(FaultPoint::VariantsRecorded).map_err(PublishError::Fault)
}

async fn store_forms(
    uploads: &Uploads<'_>,
    db: &Database,
    document: Document,
) -> Result<Vec<VariantRow>, PublishError> {
    let identity = document.digest;
    let recorded = db.variants(&identity).await.map_err(PublishError::Database)?;
    if !recorded.is_empty() && !recorded.iter().any(|row| uploads.mending.is_damaged(&row.key())) {
        return Ok(Vec::new());
    }
    let document = document.fetched(uploads.store).await?;
    let compressed = tokio::task::spawn_blocking(move || document.compress());
    let forms = compressed.await.map_err(|source| PublishError::Internal(Box::new(source)))??;
    let mut rows = Vec::with_capacity(forms.len());
    for (coding, bytes) in forms {
        let row = VariantRow { identity, coding, digest: Digest::of(&bytes), size: bytes.len() as u64 };
        uploads.write_document(row.key(), bytes).await?;
        uploads.faults.reached(FaultPoint::VariantStored).map_err(PublishError::Fault)?;
        rows.push(row);
    }
    Ok(rows)
}
