//! Resolving and reading what is published: pointers, documents, blobs and pieces.
//!
//! Everything resolves to a [`Resource`]: what can be answered for one address, and where its bytes are. Resources are kept in
//! memory within bounds and loaded once however many ask. What was served before is served on when the database is away.

mod blobs;
mod bundles;
mod caches;
mod catalogue;
mod difference;
mod documents;
mod error;
mod forms;
mod gone;
mod local_files;
mod metalinks;
mod options;
mod outage;
mod piece_runs;
mod pointers;
mod readiness;
mod redirects;
mod resource;
mod select;
mod spans;
mod variants;
mod watch;

#[cfg(test)]
mod tests;

pub use bundles::PlannedBundle;
pub use error::ReadError;
pub use options::ReaderOptions;
pub use readiness::Unready;
pub use resource::{Content, Resource};
pub use select::Asked;
pub use spans::{Body, Span, SpanStream, Spans};

use std::sync::Arc;
use std::time::Duration;

use stowaway_domain::cache_policy::CachePolicy;

use crate::db::{Database, DbError};
use crate::slices::SliceCache;
use crate::store::Store;
use caches::Caches;
use local_files::LocalReads;
use outage::Outage;
use watch::Watch;

/// Reads what is published. Cheap to clone; clones share what is in memory.
#[derive(Clone)]
pub struct Reader {
    store: Store,
    slices: Option<SliceCache>,
    database: Database,
    options: Arc<ReaderOptions>,
    caches: Arc<Caches>,
    local_reads: Arc<LocalReads>,
    outage: Outage,
    watch: Arc<Watch>,
}

impl Reader {
    /// A reader with nothing in memory yet.
    #[must_use]
    pub fn new(store: Store, database: Database, options: ReaderOptions) -> Self {
        let caches = Arc::new(Caches::new(&options));
        let (local_reads, outage) = (Arc::default(), Outage::default());
        Self {
            store,
            slices: None,
            database,
            options: Arc::new(options),
            caches,
            local_reads,
            outage,
            watch: Arc::default(),
        }
    }

    /// The same reader, which reads blobs through a slice cache.
    #[must_use]
    pub fn with_slices(self, slices: SliceCache) -> Self {
        Self { slices: Some(slices), ..self }
    }

    /// The same reader, which hears from the database what changes instead of asking again and again. One task does so while a
    /// clone of the reader is there; where it cannot, [`ReaderOptions::pointer_fresh`] counts as it does without this.
    #[must_use]
    pub fn watching(self) -> Self {
        watch::begin(&self.watch, self.database.clone());
        self
    }

    /// How long an address that changes may be answered as it was resolved, by whoever remembers that. The other half of
    /// [`ReaderOptions::pointer_fresh`] is spent here.
    #[must_use]
    pub fn current_fresh(&self) -> Duration {
        // Whoever remembers does not hear what changes, and a release is to be seen within a second.
        const MOST: Duration = Duration::from_millis(250);
        (self.options.pointer_fresh / 2).min(MOST)
    }

    /// How the current manifest and the catalogue are kept.
    #[must_use]
    pub fn pointer_policy(&self) -> CachePolicy {
        self.options.pointer_policy
    }

    /// Title of the catalogue.
    #[must_use]
    pub fn catalogue_title(&self) -> &str {
        &self.options.catalogue_title
    }

    /// Can it mostly be answered without waiting: from memory or from files of this machine?
    #[must_use]
    pub fn is_at_hand(&self, resource: &Resource) -> bool {
        match resource.content {
            Content::Memory(_) => true,
            Content::Stored { .. } => self.slices.is_none() && self.store.is_local(),
            Content::Bundle(_) => false,
        }
    }

    /// Waits for a query, but not for ever: an unreachable database must not hold up what can be answered without it.
    async fn within<T>(&self, query: impl Future<Output = Result<T, DbError>>) -> Result<T, ReadError> {
        let limit: Duration = self.options.database_patience;
        let answer = match tokio::time::timeout(limit, query).await {
            Ok(answer) => answer.map_err(ReadError::Database),
            Err(_) => Err(ReadError::DatabaseSilent { limit }),
        };
        if answer.is_err() {
            self.outage.begin(&self.database, limit);
        }
        answer
    }
}
