//! Plans a release: from described files to the canonical manifest, its piece index and its rows. Pure.

mod blob_names;
mod input;
mod links;
mod planned;
mod seal;
mod selections;
mod summary;
mod tag_facts;

pub use input::ReleaseInput;
pub use planned::{AssetRow, PlannedRelease};
pub use seal::release_digest;
pub use summary::{CoverImage, TagSummary};

use crate::chunk::ChunkIndex;
use crate::content::DescribedAsset;
use crate::layout::{LayoutError, Outline, outline};
use crate::manifest::{CONTEXT, Delivery, Download, DownloadMetadata, Manifest, PieceIndexLink};
use crate::piece::PieceIndex;
use crate::tag_metadata::TagMetadata;
use crate::{AssetPath, Digest, href};
use blob_names::BlobNames;

/// The paths of all lessons, in manifest order: each needs an identifier before the release can be planned.
///
/// # Errors
/// A folder that breaks the rules.
pub fn lesson_paths(metadata: &TagMetadata, assets: &[DescribedAsset]) -> Result<Vec<AssetPath>, LayoutError> {
    Ok(outline(metadata, assets)?.lessons().map(|lesson| lesson.asset.path.clone()).collect())
}

/// Plans a release. The same input gives the same bytes, whatever the order of the assets.
///
/// # Errors
/// A folder that breaks the rules, or a lesson without identifier.
pub fn plan_release(input: &ReleaseInput) -> Result<PlannedRelease, LayoutError> {
    let outline = outline(&input.metadata, &input.assets)?;
    let names = BlobNames::of(outline.assets());
    let (pieces_bytes, pieces) = piece_index(input);
    let mut manifest = unsealed_manifest(input, &outline, &names, pieces)?;
    manifest.links.push(links::bundle_link(input, &manifest)?);
    manifest.links.push(links::metalink_link(input));
    let manifest = seal::seal(manifest);
    let manifest_bytes = seal::canonical_bytes(&manifest);
    let chunks_bytes =
        ChunkIndex::new(input.assets.iter().map(|asset| asset.content.blob_chunks()).collect()).to_bytes();
    Ok(PlannedRelease {
        manifest_digest: Digest::of(&manifest_bytes),
        manifest_bytes,
        pieces_digest: manifest.download.pieces.digest,
        pieces_bytes,
        chunks_digest: Digest::of(&chunks_bytes),
        chunks_bytes,
        summary: summary::summary(input, &outline, &names, &manifest),
        asset_rows: names.rows(outline.assets()),
        manifest,
    })
}

/// The release piece index and the link to it.
fn piece_index(input: &ReleaseInput) -> (Vec<u8>, PieceIndexLink) {
    let blobs = input.assets.iter().map(|asset| asset.content.blob_pieces()).collect();
    let bytes = PieceIndex::new(blobs).to_bytes();
    let link = PieceIndexLink {
        href: href::release_pieces(&input.tag, input.release),
        size: bytes.len() as u64,
        digest: Digest::of(&bytes),
    };
    (bytes, link)
}

/// Everything but the digest and what is named after it.
fn unsealed_manifest(
    input: &ReleaseInput,
    outline: &Outline<'_>,
    names: &BlobNames<'_>,
    pieces: PieceIndexLink,
) -> Result<Manifest, LayoutError> {
    let metadata = tag_facts::metadata(input, outline);
    let selections = selections::selections(&metadata.title, outline, names, &pieces);
    Ok(Manifest {
        context: CONTEXT.to_owned(),
        metadata,
        links: links::document_links(input),
        reading_order: links::reading_order(input, outline, names)?,
        resources: links::resources(input, outline, names),
        download: Download {
            metadata: DownloadMetadata::default(),
            links: links::predecessor_link(input).into_iter().collect(),
            tag: input.tag.clone(),
            release: input.release,
            digest: seal::UNSEALED,
            previous: input.previous.clone(),
            delivery: Delivery::Assets,
            expires: input.metadata.expires.map(|moment| moment.to_string()),
            pieces,
            selections,
        },
    })
}
