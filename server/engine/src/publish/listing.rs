//! A folder as a list of files with their digests, for those who publish it over the network.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use stowaway_domain::Digest;
use stowaway_domain::file_list::ListedFile;

use super::scan::{self, ScannedFile, ScannedFolder};
use super::source::Source;
use super::{Progress, ProgressEvent, PublishError};

/// Read at once.
const READ_BYTES: usize = 1024 * 1024;

/// A folder that was listed and read.
#[derive(Debug)]
pub struct FolderListing {
    folder: ScannedFolder,
    /// Its files, in order.
    pub files: Vec<LocalFile>,
}

/// One of its files.
#[derive(Debug, Clone)]
pub struct LocalFile {
    /// What it is.
    pub listed: ListedFile,
    /// Where its bytes are.
    pub location: PathBuf,
}

impl FolderListing {
    /// The text of `tag.toml`, if there is one.
    #[must_use]
    pub fn tag_toml(&self) -> Option<&str> {
        self.folder.metadata_text.as_deref()
    }

    /// The listing again, when the folder is still what it was.
    ///
    /// # Errors
    /// A file came, went or changed.
    pub async fn settled(self) -> Result<Self, PublishError> {
        let Self { folder, files } = self;
        match Source::Folder(folder).settled().await? {
            Source::Folder(folder) => Ok(Self { folder, files }),
            Source::Stored { .. } => Err(PublishError::Internal("a folder became a list".into())),
        }
    }
}

/// Lists a folder and hashes its files, `workers` at once.
///
/// # Errors
/// As [`Publisher::publish`](super::Publisher::publish): the folder breaks a rule, or cannot be read.
pub async fn list_folder(
    folder: &Path,
    workers: usize,
    progress: Arc<dyn Progress>,
) -> Result<FolderListing, PublishError> {
    let root = folder.to_owned();
    let scanned = tokio::task::spawn_blocking(move || scan::scan(&root));
    let folder = scanned.await.map_err(|source| PublishError::Internal(Box::new(source)))??;
    let bytes = folder.files.iter().map(|file| file.stamp.size()).sum();
    progress.report(&ProgressEvent::Scanned { files: folder.files.len() as u64, bytes });
    let hashing: Vec<_> = folder.files.iter().map(|file| hash_one(file.clone(), Arc::clone(&progress))).collect();
    let files = stream::iter(hashing).buffered(workers.max(1)).try_collect().await?;
    Ok(FolderListing { folder, files })
}

async fn hash_one(file: ScannedFile, progress: Arc<dyn Progress>) -> Result<LocalFile, PublishError> {
    let hashed = tokio::task::spawn_blocking(move || {
        let digest = hash(&file, progress.as_ref())?;
        let listed = ListedFile { path: file.path, size: file.stamp.size(), digest };
        Ok(LocalFile { listed, location: file.location })
    });
    hashed.await.map_err(|source| PublishError::Internal(Box::new(source)))?
}

fn hash(file: &ScannedFile, progress: &dyn Progress) -> Result<Digest, PublishError> {
    let unreadable = |source| PublishError::Unreadable { path: file.location.clone(), source };
    let mut opened = File::open(&file.location).map_err(unreadable)?;
    let (mut sha256, mut buffer, mut size) = (Sha256::new(), vec![0; READ_BYTES], 0);
    loop {
        let read = opened.read(&mut buffer).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        sha256.update(&buffer[..read]);
        size += read as u64;
        progress.report(&ProgressEvent::Read { bytes: read as u64 });
    }
    if size != file.stamp.size() {
        return Err(PublishError::Changed { path: file.path.clone() });
    }
    Ok(Digest::from_bytes(sha256.finalize().into()))
}
