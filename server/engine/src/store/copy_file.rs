//! Putting a large file into a store on this machine: the kernel copies it, without a way through this program, and shares the
//! disk's blocks where the file system can. What was copied is read back and hashed before it becomes visible.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use stowaway_domain::{Digest, StoreKey};

use super::upload::{ExpectedFile, OnBytes};
use super::{Store, StoreError};

/// Read back at once: what fits the processor's cache.
const READ_BACK_BYTES: usize = 256 * 1024;

impl Store {
    /// Copies the file at `path` to `target`, the file of the object `key`, in parts of `part_bytes`.
    pub(super) async fn copy_file(
        &self,
        key: &StoreKey,
        path: &Path,
        target: &Path,
        expected: ExpectedFile,
        part_bytes: u64,
        on_bytes: OnBytes<'_>,
    ) -> Result<(), StoreError> {
        let (path, target, name) = (path.to_owned(), target.to_owned(), key.to_string());
        let mut copy = blocking(move || Copy::begin(name, path, &target, expected)).await?;
        while copy.copied < expected.size {
            let before = copy.copied;
            copy = blocking(move || copy.next_part(part_bytes)).await?;
            let stopped = |source| StoreError::Stopped { key: copy.key.clone(), source };
            on_bytes(copy.copied - before).map_err(stopped)?;
        }
        blocking(move || copy.finish()).await
    }
}

/// A copy that is not visible yet, and is removed when it is dropped before its end.
struct Copy {
    key: String,
    path: PathBuf,
    source: File,
    staged: Staged,
    expected: ExpectedFile,
    copied: u64,
    sha256: Sha256,
    buffer: Vec<u8>,
}

impl Copy {
    fn begin(key: String, path: PathBuf, target: &Path, expected: ExpectedFile) -> Result<Self, StoreError> {
        let source = File::open(&path).map_err(|source| StoreError::File { path: path.clone(), source })?;
        let staged = Staged::create(target).map_err(|source| failed(&key, source))?;
        let buffer = vec![0; READ_BACK_BYTES];
        Ok(Self { key, path, source, staged, expected, copied: 0, sha256: Sha256::new(), buffer })
    }

    fn next_part(mut self, part_bytes: u64) -> Result<Self, StoreError> {
        let length = part_bytes.min(self.expected.size - self.copied);
        // copy_file_range, where there is one; else read and write.
        let copied = io::copy(&mut (&self.source).take(length), &mut &self.staged.file);
        if copied.map_err(|source| failed(&self.key, source))? != length {
            return Err(self.changed());
        }
        self.hash_until(self.copied + length).map_err(|source| failed(&self.key, source))?;
        Ok(self)
    }

    fn hash_until(&mut self, end: u64) -> io::Result<()> {
        while self.copied < end {
            let length = usize::try_from(end - self.copied).unwrap_or(usize::MAX).min(self.buffer.len());
            let bytes = &mut self.buffer[..length];
            self.staged.file.read_exact_at(bytes, self.copied)?;
            self.sha256.update(bytes);
            self.copied += length as u64;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), StoreError> {
        let has_more = self.source.read(&mut [0]).map_err(|source| failed(&self.key, source))? > 0;
        if has_more || Digest::from_bytes(self.sha256.finalize_reset().into()) != self.expected.digest {
            return Err(self.changed());
        }
        self.staged.publish().map_err(|source| failed(&self.key, source))
    }

    fn changed(&self) -> StoreError {
        StoreError::FileChanged { path: self.path.clone() }
    }
}

/// A file beside the one that it will become, named as the store's own unfinished uploads are: `name#number`.
struct Staged {
    file: File,
    path: Option<PathBuf>,
    target: PathBuf,
}

impl Staged {
    fn create(target: &Path) -> io::Result<Self> {
        create_folder_of(target)?;
        for number in 1_u32.. {
            let mut name = target.as_os_str().to_owned();
            name.push(format!("#{number}"));
            let path = PathBuf::from(name);
            match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file, path: Some(path), target: target.to_owned() }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    /// Durable, then visible, then durably visible.
    fn publish(&mut self) -> io::Result<()> {
        self.file.sync_all()?;
        if let Some(path) = &self.path {
            fs::rename(path, &self.target)?;
            self.path = None;
        }
        sync_folder(self.target.parent())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let Some(path) = &self.path else { return };
        if let Err(error) = fs::remove_file(path) {
            tracing::warn!(path = %path.display(), %error, "the rest of a stopped upload could not be removed");
        }
    }
}

/// Makes the folder of an object, and each new one durable in the one above it.
pub(super) fn create_folder_of(target: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = target.ancestors().skip(1).take_while(|folder| !folder.exists()).collect();
    for folder in missing.into_iter().rev() {
        match fs::create_dir(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => sync_folder(folder.parent())?,
        }
    }
    Ok(())
}

pub(super) fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    folder.map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn failed(key: &str, source: io::Error) -> StoreError {
    StoreError::Failed { operation: "upload", key: key.to_owned(), source: Box::new(source) }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(source) => {
            Err(StoreError::Failed { operation: "upload", key: "a file".to_owned(), source: Box::new(source) })
        }
    }
}
