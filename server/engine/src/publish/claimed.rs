//! What a publish relies on, before it looks whether that is stored: the blobs and their piece indexes, the coded forms of all
//! documents, and the documents of the tag.

use stowaway_domain::content::DescribedAsset;
use stowaway_domain::piece::PieceIndex;
use stowaway_domain::{Digest, Subject, Tag};

use super::plan::Plan;
use super::upload::each_once;

/// What is known once the files are described.
pub(super) fn by_assets(tag: &Tag, assets: &[DescribedAsset]) -> Vec<Subject> {
    let contents = piece_indexes(assets).into_iter();
    let contents = contents.flat_map(|(blob, index)| [Subject::Content(blob), Subject::Content(index)]);
    std::iter::once(Subject::Tag(tag.clone())).chain(contents).collect()
}

/// Every blob, once, with the digest of its piece index.
pub(super) fn piece_indexes(assets: &[DescribedAsset]) -> Vec<(Digest, Digest)> {
    let index = |asset: &DescribedAsset| PieceIndex::new(vec![asset.content.blob_pieces()]).to_bytes();
    each_once(assets).map(|asset| (asset.content.digest, Digest::of(&index(asset)))).collect()
}

/// What is known once the release is planned.
pub(super) fn by_plan(plan: &Plan) -> [Subject; 2] {
    [Subject::Content(plan.release.manifest_digest), Subject::Content(plan.release.pieces_digest)]
}
