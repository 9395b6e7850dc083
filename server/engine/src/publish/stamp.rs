//! Whether a file is still what it was: size, times and identity, as the file system says.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

/// Differs whenever a file was written to, replaced or cut, as far as the file system's clock can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileStamp {
    size: u64,
    device: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileStamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.size(),
            device: metadata.dev(),
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }
}
