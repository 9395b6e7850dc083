//! The engine's readers of media headers, taken in by path: the engine itself would bring databases and clouds along.

use std::fs::File;

use stowaway_domain::AssetPath;
use stowaway_domain::media_type::MediaTypeError;
use stowaway_domain::probe::Probe;

/// Stands for the engine's error, of which the readers use these two.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The name and the bytes do not agree.
    #[error(transparent)]
    Type(#[from] MediaTypeError),
    /// It cannot be read.
    #[error("{path}: {reason}")]
    Media {
        /// The file.
        path: AssetPath,
        /// In the reader's words.
        reason: String,
    },
}

#[path = "../../../engine/src/publish/probe/mod.rs"]
mod probe;

/// What publishing finds out about a file.
///
/// # Errors
/// What publishing would refuse.
pub fn probe_file(path: &AssetPath, file: &mut File, size: u64) -> Result<Probe, PublishError> {
    probe::probe(path, file, size)
}
