//! Gives every blob of a release one name, so that it has one address: that of the first asset in manifest order.

use std::collections::HashMap;

use super::planned::AssetRow;
use crate::content::DescribedAsset;
use crate::{Digest, href};

/// The asset that names each blob.
pub(super) struct BlobNames<'a>(HashMap<Digest, &'a DescribedAsset>);

impl<'a> BlobNames<'a> {
    /// Takes assets in manifest order.
    pub(super) fn of(assets: impl Iterator<Item = &'a DescribedAsset>) -> Self {
        let mut names = HashMap::new();
        for asset in assets {
            names.entry(asset.content.digest).or_insert(asset);
        }
        Self(names)
    }

    /// The asset that names the blob of `asset`; most often itself.
    fn namer(&self, asset: &'a DescribedAsset) -> &'a DescribedAsset {
        self.0.get(&asset.content.digest).copied().unwrap_or(asset)
    }

    /// The name of an asset's blob in its address: a file's name, unless that is the address of the piece index.
    fn file_name(&self, asset: &'a DescribedAsset) -> &'a str {
        match self.namer(asset).path.file_name() {
            href::PIECE_INDEX_NAME => "file.pieces.json",
            name => name,
        }
    }

    /// The address of an asset's bytes.
    pub(super) fn href(&self, asset: &'a DescribedAsset) -> String {
        href::blob(&asset.content.digest, self.file_name(asset))
    }

    /// What that address answers as: the type of the asset that named it.
    pub(super) fn media_type(&self, asset: &'a DescribedAsset) -> &'a str {
        &self.namer(asset).probe.media_type
    }

    /// The rows of the database, in manifest order.
    pub(super) fn rows(&self, assets: impl Iterator<Item = &'a DescribedAsset>) -> Vec<AssetRow> {
        assets
            .zip(0..)
            .map(|(asset, position)| AssetRow {
                position,
                path: asset.path.clone(),
                file_name: self.file_name(asset).to_owned(),
                media_type: self.media_type(asset).to_owned(),
                digest: asset.content.digest,
            })
            .collect()
    }
}
