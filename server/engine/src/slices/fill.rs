//! Fetching one slice: once however many wait for it, into a file that they read while it grows.
//!
//! A fill that has begun goes on to its end, also when nobody waits for it any more: it is at most one slice, and whoever left mostly comes
//! back for it. One that still waits for its turn is given up with its last reader.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use stowaway_domain::StoreKey;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::folder::{Held, SliceId};
use super::inner::Inner;
use super::upstream::Upstream;
use crate::store::{Store, StoreError};

/// How far a fill is.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    /// Bytes in the file, from its start.
    pub(super) written: u64,
    pub(super) state: FillState,
}

/// Whether a fill goes on.
#[derive(Debug, Clone)]
pub(super) enum FillState {
    /// It does.
    Running,
    /// The slice is whole; it has `written` bytes.
    Whole,
    /// The store failed.
    Failed(Arc<StoreError>),
    /// The folder failed: what is written is right, but no more will come.
    Uncached,
}

/// A slice being fetched.
#[derive(Debug)]
pub(super) struct Fill {
    progress: watch::Sender<Progress>,
    file: OnceLock<Arc<File>>,
}

enum FillError {
    Store(StoreError),
    Folder(&'static str, io::Error),
}

impl Fill {
    pub(super) fn new() -> Arc<Self> {
        let progress = watch::Sender::new(Progress { written: 0, state: FillState::Running });
        Arc::new(Self { progress, file: OnceLock::new() })
    }

    /// To wait with. Taken under the lock of the index, so that no fill is given up with a reader at the door.
    pub(super) fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// The file; there is one as soon as anything is written.
    pub(super) fn file(&self) -> Option<&Arc<File>> {
        self.file.get()
    }

    fn end(&self, state: FillState) {
        self.progress.send_modify(|progress| progress.state = state);
    }
}

/// Ends a fill whatever happens to its task: readers must not wait for a task that is gone.
struct Ending {
    inner: Arc<Inner>,
    id: SliceId,
    fill: Arc<Fill>,
    state: FillState,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.inner.index().end(self.id, &self.fill);
        self.fill.end(self.state.clone());
    }
}

/// Fetches a slice that was entered into the index; `turn` is there when it need not wait for one.
pub(super) async fn run(
    inner: Arc<Inner>,
    store: Store,
    id: SliceId,
    fill: Arc<Fill>,
    turn: Option<OwnedSemaphorePermit>,
) {
    let mut ending = Ending { inner: Arc::clone(&inner), id, fill: Arc::clone(&fill), state: FillState::Uncached };
    let turn = match turn {
        Some(turn) => Some(turn),
        None => wait_for_turn(&inner, id, &fill).await,
    };
    if turn.is_none() {
        inner.counts.given_up.increment(1);
        return;
    }
    inner.make_room();
    match fetch(&inner, &store, id, &fill).await {
        Ok(()) => {
            inner.counts.fills.increment(1);
            ending.state = FillState::Whole;
        }
        Err(error) => {
            inner.counts.failed_fills.increment(1);
            inner.discard_part(id).await;
            ending.state = match error {
                FillError::Store(error) => FillState::Failed(Arc::new(error)),
                FillError::Folder(operation, error) => {
                    inner.folder_failed(operation, &error);
                    FillState::Uncached
                }
            };
        }
    }
}

/// `None` when nobody waits for the fill any more.
async fn wait_for_turn(inner: &Arc<Inner>, id: SliceId, fill: &Arc<Fill>) -> Option<OwnedSemaphorePermit> {
    let turn = Arc::clone(&inner.turns).acquire_owned();
    tokio::pin!(turn);
    loop {
        tokio::select! {
            turn = &mut turn => return turn.ok(),
            () = fill.progress.closed() => {
                let mut index = inner.index();
                if fill.progress.receiver_count() == 0 {
                    // Out of the index under the same lock: the next reader begins another one.
                    index.end(id, fill);
                    return None;
                }
            }
        }
    }
}

async fn fetch(inner: &Arc<Inner>, store: &Store, id: SliceId, fill: &Fill) -> Result<(), FillError> {
    let file = inner.create_part(id).await.map_err(|error| FillError::Folder("create a file in", error))?;
    fill.file.get_or_init(|| Arc::clone(&file));
    let size = inner.options.slice_size;
    let span = size.start_of(id.number)..size.end_of(id.number);
    let opened = Upstream::open(store, StoreKey::Blob(id.digest), span).await;
    let mut upstream = opened.map_err(FillError::Store)?;
    inner.index().note_blob_bytes(id.digest, upstream.object_bytes());
    let (mut written, mut hasher) = (0, crc32fast::Hasher::new());
    loop {
        let batch = upstream.next().await.map_err(FillError::Store)?;
        if batch.is_empty() {
            break;
        }
        let before = written;
        let writing = write(Arc::clone(&file), batch, written, hasher);
        (written, hasher) = writing.await.map_err(|error| FillError::Folder("write into", error))?;
        fill.progress.send_modify(|progress| progress.written = written);
        inner.counts.fill_bytes.increment(written - before);
    }
    let held = Held { len: upstream.len(), crc32: hasher.finalize(), is_checked: true };
    inner.keep_part(id, held.crc32).await.map_err(|error| FillError::Folder("rename a file in", error))?;
    inner.hold(id, held, file);
    Ok(())
}

/// Appends a batch, away from the threads that serve, because disks stall.
async fn write(
    file: Arc<File>,
    batch: Vec<Bytes>,
    from: u64,
    mut hasher: crc32fast::Hasher,
) -> io::Result<(u64, crc32fast::Hasher)> {
    let write = move || {
        let mut at = from;
        for chunk in batch {
            file.write_all_at(&chunk, at)?;
            hasher.update(&chunk);
            at += chunk.len() as u64;
        }
        Ok((at, hasher))
    };
    tokio::task::spawn_blocking(write).await.map_err(io::Error::other).flatten()
}
