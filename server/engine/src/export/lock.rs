//! One export at a time writes into a folder: two would remove and move each other's files that are not whole yet.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::error::ExportError;

/// Where it lies in the folder. It stays there: whoever removed it would take it from under one that has just opened it.
const PATH: &str = ".stowaway/lock";

/// A folder that no other export writes into until this is dropped, or its process ends.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the folder at `root`, which is made when it is not there, or fails at once when another export has it.
    pub(super) async fn take(root: &Path) -> Result<Self, ExportError> {
        let path = root.join(PATH);
        let locked = tokio::task::spawn_blocking(move || lock(path)).await.map_err(io::Error::other).flatten();
        match locked {
            Ok(Some(file)) => Ok(Self { _file: file }),
            Ok(None) => Err(ExportError::Busy { folder: root.to_owned() }),
            Err(error) => Err(ExportError::site("locked", PATH, error)),
        }
    }
}

/// Nothing when another has it.
fn lock(path: PathBuf) -> io::Result<Option<File>> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
