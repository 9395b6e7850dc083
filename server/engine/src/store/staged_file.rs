//! The file of a staged object in a store that is a folder. Whoever writes holds the file's lock, which ends with the process; whoever
//! makes an object of it reads it back first, under the same lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use stowaway_domain::Digest;

use super::copy_file::{create_folder_of, sync_folder};

/// Read back at once: what fits the processor's cache.
const READ_BACK_BYTES: usize = 256 * 1024;

/// Makes an empty file, and its folder.
pub(super) fn create(path: &Path) -> Result<()> {
    create_folder_of(path)?;
    OpenOptions::new().write(true).create(true).truncate(false).open(path)?.sync_all()?;
    sync_folder(path.parent())
}

/// Writes bytes at `offset`, durably.
pub(super) fn write(path: &Path, offset: u64, bytes: &[u8]) -> Result<()> {
    let file = lock(path)?;
    file.write_all_at(bytes, offset)?;
    file.sync_data()
}

/// Makes the file the object at `target`, if its first `size` bytes are those of `digest`. Is done already when the object is there
/// and the file is not.
pub(super) fn publish(path: &Path, target: &Path, digest: Digest, size: u64) -> Result<()> {
    let file = match lock(path) {
        Err(error) if error.kind() == ErrorKind::NotFound && fs::metadata(target).is_ok_and(|is| is.len() == size) => {
            return Ok(());
        }
        file => file?,
    };
    // An append that was stopped may have left bytes behind the last one that counts.
    file.set_len(size)?;
    if digest_of(&file, size)? != digest {
        return Err(Error::new(ErrorKind::InvalidData, "the bytes on the disk are not those that arrived"));
    }
    file.sync_all()?;
    create_folder_of(target)?;
    fs::rename(path, target)?;
    sync_folder(target.parent())?;
    remove(path)
}

/// Removes the file, if it is there, and its folder.
pub(super) fn remove(path: &Path) -> Result<()> {
    let not_there = |error: Error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) };
    fs::remove_file(path).or_else(not_there)?;
    path.parent().map_or(Ok(()), |folder| fs::remove_dir(folder).or_else(not_there))
}

/// Opens the file for one writer. It may have become an object between opening and locking: then nobody may write to it any more.
fn lock(path: &Path) -> Result<File> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Error::new(ErrorKind::ResourceBusy, "another process writes to the same upload"));
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let (opened, there) = (file.metadata()?, fs::metadata(path)?);
    if (opened.dev(), opened.ino()) == (there.dev(), there.ino()) {
        return Ok(file);
    }
    Err(ErrorKind::NotFound.into())
}

fn digest_of(file: &File, size: u64) -> Result<Digest> {
    let (mut sha256, mut buffer, mut at) = (Sha256::new(), vec![0; READ_BACK_BYTES], 0);
    while at < size {
        let length = usize::try_from(size - at).unwrap_or(usize::MAX).min(buffer.len());
        file.read_exact_at(&mut buffer[..length], at)?;
        sha256.update(&buffer[..length]);
        at += length as u64;
    }
    Ok(Digest::from_bytes(sha256.finalize().into()))
}

/// Runs file work where it may block.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::other).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_the_digest_never_becomes_an_object() {
        let folder = tempfile::tempdir().unwrap();
        let (path, target) = (folder.path().join("uploads/a/bytes"), folder.path().join("blobs/ab/abc"));
        create(&path).unwrap();
        write(&path, 0, b"wrong").unwrap();
        assert_eq!(publish(&path, &target, Digest::of(b"right"), 5).unwrap_err().kind(), ErrorKind::InvalidData);
        assert!(!target.exists());
        write(&path, 0, b"right and more").unwrap();
        publish(&path, &target, Digest::of(b"right"), 5).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"right");
        assert!(!path.parent().unwrap().exists());
        // Again, as after a crash.
        publish(&path, &target, Digest::of(b"right"), 5).unwrap();
        assert_eq!(write(&path, 0, b"late").unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(fs::read(&target).unwrap(), b"right");
    }

    #[test]
    fn one_writes_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("uploads/a/bytes");
        create(&path).unwrap();
        let other = lock(&path).unwrap();
        assert_eq!(write(&path, 0, b"x").unwrap_err().kind(), ErrorKind::ResourceBusy);
        drop(other);
        write(&path, 0, b"x").unwrap();
        remove(&path).unwrap();
        remove(&path).unwrap();
    }
}
