//! What bounds the reader. The app fills it from configuration.

use std::time::Duration;

use stowaway_domain::cache_policy::CachePolicy;

/// Bounds on memory and patience, and what browsers and edges are told.
#[derive(Debug, Clone)]
pub struct ReaderOptions {
    /// Bytes of documents held in memory: manifests, piece indexes, catalogue pages.
    pub document_cache_bytes: u64,
    /// Rows of each kind held in memory.
    pub cached_rows: u64,
    /// A document larger than this is refused as damaged rather than loaded.
    pub document_max_bytes: u64,
    /// For how long a pointer or catalogue page is used without asking the database again.
    pub pointer_fresh: Duration,
    /// How long one query may take.
    pub database_patience: Duration,
    /// Caching of the current manifest and the catalogue.
    pub pointer_policy: CachePolicy,
    /// Title of the catalogue.
    pub catalogue_title: String,
    /// Scheme and authority under which everybody reaches this server, such as `https://media.example.org`. Only Metalinks need it.
    pub public_origin: Option<String>,
}

impl Default for ReaderOptions {
    fn default() -> Self {
        Self {
            document_cache_bytes: 64 * 1024 * 1024,
            cached_rows: 100_000,
            document_max_bytes: 256 * 1024 * 1024,
            pointer_fresh: Duration::from_millis(250),
            database_patience: Duration::from_secs(3),
            pointer_policy: CachePolicy::Pointer { max_age_s: 10, shared_max_age_s: 60 },
            catalogue_title: "Stowaway".to_owned(),
            public_origin: None,
        }
    }
}
