//! Where a site is written to: a folder or a bucket, behind the few things that an export does with it.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use stowaway_domain::header_text::HeaderText;

use super::bucket::Bucket;
use super::error::ExportError;
use super::folder::Folder;
use super::write::Source;
use crate::store::{Store, StoreOptions};

/// A place for a site.
#[derive(Debug, Clone)]
pub enum Site {
    /// A folder of this machine.
    Folder(Folder),
    /// A bucket of an object store.
    Bucket(Box<Bucket>),
}

/// The headers that are kept with an object, where a site can keep any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeptHeaders {
    pub(super) content_type: HeaderText,
    pub(super) cache_control: HeaderText,
    pub(super) content_disposition: Option<HeaderText>,
    /// Of a folder, the time of the file: what nginx makes `Last-Modified` and its entity tag of.
    pub(super) last_modified_unix_s: u64,
}

impl Site {
    /// A folder; it is made when something is written.
    #[must_use]
    pub fn folder(path: PathBuf) -> Self {
        Self::Folder(Folder::new(path))
    }

    /// The bucket, or the folder, that `url` names, with the options of a store.
    ///
    /// # Errors
    /// The address names no store, or its credentials are missing.
    pub fn open(url: &str, options: &StoreOptions) -> Result<Self, ExportError> {
        let store = Store::open(url, options).map_err(ExportError::Open)?;
        Ok(match store.root() {
            Some(folder) => Self::folder(folder.to_owned()),
            None => Self::Bucket(Box::new(Bucket::new(store))),
        })
    }

    /// The folder, if it is one.
    #[must_use]
    pub fn as_folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder.root()),
            Self::Bucket(_) => None,
        }
    }

    /// Where an address without an ending lies. A folder cannot have a file and a folder `tags`, and a plain web server knows a file by its
    /// ending; a bucket has the address itself.
    pub(super) fn path_of<'a>(&self, in_folder: &'a str, in_bucket: &'a str) -> &'a str {
        match self {
            Self::Folder(_) => in_folder,
            Self::Bucket(_) => in_bucket,
        }
    }

    /// How many bytes lie at `path`; nothing when there is nothing.
    pub(super) async fn size(&self, path: &str) -> Result<Option<u64>, ExportError> {
        match self {
            Self::Folder(folder) => folder.size(path).await,
            Self::Bucket(bucket) => bucket.size(path).await,
        }
    }

    /// A document, when there is one of exactly that size.
    pub(super) async fn read(&self, path: &str, size: Option<u64>) -> Result<Option<Bytes>, ExportError> {
        match self.size(path).await? {
            Some(found) if size.is_none_or(|size| size == found) => {}
            _ => return Ok(None),
        }
        match self {
            Self::Folder(folder) => folder.read(path).await.map(Some),
            Self::Bucket(bucket) => bucket.read(path).await.map(Some),
        }
    }

    /// Writes what `source` gives; it is there whole or not at all.
    pub(super) async fn write(&self, path: &str, headers: &KeptHeaders, source: Source<'_>) -> Result<(), ExportError> {
        match self {
            Self::Folder(folder) => folder.write(path, headers, source).await,
            Self::Bucket(bucket) => bucket.write(path, headers, source).await,
        }
    }

    /// Makes `path` the same `size` bytes that lie at `original`, without sending them; false when the site cannot.
    pub(super) async fn link(
        &self,
        original: &str,
        path: &str,
        size: u64,
        headers: &KeptHeaders,
    ) -> Result<bool, ExportError> {
        match self {
            Self::Folder(folder) => folder.link(original, path).await,
            Self::Bucket(bucket) => Ok(bucket.copy(original, path, size, headers).await),
        }
    }

    /// Removes what lies at `path`, if it is there.
    pub(super) async fn remove(&self, path: &str) -> Result<(), ExportError> {
        match self {
            Self::Folder(folder) => folder.remove(path).await,
            Self::Bucket(bucket) => bucket.remove(path).await,
        }
    }
}
