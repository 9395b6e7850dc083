//! Which objects: those below a prefix, or those of a list; and what each is called in the tag.

use std::cmp::Ordering;
use std::collections::HashSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use stowaway_domain::layout::{is_left_out, natural_order};
use stowaway_domain::store_key::AdoptedObject;
use stowaway_domain::{AssetPath, Digest, StoreKey, tag_metadata};

use super::AdoptError;
use crate::publish::PublishError;
use crate::store::{ListedObject, Store};

/// Objects looked up at once.
const LOOKED_UP_AT_ONCE: usize = 8;

/// Which objects are adopted.
#[derive(Debug, Clone)]
pub enum Objects {
    /// Those below a prefix, which is relative to the store's own; their paths are what is behind it.
    Below(String),
    /// These.
    Listed(Vec<ListedKey>),
}

/// A line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// Relative to the store's prefix.
    pub key: String,
    /// Its path in the tag; the key where there is none.
    pub path: Option<String>,
}

/// An object that is to be adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) key: String,
    pub(super) path: AssetPath,
    pub(super) size: u64,
    pub(super) etag: String,
}

impl Found {
    /// The object, as reads ask for it.
    pub(super) fn object(&self, digest: Digest) -> AdoptedObject {
        AdoptedObject { path: self.key.clone(), digest, size: self.size, etag: self.etag.clone() }
    }
}

/// What there is.
pub(super) struct Listing {
    /// In natural order of their paths, as a folder would be.
    pub(super) found: Vec<Found>,
    /// The object `tag.toml`, which is no asset.
    pub(super) metadata: Option<Found>,
}

impl Listing {
    pub(super) fn total_bytes(&self) -> u64 {
        self.found.iter().map(|found| found.size).sum()
    }
}

pub(super) async fn list(store: &Store, objects: &Objects) -> Result<Listing, AdoptError> {
    let mut found = match objects {
        Objects::Below(prefix) => below(store, prefix.trim_matches('/')).await?,
        Objects::Listed(keys) => listed(store, keys).await?,
    };
    found.sort_by(|one, other| in_order(&one.path, &other.path));
    let at = found.iter().position(|found| found.path.as_str() == tag_metadata::FILE_NAME);
    let metadata = at.map(|at| found.remove(at));
    match objects {
        Objects::Below(prefix) if found.is_empty() => Err(AdoptError::Nothing { prefix: prefix.clone() }),
        Objects::Listed(_) if found.is_empty() => Err(AdoptError::EmptyList),
        _ => Ok(Listing { found, metadata }),
    }
}

async fn below(store: &Store, prefix: &str) -> Result<Vec<Found>, AdoptError> {
    if StoreKey::is_own(prefix) {
        return Err(AdoptError::Own { key: prefix.to_owned() });
    }
    let mut objects = store.list_below(prefix).await?;
    // Some tools keep folders as empty objects.
    let folders: HashSet<String> = objects.iter().flat_map(|object| folders_of(&object.path)).collect();
    let is_folder = |object: &ListedObject| object.size == 0 && folders.contains(&object.path);
    objects.retain(|object| !StoreKey::is_own(&object.path) && !is_folder(object));
    let mut found = Vec::with_capacity(objects.len());
    for object in objects {
        let path = object.path.strip_prefix(prefix).unwrap_or(&object.path).trim_start_matches('/').to_owned();
        if path.is_empty() || path.split('/').any(is_left_out) {
            continue;
        }
        found.push(named(object, &path)?);
    }
    Ok(found)
}

async fn listed(store: &Store, keys: &[ListedKey]) -> Result<Vec<Found>, AdoptError> {
    let look_up = |listed: ListedKey| async move {
        let ListedKey { key, path } = listed;
        if StoreKey::is_own(&key) {
            return Err(AdoptError::Own { key });
        }
        let object = store.look_up(&key).await?.ok_or_else(|| AdoptError::Missing { key: key.clone() })?;
        named(object, path.as_deref().unwrap_or(&key))
    };
    stream::iter(keys.iter().cloned().map(look_up)).buffered(LOOKED_UP_AT_ONCE).try_collect().await
}

fn named(object: ListedObject, path: &str) -> Result<Found, AdoptError> {
    let path: AssetPath = path.parse().map_err(PublishError::Name)?;
    let ListedObject { path: key, size, etag } = object;
    match etag {
        Some(etag) => Ok(Found { key, path, size, etag }),
        None => Err(AdoptError::NoValidator { key }),
    }
}

fn folders_of(path: &str) -> impl Iterator<Item = String> {
    path.match_indices('/').map(|(at, _)| path[..at].to_owned())
}

/// Folder by folder, as a scan lists them.
fn in_order(one: &AssetPath, other: &AssetPath) -> Ordering {
    let (mut ones, mut others) = (one.as_str().split('/'), other.as_str().split('/'));
    loop {
        match (ones.next(), others.next()) {
            (Some(one), Some(other)) => match natural_order(one, other).then_with(|| one.cmp(other)) {
                Ordering::Equal => {}
                decided => return decided,
            },
            (one, other) => return one.is_some().cmp(&other.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_in_the_order_of_a_folder() {
        let mut paths: Vec<AssetPath> =
            ["b.wav", "a/10.wav", "a/2.wav", "a/b/1.wav"].map(|path| path.parse().unwrap()).into();
        paths.sort_by(in_order);
        let paths: Vec<&str> = paths.iter().map(AssetPath::as_str).collect();
        assert_eq!(paths, ["a/2.wav", "a/10.wav", "a/b/1.wav", "b.wav"]);
    }

    #[test]
    fn every_folder_above_a_key_is_one() {
        assert_eq!(folders_of("a/b/c.mp3").collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(folders_of("c.mp3").count(), 0);
    }
}
