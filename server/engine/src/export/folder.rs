//! A site in a folder: each file appears whole, with the date that the server would say, and stays when the machine loses power.

use std::fs::{self, File, FileTimes};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::error::ExportError;
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
        let mut part = blocking(move || Part::create(target)).await.map_err(failed)?;
        while let Some(chunk) = source.next().await? {
            part = blocking(move || part.append(&chunk)).await.map_err(failed)?;
        }
        source.finish()?;
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(headers.last_modified_unix_s);
        blocking(move || part.publish(modified)).await.map_err(failed)
    }
}

/// A file that is not whole yet, and is removed when it never becomes so.
struct Part {
    file: File,
    path: PathBuf,
    target: PathBuf,
    is_published: bool,
}

impl Part {
    fn create(target: PathBuf) -> io::Result<Self> {
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut name = target.as_os_str().to_owned();
        name.push(PART);
        let path = PathBuf::from(name);
        // One that an interrupted export left is begun again.
        Ok(Self { file: File::create(&path)?, path, target, is_published: false })
    }

    fn append(mut self, chunk: &[u8]) -> io::Result<Self> {
        self.file.write_all(chunk)?;
        Ok(self)
    }

    fn publish(mut self, modified: SystemTime) -> io::Result<()> {
        self.file.set_times(FileTimes::new().set_modified(modified))?;
        self.file.sync_all()?;
        fs::rename(&self.path, &self.target)?;
        self.is_published = true;
        // So that what names this file is never durable before it.
        self.target.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_published
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "the rest of a stopped export could not be removed");
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other).flatten()
}
