//! Opening the file of an object in a local store, for those who send it without reading it.

use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use stowaway_domain::StoreKey;

use super::{Store, StoreError};

/// An open file of a local store. Objects never change, so that it stays right for as long as it is open.
#[derive(Debug, Clone)]
pub struct OpenFile {
    /// The file.
    pub file: Arc<File>,
    /// Its bytes when it was opened.
    pub size: u64,
}

impl Store {
    /// Opens the object `key` as a file of at least `size` bytes; `None` when the store is not a local folder. What is missing or was
    /// cut off is noticed here, while another answer than a broken one can still be given.
    ///
    /// # Errors
    /// There is no such file, it has fewer bytes, or it cannot be opened.
    pub async fn open_file(&self, key: &StoreKey, size: u64) -> Result<Option<OpenFile>, StoreError> {
        let Some(path) = self.local_path(key) else { return Ok(None) };
        let opened = OpenFile::open(key, path).await.and_then(|opened| opened.holding(key, size));
        Self::count("read", opened.map(Some))
    }
}

impl OpenFile {
    pub(super) async fn open(key: &StoreKey, path: PathBuf) -> Result<Self, StoreError> {
        let open = move || {
            let file = File::open(path)?;
            let size = file.metadata()?.len();
            Ok(Self { file: Arc::new(file), size })
        };
        let opened = tokio::task::spawn_blocking(open).await.map_err(std::io::Error::other).flatten();
        opened.map_err(|source| match source.kind() {
            ErrorKind::NotFound => StoreError::NotFound { key: key.to_string() },
            _ => StoreError::Failed { operation: "open", key: key.to_string(), source: Box::new(source) },
        })
    }

    fn holding(self, key: &StoreKey, expected_bytes: u64) -> Result<Self, StoreError> {
        if self.size < expected_bytes {
            return Err(StoreError::Short { key: key.to_string(), expected_bytes, received_bytes: self.size });
        }
        Ok(self)
    }
}
