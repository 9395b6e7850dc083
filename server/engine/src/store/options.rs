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
    /// How long making a connection to a remote store may take.
    pub connect_timeout: Duration,
    /// How often one request to a remote store is tried again.
    pub retries: usize,
    /// Where the service is, when it is not the vendor's own.
    pub endpoint: Option<String>,
    /// The region of an S3 bucket.
    pub region: Option<String>,
    /// S3: the bucket is the first part of the path, not of the host name.
    pub path_style: bool,
    /// Variables in which the vendors keep credentials: those that begin with `AWS_`, `GOOGLE_` or `AZURE_` count.
    pub environment: Vec<(String, String)>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            read_chunk_bytes: 256 * 1024,
            upload_part_bytes: 8 * 1024 * 1024,
            upload_parts_in_flight: 2,
            request_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            retries: 3,
            endpoint: None,
            region: None,
            path_style: true,
            environment: Vec::new(),
        }
    }
}
