//! Copies of objects while they are read: gone when they were, and also when the process that made them died.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use tempfile::NamedTempFile;

const PREFIX: &str = "stowaway-adopt-";

/// A file of the scratch folder, held by a lock that ends with the process at the latest.
pub(super) struct ScratchCopy(NamedTempFile);

impl ScratchCopy {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        loop {
            let file = NamedTempFile::with_prefix_in(PREFIX, folder)?;
            file.as_file().lock()?;
            // Until it was locked, it may have been taken for one that nobody holds.
            if is_still_at(file.as_file(), file.path())? {
                return Ok(Self(file));
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}

fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    let opened = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((opened.dev(), opened.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes the copies that nobody holds. What cannot be removed is said, and in nobody's way.
pub(super) async fn remove_what_was_left(folder: &Path) {
    let (swept, shown) = (folder.to_owned(), folder.display().to_string());
    let outcome = tokio::task::spawn_blocking(move || sweep(&swept)).await.map_err(io::Error::other).flatten();
    if let Err(error) = outcome {
        tracing::warn!(folder = shown, %error, "copies that an adoption left which died could not be removed");
    }
}

fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_copy = entry.file_name().to_string_lossy().starts_with(PREFIX) && entry.file_type()?.is_file();
        if is_copy {
            remove_unless_held(&entry.path())?;
        }
    }
    Ok(())
}

/// A scratch folder is shared by users of a machine: what is another's is theirs to remove.
fn remove_unless_held(path: &Path) -> io::Result<()> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    match fs::remove_file(path) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_that_nobody_holds_are_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let held = ScratchCopy::create(folder.path()).unwrap();
        fs::write(held.path(), "held").unwrap();
        let left = ["left", "stopped-before-it-was-locked"].map(|name| folder.path().join(format!("{PREFIX}{name}")));
        fs::write(&left[0], "left").unwrap();
        fs::write(&left[1], "").unwrap();
        for other in ["other", "stowaway-adopt-folder/x"] {
            let other = folder.path().join(other);
            fs::create_dir_all(other.parent().unwrap()).unwrap();
            fs::write(other, "other").unwrap();
        }
        sweep(folder.path()).unwrap();
        assert!(!left.iter().any(|left| left.exists()) && held.path().exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        let path = held.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }

    #[test]
    fn copies_are_held_from_when_they_are_there_however_much_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let made: Vec<ScratchCopy> = std::thread::scope(|scope| {
            let making = scope.spawn(|| (0..200).map(|_| ScratchCopy::create(folder.path()).unwrap()).collect());
            while !making.is_finished() {
                sweep(folder.path()).unwrap();
            }
            making.join().unwrap()
        });
        assert!(made.iter().all(|copy| copy.path().exists()));
    }
}
