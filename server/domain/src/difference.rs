//! What changed between two releases, and what it costs a client that has the first.

use std::collections::BTreeMap;

use crate::delta::bytes_to_fetch;
use crate::manifest::{Link, Manifest};
use crate::piece::PieceIndex;
use crate::{AssetPath, Digest};

/// The assets of a release against those of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Only in the new one.
    pub added: Vec<AssetPath>,
    /// Only in the old one.
    pub removed: Vec<AssetPath>,
    /// In both, with other bytes.
    pub changed: Vec<AssetPath>,
    /// How many are the same in both.
    pub unchanged: usize,
    /// What a client that has the old one fetches for the new one.
    pub bytes_to_fetch: u64,
}

impl Difference {
    /// Compares an old release with a new one, each by its manifest and its piece index.
    #[must_use]
    pub fn between(old: (&Manifest, &PieceIndex), new: (&Manifest, &PieceIndex)) -> Self {
        let bytes_to_fetch = bytes_to_fetch(old.1, new.1);
        let (old, new) = (assets(old.0), assets(new.0));
        let only_in = |these: &BTreeMap<AssetPath, Digest>, others: &BTreeMap<AssetPath, Digest>| {
            these.keys().filter(|path| !others.contains_key(*path)).cloned().collect()
        };
        let differs = |(path, digest): &(&AssetPath, &Digest)| old.get(*path).is_some_and(|had| had != *digest);
        Self {
            added: only_in(&new, &old),
            removed: only_in(&old, &new),
            changed: new.iter().filter(differs).map(|(path, _)| path.clone()).collect(),
            unchanged: new.iter().filter(|(path, digest)| old.get(*path) == Some(*digest)).count(),
            bytes_to_fetch,
        }
    }
}

/// Every asset of a manifest by path.
fn assets(manifest: &Manifest) -> BTreeMap<AssetPath, Digest> {
    fn collect(links: &[Link], into: &mut BTreeMap<AssetPath, Digest>) {
        for link in links {
            into.extend(link.properties.iter().map(|asset| (asset.path.clone(), asset.digest)));
            collect(&link.children, into);
            collect(&link.alternate, into);
        }
    }
    let mut found = BTreeMap::new();
    collect(&manifest.reading_order, &mut found);
    collect(&manifest.resources, &mut found);
    found
}
