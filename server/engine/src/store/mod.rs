//! The object store: immutable objects under [`StoreKey`]s, on a local folder, in memory, or at S3, Google or Azure.
//!
//! An object becomes visible whole or not at all, and durable before a write returns. Nothing here holds a whole blob.

mod copy_file;
mod copy_object;
mod error;
mod fault;
mod fetch;
mod list;
mod location;
mod names;
mod object_reader;
mod open_file;
mod options;
mod others;
mod pin;
mod place;
mod probe;
mod read;
mod sign;
mod staged;
mod staged_file;
mod upload;
mod vendors;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::multipart::MultipartStore;
use object_store::path::Path as ObjectPath;
use stowaway_domain::StoreKey;

pub use copy_object::{COPY_MAX_BYTES, ObjectCopier};
pub use error::StoreError;
pub use fault::StoreFault;
pub use fetch::Fetched;
pub use list::{StagedFile, StoredObject};
pub use names::NamedObject;
pub use object_reader::ObjectReader;
pub use open_file::OpenFile;
pub use options::StoreOptions;
pub use others::ListedObject;
pub use place::is_same_place;
pub use probe::StoreAbilities;
pub use read::ByteStream;
pub use staged::StagedObject;
pub use upload::{ExpectedFile, OnBytes};

use vendors::StoreSigner;

/// A store, cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn ObjectStore>,
    multipart: Option<Arc<dyn MultipartStore>>,
    prefix: ObjectPath,
    folder: Option<PathBuf>,
    is_remote: bool,
    signer: Option<StoreSigner>,
    options: Arc<StoreOptions>,
}

impl Store {
    /// Opens the store at `url`: `file:`, `memory:`, `s3:`, `gs:` or `az:`; a local folder is created.
    ///
    /// # Errors
    /// An address that names no store, missing credentials, a folder that cannot be made.
    pub fn open(url: &str, options: &StoreOptions) -> Result<Self, StoreError> {
        let location = location::open(url, options)?;
        Ok(Self {
            backend: location.backend,
            multipart: location.multipart,
            prefix: location.prefix,
            folder: location.folder,
            is_remote: location.is_remote,
            signer: location.signer,
            options: Arc::new(options.clone()),
        })
    }

    /// As [`Self::open`], but a local folder that is not there is an error.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_existing(url: &str, options: &StoreOptions) -> Result<Self, StoreError> {
        match location::folder_of(url)?.filter(|folder| !folder.is_dir()) {
            None => Self::open(url, options),
            Some(_) => Err(StoreError::Open {
                url: url.to_owned(),
                source: Box::new(std::io::Error::from(std::io::ErrorKind::NotFound)),
            }),
        }
    }

    /// Where the object lies on this machine, when the store is a local folder. It need not exist. Nothing for an adopted object: others
    /// may change it, so that it is only read through what notices that.
    #[must_use]
    pub fn local_path(&self, key: &StoreKey) -> Option<PathBuf> {
        let folder = self.folder.as_ref().filter(|_| !matches!(key, StoreKey::Adopted(_)))?;
        Some(folder.join(key.to_string()))
    }

    /// Whether objects are files in a folder of this machine.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        self.folder.is_some()
    }

    /// The folder, when the store is one.
    pub(crate) fn root(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    pub(crate) const fn backend(&self) -> &Arc<dyn ObjectStore> {
        &self.backend
    }

    /// Keys are taken as they are: one that others chose may hold what would be escaped in a new one.
    pub(crate) fn path(&self, key: &str) -> ObjectPath {
        let own = ObjectPath::parse(key).unwrap_or_else(|_| ObjectPath::from(key));
        self.prefix.parts().chain(own.parts()).collect()
    }

    /// Counts a finished operation.
    fn count<T>(operation: &'static str, result: Result<T, StoreError>) -> Result<T, StoreError> {
        let outcome = match &result {
            Ok(_) => "ok",
            Err(StoreError::NotFound { .. }) => "not_found",
            Err(_) => "error",
        };
        metrics::counter!("stowaway_store_operations_total", "operation" => operation, "outcome" => outcome)
            .increment(1);
        result
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Store")
            .field("backend", &self.backend)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
