//! What bounds the slice cache. The app fills it from configuration.

use std::path::PathBuf;
use std::time::Duration;

use stowaway_domain::slice::SliceSize;

/// Where slices lie and how many there may be.
#[derive(Debug, Clone)]
pub struct SliceOptions {
    /// The folder; made when it is not there. Only what lies below its folder `slices-v1` is touched.
    pub directory: PathBuf,
    /// How much is fetched and kept at a time.
    pub slice_size: SliceSize,
    /// Bytes of all slices on disk, whole or being filled.
    pub max_bytes: u64,
    /// Slices fetched ahead of a reader of a long range, and of one that reads range after range.
    pub read_ahead_slices: u64,
    /// Slices being filled at once; more wait for their turn. Each holds up to about half a megabyte in memory.
    pub fills_at_once: usize,
    /// Files of slices held open beside those that answers are using.
    pub open_files: u64,
    /// For how long nothing is written after the folder failed.
    pub rest_after_failure: Duration,
}

impl SliceOptions {
    /// The defaults, in `directory`.
    #[must_use]
    pub fn in_directory(directory: PathBuf) -> Self {
        Self {
            directory,
            slice_size: SliceSize::new(4 * 1024 * 1024).expect("four megabytes are not zero"),
            max_bytes: 8 * 1024 * 1024 * 1024,
            read_ahead_slices: 2,
            fills_at_once: 32,
            open_files: 512,
            rest_after_failure: Duration::from_secs(5),
        }
    }
}
