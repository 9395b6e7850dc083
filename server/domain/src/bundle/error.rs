//! Why a bundle cannot be laid out.

use crate::{AssetPath, Digest};

/// Why a bundle cannot be laid out. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Two entries of one name.
    #[error("the path {path:?} is there twice: a bundle needs every file once")]
    Twice {
        /// The path.
        path: AssetPath,
    },
    /// The sizes add up to more than 64 bits hold.
    #[error("the sizes add up to more bytes than a file can have: they cannot be right")]
    TooLarge,
    /// The manifest has no such selection.
    #[error("the release has no selection {id:?}: take one from download.selections of its manifest")]
    NoSuchSelection {
        /// What was asked for.
        id: String,
    },
    /// Nothing is recorded about a blob.
    #[error("no CRC-32 is recorded for the blob {digest}: publish the release again")]
    NoChecksum {
        /// The blob.
        digest: Digest,
    },
}
