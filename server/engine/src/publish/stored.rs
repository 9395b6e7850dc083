//! Step 2 for what the store has already: one read of the object, whose result is stored beside it, and a probe that reads only
//! headers and indexes.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use stowaway_domain::StoreKey;
use stowaway_domain::content::{Content, DescribedAsset, Description};
use stowaway_domain::file_list::ListedFile;
use stowaway_domain::probe::Probe;

use super::describe::{read_once, with_bitrate};
use super::{Progress, ProgressEvent, PublishError, probe};
use crate::store::{Store, StoreError};

/// What one request brings when the whole object is read.
const READ_BLOCK_BYTES: u64 = 4 * 1024 * 1024;
/// What one request brings when only headers are.
const PROBE_BLOCK_BYTES: u64 = 128 * 1024;
/// A description has some 130 bytes a piece, and pieces have 256 KiB at least.
const DESCRIPTION_MIN_BYTES: u64 = 64 * 1024;

/// Describes a blob of the store.
pub(super) async fn describe_stored(
    store: &Store,
    file: &ListedFile,
    progress: Arc<dyn Progress>,
    stopped: Arc<AtomicBool>,
) -> Result<DescribedAsset, PublishError> {
    if store.size(&StoreKey::Blob(file.digest)).await? != Some(file.size) {
        return Err(PublishError::NotStored { path: file.path.clone(), digest: file.digest });
    }
    let content = match known(store, file).await? {
        Some(content) => {
            progress.report(&ProgressEvent::Read { bytes: file.size });
            content
        }
        None => measure(store, file, &progress, stopped).await?,
    };
    let probe = with_bitrate(probe_stored(store, file).await?, content.size);
    progress.report(&ProgressEvent::Described { path: file.path.clone() });
    Ok(DescribedAsset { path: file.path.clone(), probe, content })
}

/// What an earlier read found out, if there was one.
async fn known(store: &Store, file: &ListedFile) -> Result<Option<Content>, PublishError> {
    let most = DESCRIPTION_MIN_BYTES + file.size / 1024;
    match store.get_bytes(&StoreKey::BlobDescription(file.digest), most).await {
        Ok(bytes) => Ok(Description::content_of(&bytes, &file.digest, file.size)),
        Err(StoreError::NotFound { .. } | StoreError::TooLarge { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn measure(
    store: &Store,
    file: &ListedFile,
    progress: &Arc<dyn Progress>,
    stopped: Arc<AtomicBool>,
) -> Result<Content, PublishError> {
    let (reader, size) = (store.reader(StoreKey::Blob(file.digest), file.size, READ_BLOCK_BYTES), file.size);
    let progress = Arc::clone(progress);
    let read = tokio::task::spawn_blocking(move || read_once(reader, size, progress.as_ref(), &stopped));
    let read = read.await.map_err(|source| PublishError::Internal(Box::new(source)))?;
    let content = read.map_err(|error| unreadable(file, error))?;
    if content.digest != file.digest {
        return Err(PublishError::StoredDamaged { path: file.path.clone(), digest: file.digest });
    }
    let description = Description::new(content.clone()).to_bytes();
    store.put_bytes(&StoreKey::BlobDescription(file.digest), Bytes::from(description)).await?;
    Ok(content)
}

async fn probe_stored(store: &Store, file: &ListedFile) -> Result<Probe, PublishError> {
    let mut reader = store.reader(StoreKey::Blob(file.digest), file.size, PROBE_BLOCK_BYTES);
    let (path, size) = (file.path.clone(), file.size);
    let probed = tokio::task::spawn_blocking(move || probe::probe(&path, &mut reader, size));
    probed.await.map_err(|source| PublishError::Internal(Box::new(source)))?
}

/// The store's own error, which a reader has to wrap.
fn unreadable(file: &ListedFile, error: std::io::Error) -> PublishError {
    match error.downcast::<StoreError>() {
        Ok(error) => error.into(),
        Err(source) => PublishError::Store(StoreError::Failed {
            operation: "read",
            key: StoreKey::Blob(file.digest).to_string(),
            source: Box::new(source),
        }),
    }
}
