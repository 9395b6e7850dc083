//! What a publish tells whoever watches it.

use stowaway_domain::AssetPath;

/// Something happened. Byte counts are increments.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProgressEvent {
    /// The folder was listed: so much will be read.
    Scanned {
        /// Files.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// Bytes of a file were read, hashed and cut.
    Read {
        /// How many.
        bytes: u64,
    },
    /// Bytes of an object need not be read: what they are was found out before.
    Known {
        /// How many.
        bytes: u64,
    },
    /// A file was read to its end.
    Described {
        /// Which.
        path: AssetPath,
    },
    /// What the store lacks is known: so much will be uploaded.
    UploadPlanned {
        /// Blobs.
        blobs: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// Bytes of a blob arrived in the store.
    Uploaded {
        /// How many.
        bytes: u64,
    },
}

/// Watches a publish. Called from many threads; must not block.
pub trait Progress: Send + Sync {
    /// Something happened.
    fn report(&self, event: &ProgressEvent);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn report(&self, _: &ProgressEvent) {}
}
