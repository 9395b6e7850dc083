//! Copies of objects while they are read: gone when they were, and also when the process that made them died.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

const PREFIX: &str = "stowaway-adopt-";

/// A file of the scratch folder, held by a lock that ends with the process at the latest.
pub(super) struct ScratchCopy(NamedTempFile);

impl ScratchCopy {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let file = NamedTempFile::with_prefix_in(PREFIX, folder)?;
        file.as_file().lock()?;
        Ok(Self(file))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
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
    // Between its making and its lock a copy is empty, and is made again by nobody: it is left for the next time.
    if file.metadata()?.len() == 0 {
        return Ok(());
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
        let left = folder.path().join("stowaway-adopt-left");
        fs::write(&left, "left").unwrap();
        for other in ["other", "stowaway-adopt-folder/x"] {
            let other = folder.path().join(other);
            fs::create_dir_all(other.parent().unwrap()).unwrap();
            fs::write(other, "other").unwrap();
        }
        sweep(folder.path()).unwrap();
        assert!(!left.exists() && held.path().exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        let path = held.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }
}
