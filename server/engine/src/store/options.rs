//! What bounds the work of a store. The app fills it from configuration.

use std::time::Duration;

/// Bounds on memory, requests and patience.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Largest chunk that [`super::Store::read`] hands on.
    pub read_chunk_bytes: usize,
    /// Size of an upload's parts, and the bound above which an upload has parts. Object stores want 5 MiB and more; it is
    /// doubled for files that would need more than 10,000 parts.
    pub upload_part_bytes: usize,
    /// Parts of one upload that are on their way at once.
    pub upload_parts_in_flight: usize,
    /// How long a remote store may be silent in the middle of a request; a whole one may take longer.
    pub request_timeout: Duration,
    /// How often one request to a remote store is tried again.
    pub retries: usize,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            read_chunk_bytes: 256 * 1024,
            upload_part_bytes: 8 * 1024 * 1024,
            upload_parts_in_flight: 2,
            request_timeout: Duration::from_secs(30),
            retries: 3,
        }
    }
}
