//! Listing and removing objects, for those who clean up. Only what is under keys of the server's own is ever listed or removed.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::ObjectStoreExt as _;
use stowaway_domain::StoreKey;
use tokio::sync::mpsc;

use super::{NamedObject, Store, StoreError};

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its key.
    pub key: StoreKey,
    /// Bytes.
    pub size: u64,
    /// When it was written, in milliseconds since 1970 by the clock of the store.
    pub modified_ms: i64,
}

/// A file of a local store that is not an object yet: what an upload writes, or what one that was killed has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedFile {
    /// Where.
    pub path: PathBuf,
    /// The object that it was to become.
    pub key: StoreKey,
    /// Bytes.
    pub size: u64,
    /// When it was last written to, in milliseconds since 1970.
    pub modified_ms: i64,
}

/// Files that are listed ahead of whoever takes them.
const STAGED_AHEAD: usize = 64;

impl Store {
    /// Every object below one of [`stowaway_domain::store_key::COLLECTED_AREAS`], in no order, as the store lists them: never all in memory.
    /// What lies there under any other name is left out.
    pub fn list(&self, area: &'static str) -> BoxStream<'static, Result<StoredObject, StoreError>> {
        let own = |named: NamedObject| {
            let key = StoreKey::parse(&named.name)?;
            Some(StoredObject { key, size: named.size, modified_ms: named.modified_ms })
        };
        self.names(area).try_filter_map(move |named| std::future::ready(Ok(own(named)))).boxed()
    }

    /// Files that uploads into a local folder write and have not finished; nothing in other stores.
    pub fn list_staged(&self, area: &'static str) -> BoxStream<'static, Result<StagedFile, StoreError>> {
        let Some(root) = self.folder.clone() else { return stream::empty().boxed() };
        let (sender, receiver) = mpsc::channel(STAGED_AHEAD);
        tokio::task::spawn_blocking(move || {
            let outcome = walk(&root, &root.join(area), &sender);
            if let Err((path, source)) = outcome {
                let key = path.display().to_string();
                let failed = StoreError::Failed { operation: "list", key, source: Box::new(source) };
                // Nobody listens any more: nobody needs to know.
                let _ = sender.blocking_send(Err(failed));
            }
        });
        stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) }).boxed()
    }

    /// Removes an object. One that is not there is removed.
    ///
    /// # Errors
    /// The store failed, or refuses to delete.
    pub async fn delete(&self, key: &StoreKey) -> Result<(), StoreError> {
        let name = key.to_string();
        let deleted = match self.backend.delete(&self.path(&name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(StoreError::of("delete", name, source)),
        };
        Self::count("delete", deleted)
    }

    /// Removes a file that an upload has left.
    ///
    /// # Errors
    /// The operating system refuses.
    pub async fn delete_staged(&self, staged: &StagedFile) -> Result<(), StoreError> {
        match tokio::fs::remove_file(&staged.path).await {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(StoreError::Failed {
                operation: "delete",
                key: staged.path.display().to_string(),
                source: Box::new(source),
            }),
            _ => Ok(()),
        }
    }
}

type Sender = mpsc::Sender<Result<StagedFile, StoreError>>;

/// Sends every staged file below `folder`. A folder or file that vanishes meanwhile was not there.
fn walk(root: &Path, folder: &Path, sender: &Sender) -> Result<(), (PathBuf, std::io::Error)> {
    let failed = |source| (folder.to_owned(), source);
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        if entry.file_type().map_err(failed)?.is_dir() {
            walk(root, &path, sender)?;
            continue;
        }
        let Some(key) = staged_key(root, &path) else { continue };
        let meta = match entry.metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            meta => meta.map_err(failed)?,
        };
        let modified_ms = meta.modified().map(unix_ms).map_err(failed)?;
        if sender.blocking_send(Ok(StagedFile { path, key, size: meta.len(), modified_ms })).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// `blobs/ab/abcd…#1` is to become `blobs/ab/abcd…`.
fn staged_key(root: &Path, path: &Path) -> Option<StoreKey> {
    let (name, number) = path.strip_prefix(root).ok()?.to_str()?.rsplit_once('#')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    StoreKey::parse(name).filter(|_| is_number)
}

fn unix_ms(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
