//! What the reader holds in memory: every map bounded by configuration, every value loaded once however many ask.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use stowaway_domain::{AssetPath, Digest, StoreKey, Tag};

use super::bundles::PlannedBundle;
use super::piece_runs::CutBlob;
use super::{ReaderOptions, Resource};
use crate::db::{Pointer, ReleaseRow};
use crate::store::OpenFile;

/// Files of a local store held open, a descriptor each: half of what systems give a process that asks for no more.
const OPEN_FILES: u64 = 512;
/// For how long a file is held open. A blob that was deleted or replaced by hand is served on, and keeps its space, until then.
const OPEN_FILE_KEPT: Duration = Duration::from_secs(60);

/// What is known to be unchanged is asked for again all the same after this time: whatever goes wrong ends then.
const WATCHED: Duration = Duration::from_secs(60);

/// A document in memory, by what names it for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum DocumentKey {
    /// The manifest of a release while it is the current one.
    CurrentManifest(Tag, u64),
    /// The manifest of a release.
    Manifest(Tag, u64),
    /// The piece index of a release.
    ReleasePieces(Tag, u64),
    /// The Metalink of a release.
    Metalink(Tag, u64),
    /// The piece index of a blob.
    BlobPieces(Digest),
}

/// Everything held in memory.
pub(super) struct Caches {
    /// Pointers that need not be asked for again yet; `None` is a tag that does not exist.
    pub(super) fresh_pointers: Cache<Tag, Option<Pointer>>,
    /// Pointers by the version of their tag, while it is known when that changes.
    pub(super) watched_pointers: Cache<(Tag, u64), Option<Pointer>>,
    /// Pointers as they were last seen, for when the database is away.
    pub(super) last_pointers: Cache<Tag, Pointer>,
    /// Rows of releases; they never change.
    pub(super) releases: Cache<(Tag, u64), Arc<ReleaseRow>>,
    /// Documents, bounded by their bytes.
    pub(super) documents: Cache<DocumentKey, Arc<Resource>>,
    /// Parsed piece lists, bounded by their bytes.
    pub(super) pieces: Cache<Digest, Arc<CutBlob>>,
    /// Blobs under a name that some release has given them.
    pub(super) blobs: Cache<(Digest, String), Arc<Resource>>,
    /// Assets of a release by path.
    pub(super) media: Cache<(Tag, u64, AssetPath), Arc<Resource>>,
    /// Open files of a local store; a descriptor each.
    pub(super) open_files: Cache<StoreKey, OpenFile>,
    /// Layouts of bundles, by tag, release and selection, bounded by their bytes.
    pub(super) bundles: Cache<(Tag, u64, Option<String>), Arc<PlannedBundle>>,
    /// Manifests against the manifests that clients have, by both digests, bounded by their bytes.
    pub(super) deltas: Cache<(Digest, Digest), Arc<Resource>>,
    /// Catalogue pages that need not be built again yet, by address.
    pub(super) fresh_pages: Cache<String, Arc<Resource>>,
    /// Catalogue pages by address and version, while it is known when tags change.
    pub(super) watched_pages: Cache<(String, u64), Arc<Resource>>,
    /// Catalogue pages as they were last built.
    pub(super) last_pages: Cache<String, Arc<Resource>>,
}

impl Caches {
    pub(super) fn new(options: &ReaderOptions) -> Self {
        let bytes = options.document_cache_bytes;
        // Pages are few, deltas small, and both can be made again: an eighth is plenty.
        let page_bytes = bytes / 8;
        Self {
            fresh_pointers: Cache::builder()
                .max_capacity(options.cached_rows)
                // The other half is for those who remember what an address was resolved to.
                .time_to_live(options.pointer_fresh / 2)
                .build(),
            watched_pointers: Cache::builder().max_capacity(options.cached_rows).time_to_live(WATCHED).build(),
            last_pointers: Cache::new(options.cached_rows),
            releases: Cache::new(options.cached_rows),
            documents: Cache::builder().max_capacity(bytes).weigher(|_, resource| weight(resource)).build(),
            pieces: Cache::builder().max_capacity(bytes).weigher(|_, list| list_weight(list)).build(),
            blobs: Cache::new(options.cached_rows),
            media: Cache::new(options.cached_rows),
            open_files: Cache::builder().max_capacity(OPEN_FILES).time_to_live(OPEN_FILE_KEPT).build(),
            bundles: Cache::builder().max_capacity(bytes).weigher(|_, planned| bundle_weight(planned)).build(),
            deltas: Cache::builder().max_capacity(page_bytes).weigher(|_, resource| weight(resource)).build(),
            fresh_pages: Cache::builder()
                .max_capacity(page_bytes)
                .weigher(|_, resource| weight(resource))
                .time_to_live(options.pointer_fresh)
                .build(),
            watched_pages: Cache::builder()
                .max_capacity(page_bytes)
                .weigher(|_, resource| weight(resource))
                .time_to_live(WATCHED)
                .build(),
            last_pages: Cache::builder().max_capacity(page_bytes).weigher(|_, resource| weight(resource)).build(),
        }
    }
}

impl Caches {
    /// Forgets where blobs lie: an adopted one was found elsewhere.
    pub(super) fn forget_places(&self) {
        self.blobs.invalidate_all();
        self.media.invalidate_all();
        self.bundles.invalidate_all();
        self.pieces.invalidate_all();
    }
}

/// Bytes of a document in all its forms, and about what its headers and its place in the map take.
fn weight(resource: &Arc<Resource>) -> u32 {
    const OVERHEAD_BYTES: u64 = 1024;
    u32::try_from(resource.memory_bytes() + OVERHEAD_BYTES).unwrap_or(u32::MAX)
}

fn bundle_weight(planned: &Arc<PlannedBundle>) -> u32 {
    u32::try_from(planned.layout.memory_bytes()).unwrap_or(u32::MAX)
}

fn list_weight(blob: &Arc<CutBlob>) -> u32 {
    u32::try_from(size_of_val(blob.pieces.pieces.as_slice()) + size_of::<CutBlob>()).unwrap_or(u32::MAX)
}
