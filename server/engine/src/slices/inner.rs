//! The acting half of the cache: index and folder changed together, fills begun, and the folder given a rest when it fails.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::SliceOptions;
use super::counts::Counts;
use super::fill::{self, Fill, Progress};
use super::folder::{Folder, Held, SliceId};
use super::index::{Found, Index};
use super::origin::OriginRef;
use super::threads::FillThreads;
use crate::error_chain::ErrorChain;

/// Slices given up when the disk is full though the cache is not.
const GIVEN_UP_ON_FULL_DISK: u64 = 4;

/// What all clones of the cache share.
pub(super) struct Inner {
    pub(super) options: SliceOptions,
    /// Empty as long as it could not be opened.
    folder: OnceLock<Arc<Folder>>,
    index: Mutex<Index>,
    /// Of fills.
    pub(super) turns: Arc<Semaphore>,
    /// Fills outlive the answer, and the thread, that began them.
    threads: FillThreads,
    /// For what readers have done in the folder, away from the threads that serve.
    runtime: Handle,
    pub(super) counts: Counts,
}

/// A slice as a reader can use it.
pub(super) enum Slice {
    /// From its file.
    Whole(Arc<File>),
    /// From a file that grows.
    Growing(Arc<Fill>, watch::Receiver<Progress>),
    /// Only from the store.
    Unavailable,
}

impl Inner {
    pub(super) fn new(options: SliceOptions) -> io::Result<Self> {
        let turns = Arc::new(Semaphore::new(options.fills_at_once.max(1)));
        let (folder, index) = (OnceLock::new(), Mutex::default());
        let (threads, runtime) = (FillThreads::start()?, Handle::current());
        Ok(Self { options, folder, index, turns, threads, runtime, counts: Counts::register() })
    }

    pub(super) fn index(&self) -> MutexGuard<'_, Index> {
        // No code under this lock panics half-way through a change.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds a slice of which `wanted` bytes are needed, or begins to fetch it.
    pub(super) async fn slice(self: &Arc<Self>, origin: OriginRef<'_>, id: SliceId, wanted: u64) -> Slice {
        loop {
            let closed = {
                let mut index = self.index();
                match index.find(id) {
                    Found::Open { file, len } if len >= wanted => {
                        self.counts.hits.increment(1);
                        return Slice::Whole(file);
                    }
                    Found::Closed(held) if held.len >= wanted => held,
                    Found::Filling(fill) => {
                        self.counts.collapsed.increment(1);
                        let progress = fill.watch();
                        return Slice::Growing(fill, progress);
                    }
                    // The object was shorter when it was fetched: it is looked at again.
                    Found::Open { .. } | Found::Closed(_) => {
                        let given_up = index.forget(id);
                        drop(index);
                        self.remove_files(given_up.map(|held| (id, held)).into_iter().collect());
                        continue;
                    }
                    Found::Missing => {
                        if !self.may_fill_now(&index) {
                            self.counts.bypassed.increment(1);
                            return Slice::Unavailable;
                        }
                        self.counts.misses.increment(1);
                        let fill = self.begin(&mut index, origin, id, None);
                        let progress = fill.watch();
                        return Slice::Growing(fill, progress);
                    }
                }
            };
            if let Some(file) = self.reopen(id, closed).await {
                self.counts.hits.increment(1);
                return Slice::Whole(file);
            }
        }
    }

    /// Begins to fetch a slice that nobody waits for yet, if there is nothing else to do.
    pub(super) fn fetch_ahead(self: &Arc<Self>, origin: OriginRef<'_>, id: SliceId) {
        let mut index = self.index();
        if !matches!(index.find(id), Found::Missing) || !self.may_fill_now(&index) {
            return;
        }
        let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() else { return };
        self.counts.read_ahead.increment(1);
        self.begin(&mut index, origin, id, Some(turn));
    }

    fn begin(
        self: &Arc<Self>,
        index: &mut Index,
        origin: OriginRef<'_>,
        id: SliceId,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Arc<Fill> {
        let fill = Fill::new();
        index.begin(id, Arc::clone(&fill));
        self.threads.spawn(fill::run(Arc::clone(self), origin.to_owned(), id, Arc::clone(&fill), turn));
        fill
    }

    /// Opens a slice that lies in the folder. One that is not what was written is given up.
    async fn reopen(&self, id: SliceId, held: Held) -> Option<Arc<File>> {
        let opened = self.in_folder(move |folder| folder.open_slice(id, held)).await;
        match opened {
            Ok(file) => {
                let file = Arc::new(file);
                self.index().keep_open(id, Arc::clone(&file), self.options.open_files);
                Some(file)
            }
            Err(error) => {
                let given_up = self.index().forget(id);
                if given_up.is_some() {
                    let digest = id.digest.hex();
                    tracing::warn!(
                        digest,
                        slice = id.number,
                        error = %ErrorChain(&error),
                        "a slice in the cache is damaged; fetching it again"
                    );
                    self.counts.damaged.increment(1);
                }
                self.remove_files(given_up.map(|held| (id, held)).into_iter().collect());
                None
            }
        }
    }

    /// Notes a slice that was just written.
    pub(super) fn hold(&self, id: SliceId, held: Held, file: Arc<File>) {
        let mut index = self.index();
        index.hold(id, held);
        index.keep_open(id, file, self.options.open_files);
        self.counts.totals(index.totals());
        drop(index);
        self.folder_works();
    }

    /// Gives up what there is no room for beside the slices being filled.
    pub(super) fn make_room(&self) {
        let mut index = self.index();
        let given_up = index.make_room(self.options.max_bytes, self.options.slice_size.bytes());
        self.counts.totals(index.totals());
        drop(index);
        self.counts.evictions.increment(given_up.len() as u64);
        self.remove_files(given_up);
    }

    /// Removes files that nobody can find any more. Whoever has one open reads on.
    fn remove_files(&self, given_up: Vec<(SliceId, Held)>) {
        let Some(folder) = self.folder.get().cloned().filter(|_| !given_up.is_empty()) else { return };
        self.runtime.spawn_blocking(move || {
            for (id, held) in given_up {
                if let Err(error) = folder.remove(id, held.crc32) {
                    let digest = id.digest.hex();
                    tracing::warn!(
                        digest,
                        slice = id.number,
                        error = %ErrorChain(&error),
                        "a slice cannot be removed"
                    );
                }
            }
        });
    }

    /// The folder, for those who may wait for it.
    pub(super) fn folder(&self) -> io::Result<&Folder> {
        self.folder.get().map(Arc::as_ref).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// Does something in the folder, away from the threads that serve.
    async fn in_folder<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Folder) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let folder = self.folder.get().cloned().ok_or(io::ErrorKind::NotConnected)?;
        self.runtime.spawn_blocking(move || act(&folder)).await.map_err(io::Error::other).flatten()
    }
}

/// The folder's health.
impl Inner {
    pub(super) fn is_open(&self) -> bool {
        self.folder.get().is_some()
    }

    /// Can slices be written, as far as is known?
    pub(super) fn may_fill(&self) -> bool {
        self.may_fill_now(&self.index())
    }

    fn may_fill_now(&self, index: &Index) -> bool {
        self.is_open() && index.resting_until.is_none_or(|until| Instant::now() >= until)
    }

    /// Opens the folder with what lies in it.
    pub(super) async fn open_folder(&self) -> io::Result<()> {
        let (directory, size) = (self.options.directory.clone(), self.options.slice_size);
        let opening = self.runtime.spawn_blocking(move || Folder::open(&directory, size));
        let (folder, found) = opening.await.map_err(io::Error::other).flatten()?;
        let mut index = self.index();
        for (id, held) in found {
            index.hold(id, held);
        }
        let (bytes, slices) = index.totals();
        drop(index);
        self.folder.get_or_init(|| Arc::new(folder));
        self.make_room();
        self.folder_works();
        tracing::info!(directory = %self.options.directory.display(), slices, bytes, "the slice cache is open");
        Ok(())
    }

    /// The folder failed: answers go past the cache for a while. Said once, until it works again.
    pub(super) fn folder_failed(&self, operation: &'static str, error: &io::Error) {
        let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        let mut index = self.index();
        let was_working = index.resting_until.is_none();
        index.resting_until = Some(Instant::now() + self.options.rest_after_failure);
        let room = GIVEN_UP_ON_FULL_DISK * self.options.slice_size.bytes();
        let bound = if is_full { index.totals().0.saturating_sub(room) } else { u64::MAX };
        let given_up = index.make_room(bound, 0);
        drop(index);
        self.counts.evictions.increment(given_up.len() as u64);
        self.remove_files(given_up);
        self.counts.writable.set(0.0);
        if was_working {
            let directory = self.options.directory.display();
            tracing::warn!(%directory, operation, error = %ErrorChain(error), "the slice cache cannot be written; serving without it");
        }
    }

    fn folder_works(&self) {
        self.counts.writable.set(1.0);
        if self.index().resting_until.take().is_some() {
            tracing::info!(directory = %self.options.directory.display(), "the slice cache can be written again");
        }
    }
}

/// Tries to open the folder until it opens, or the cache is gone.
pub(super) async fn open_later(inner: Weak<Inner>) {
    loop {
        let Some(rest) = inner.upgrade().map(|inner| inner.options.rest_after_failure) else { return };
        tokio::time::sleep(rest).await;
        let Some(inner) = inner.upgrade() else { return };
        if inner.open_folder().await.is_ok() {
            return;
        }
    }
}
