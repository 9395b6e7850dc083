//! Step 6: the release piece index, the chunk index and the manifest into the store, then the one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use stowaway_domain::content::DescribedAsset;
use stowaway_domain::store_key::AdoptedObject;
use stowaway_domain::tag_metadata::TagMetadata;
use stowaway_domain::{Digest, StoreKey, Tag};

use super::plan::Plan;
use super::upload::Uploads;
use super::{FaultPoint, PublishError};
use crate::claims::Claims;
use crate::db::{AssetRow, BlobRow, CommitOutcome, CommitRelease, Database, DbError, PreviousRow, ReleaseRow};
use crate::records;

/// Blobs whose bytes lie in objects that are not ours.
pub(super) type Places = HashMap<Digest, Arc<AdoptedObject>>;

/// What is to become a release.
pub(super) struct Intended<'a> {
    pub(super) tag: &'a Tag,
    pub(super) metadata: &'a TagMetadata,
    pub(super) assets: &'a [DescribedAsset],
    pub(super) places: &'a Places,
}

/// Stores the documents of the planned release; the manifest last, as it names the others.
#[tracing::instrument(skip_all)]
pub(super) async fn write_documents(uploads: &Uploads<'_>, tag: &Tag, plan: &Plan) -> Result<(), PublishError> {
    let release = &plan.release;
    let pieces_key = StoreKey::ReleasePieces(tag.clone(), plan.number, release.pieces_digest);
    uploads.write_document(pieces_key, release.pieces_bytes.clone()).await?;
    uploads.faults.reached(FaultPoint::PiecesStored).map_err(PublishError::Fault)?;
    let chunks_key = StoreKey::ReleaseChunks(tag.clone(), plan.number, release.chunks_digest);
    uploads.write_document(chunks_key, release.chunks_bytes.clone()).await?;
    uploads.faults.reached(FaultPoint::ChunksStored).map_err(PublishError::Fault)?;
    let manifest_key = StoreKey::Manifest(tag.clone(), plan.number, release.manifest_digest);
    uploads.write_document(manifest_key, release.manifest_bytes.clone()).await?;
    uploads.faults.reached(FaultPoint::ManifestStored).map_err(PublishError::Fault)
}

/// Makes the planned release current, unless the tag has moved on.
#[tracing::instrument(skip_all)]
pub(super) async fn commit(
    db: &Database,
    uploads: &Uploads<'_>,
    claims: &Claims,
    intended: &Intended<'_>,
    plan: &Plan,
) -> Result<CommitOutcome, PublishError> {
    let rows = rows(intended, plan)?;
    let before_commit =
        || uploads.faults.reached(FaultPoint::Committing).map_err(|point| std::io::Error::other(point.name()));
    let outcome = db.commit_claimed(&rows, Some(claims.id()), &before_commit).await.map_err(|error| match error {
        DbError::Stopped { .. } => PublishError::Fault(FaultPoint::Committing),
        error => PublishError::Database(error),
    })?;
    uploads.faults.reached(FaultPoint::Committed).map_err(PublishError::Fault)?;
    if outcome == CommitOutcome::Committed {
        keep_record(uploads, db, &rows.release).await?;
    }
    Ok(outcome)
}

/// Notes in the store what the database can be made again from, unless it is noted.
pub(super) async fn keep_record(
    uploads: &Uploads<'_>,
    db: &Database,
    release: &ReleaseRow,
) -> Result<(), PublishError> {
    records::keep_release(uploads.store, db, release)
        .await
        .map_err(|source| PublishError::Unrecorded { release: release.number, source })
}

fn rows(intended: &Intended<'_>, plan: &Plan) -> Result<CommitRelease, PublishError> {
    let release = &plan.release;
    let summary = serde_json::to_string(&release.summary).map_err(|source| PublishError::Internal(Box::new(source)))?;
    let previous =
        plan.current.as_ref().map(|row| PreviousRow { number: row.number, release_digest: row.release_digest });
    let asset_rows = release.asset_rows.iter().map(|row| AssetRow {
        position: row.position,
        path: row.path.clone(),
        file_name: row.file_name.clone(),
        media_type: row.media_type.clone(),
        digest: row.digest,
    });
    Ok(CommitRelease {
        identifier: plan.identifier.clone(),
        expected_current: plan.current.as_ref().map(|row| row.number),
        release: ReleaseRow {
            tag: intended.tag.clone(),
            number: plan.number,
            release_digest: release.manifest.download.digest,
            manifest_digest: release.manifest_digest,
            manifest_bytes: release.manifest_bytes.len() as u64,
            pieces_digest: release.pieces_digest,
            pieces_bytes: release.pieces_bytes.len() as u64,
            chunks_digest: Some(release.chunks_digest),
            modified: plan.modified.clone(),
            previous,
            summary,
        },
        assets: asset_rows.collect(),
        blobs: blobs(intended),
        items: plan.items.clone(),
    })
}

/// Notes where the bytes of the blobs of a release lie that stays as it is: adopted objects may have moved, or have become ours.
pub(super) async fn note_places(db: &Database, intended: &Intended<'_>, release: u64) -> Result<(), PublishError> {
    let known = db.release_blobs(intended.tag, release).await?;
    let wanted = blobs(intended);
    let is_other = |known: &BlobRow| known.adopted_etag.is_some() && !wanted.contains(known);
    if known.iter().any(is_other) {
        db.record_blobs(&wanted).await?;
    }
    Ok(())
}

/// Where the bytes of a blob lie.
fn key_of(digest: Digest, places: &Places) -> StoreKey {
    places.get(&digest).map_or(StoreKey::Blob(digest), |object| StoreKey::Adopted(Arc::clone(object)))
}

/// Each blob once, in the order of their digests: two publishers that insert the same rows must not wait for each other
/// in a circle.
fn blobs(intended: &Intended<'_>) -> Vec<BlobRow> {
    let Intended { assets, places, .. } = intended;
    let mut seen = HashSet::new();
    let each_once = assets.iter().map(|asset| &asset.content).filter(|content| seen.insert(content.digest));
    let mut rows: Vec<BlobRow> = each_once
        .map(|content| BlobRow {
            digest: content.digest,
            size: content.size,
            crc32: content.crc32,
            store_key: key_of(content.digest, places).to_string(),
            adopted_etag: places.get(&content.digest).map(|object| object.etag.clone()),
            piece_count: content.pieces.len() as u64,
        })
        .collect();
    rows.sort_by_key(|row| row.digest);
    rows
}
