//! A site in a folder: each file appears whole, with the date that the server would say, and stays when the machine loses power.

use std::fs::{self, File, FileTimes};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use stowaway_domain::Digest;

use super::error::ExportError;
use super::removal::{remove_below, remove_file, sync_folder};
use super::site::KeptHeaders;
use super::write::Source;

/// Ending of a file that is not whole. No file of a site has a name like that: nothing published ends with `~`.
const PART: &str = ".part~";

/// The folder.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    pub(super) const fn new(root: PathBuf) -> Self {
        Self(root)
    }

    pub(super) fn root(&self) -> &Path {
        &self.0
    }

    pub(super) async fn size(&self, path: &str) -> Result<Option<u64>, ExportError> {
        match tokio::fs::metadata(self.0.join(path)).await {
            Ok(found) if found.is_file() => Ok(Some(found.len())),
            Ok(_) => Err(ExportError::site("written", path, "there is a folder in its place")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ExportError::site("looked up", path, error)),
        }
    }

    pub(super) async fn read(&self, path: &str) -> Result<Bytes, ExportError> {
        let read = tokio::fs::read(self.0.join(path)).await;
        read.map(Bytes::from).map_err(|error| ExportError::site("read", path, error))
    }

    pub(super) async fn write(
        &self,
        path: &str,
        headers: &KeptHeaders,
        mut source: Source<'_>,
    ) -> Result<(), ExportError> {
        let failed = |error| ExportError::site("written", path, error);
        let target = self.0.join(path);
        let mut part = blocking(move || Staged::new(target)?.create()).await.map_err(failed)?;
        while let Some(chunk) = source.next().await? {
            part = blocking(move || part.append(&chunk)).await.map_err(failed)?;
        }
        source.finish()?;
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(headers.last_modified_unix_s);
        blocking(move || part.publish(modified)).await.map_err(failed)
    }

    /// Makes `path` a second name of the file at `original`; false when the file system has no such thing.
    pub(super) async fn link(&self, original: &str, path: &str) -> Result<bool, ExportError> {
        let (original, target) = (self.0.join(original), self.0.join(path));
        let staged = blocking(move || Staged::new(target)).await;
        let staged = staged.map_err(|error| ExportError::site("written", path, error))?;
        match blocking(move || staged.link(&original)).await {
            Ok(()) => Ok(true),
            // Other file systems have other words for it; what writing cannot do either is said when it is tried.
            Err(error) => {
                tracing::debug!(path, %error, "a copy is written, as there can be no second name");
                Ok(false)
            }
        }
    }

    /// Removes the file at `path`, if it is there, and the folders that it was the last one in.
    pub(super) async fn remove(&self, path: &str) -> Result<(), ExportError> {
        let (root, target) = (self.0.clone(), self.0.join(path));
        let removed = blocking(move || remove_below(&root, &target)).await;
        removed.map_err(|error| ExportError::site("removed", path, error))
    }
}

/// The name of a file until it is whole.
struct Staged {
    path: PathBuf,
    target: PathBuf,
}

/// A file that is not whole yet, and is removed when it never becomes so.
struct Part {
    file: File,
    staged: Staged,
    is_published: bool,
}

impl Staged {
    fn new(target: PathBuf) -> io::Result<Self> {
        let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(ErrorKind::InvalidFilename.into());
        };
        fs::create_dir_all(folder)?;
        // Short, as a name may be as long as the file system takes one.
        let name = Digest::of(name.as_encoded_bytes()).hex();
        let path = folder.join(format!(".{}{PART}", &name[..16]));
        // What an interrupted export left is begun again. It may be a second name of a file of the site, which must not be written to.
        remove_file(&path)?;
        Ok(Self { path, target })
    }

    fn create(self) -> io::Result<Part> {
        let file = File::create_new(&self.path)?;
        Ok(Part { file, staged: self, is_published: false })
    }

    /// A second name of `original`, which is durable.
    fn link(self, original: &Path) -> io::Result<()> {
        fs::hard_link(original, &self.path)?;
        let linked = self.appear();
        // Of two names of one file, renaming one to the other leaves both.
        remove_file(&self.path)?;
        linked
    }

    fn appear(&self) -> io::Result<()> {
        fs::rename(&self.path, &self.target)?;
        // So that what names this file is never durable before it.
        self.target.parent().map_or(Ok(()), sync_folder)
    }
}

impl Part {
    fn append(mut self, chunk: &[u8]) -> io::Result<Self> {
        self.file.write_all(chunk)?;
        Ok(self)
    }

    fn publish(mut self, modified: SystemTime) -> io::Result<()> {
        self.file.set_times(FileTimes::new().set_modified(modified))?;
        self.file.sync_all()?;
        self.staged.appear()?;
        self.is_published = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_published
            && let Err(error) = remove_file(&self.staged.path)
        {
            tracing::warn!(path = %self.staged.path.display(), %error, "the rest of a stopped export could not be removed");
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other).flatten()
}
