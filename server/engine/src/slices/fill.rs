//! Fetching one slice: once however many wait for it, into a file that they read while it grows.
//!
//! A fill that has begun goes on to its end, also when nobody waits for it any more: it is at most one slice, and whoever left mostly comes
//! back for it. One that still waits for its turn is given up with its last reader.
//!
//! It runs on threads of its own (`threads.rs`), so that it may wait for the disk.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use bytes::Bytes;
use futures_util::poll;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::folder::{Held, SliceId};
use super::inner::Inner;
use super::origin::Origin;
use super::upstream::Upstream;
use crate::store::StoreError;

/// So many bytes are told to readers at once while the store has more: every telling wakes them, and costs a system call each.
const TOLD_AT_ONCE_BYTES: u64 = 512 * 1024;

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
    origin: Origin,
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
    match fetch(&inner, origin, id, &fill).await {
        Ok(()) => {
            inner.counts.fills.increment(1);
            ending.state = FillState::Whole;
        }
        Err(error) => {
            inner.counts.failed_fills.increment(1);
            discard(&inner, id);
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

/// `None` when nobody waits for the fill any more, be it that the turn came in the same moment.
async fn wait_for_turn(inner: &Arc<Inner>, id: SliceId, fill: &Arc<Fill>) -> Option<OwnedSemaphorePermit> {
    let turn = Arc::clone(&inner.turns).acquire_owned();
    tokio::pin!(turn);
    loop {
        let turn = tokio::select! {
            turn = &mut turn => Some(turn.ok()?),
            () = fill.progress.closed() => None,
        };
        let mut index = inner.index();
        if fill.progress.receiver_count() == 0 {
            // Out of the index under the same lock: the next reader begins another one.
            index.end(id, fill);
            return None;
        }
        if turn.is_some() {
            return turn;
        }
    }
}

async fn fetch(inner: &Arc<Inner>, origin: Origin, id: SliceId, fill: &Fill) -> Result<(), FillError> {
    let of_folder = |operation: &'static str| move |error: io::Error| FillError::Folder(operation, error);
    let file = inner.folder().and_then(|folder| folder.create_part(id)).map(Arc::new);
    let file = file.map_err(of_folder("create a file in"))?;
    fill.file.get_or_init(|| Arc::clone(&file));
    let size = inner.options.slice_size;
    let span = size.start_of(id.number)..size.end_of(id.number);
    let opened = Upstream::open(origin, span).await;
    let mut upstream = opened.map_err(FillError::Store)?;
    inner.index().note_blob_bytes(id.digest, upstream.object_bytes());
    let mut writing = Writing { inner, fill, file: &file, written: 0, told: 0, hasher: crc32fast::Hasher::new() };
    while let Some(chunk) = writing.next(&mut upstream).await.map_err(FillError::Store)? {
        writing.write(&chunk).map_err(of_folder("write into"))?;
    }
    let held = Held { len: upstream.len(), crc32: writing.hasher.finalize(), is_checked: true };
    inner.folder().and_then(|folder| folder.keep_part(id, held.crc32)).map_err(of_folder("rename a file in"))?;
    inner.hold(id, held, file);
    Ok(())
}

/// A file that grows, and what its readers know of it.
struct Writing<'a> {
    inner: &'a Inner,
    fill: &'a Fill,
    file: &'a File,
    written: u64,
    told: u64,
    hasher: crc32fast::Hasher,
}

impl Writing<'_> {
    /// The next chunk. Readers are told what was written before it is waited for.
    async fn next(&mut self, upstream: &mut Upstream) -> Result<Option<Bytes>, StoreError> {
        let mut next = pin!(upstream.next());
        // The connection reads on while this task steps aside; mostly there is more then.
        for is_patient in [false, true] {
            if let Poll::Ready(chunk) = poll!(&mut next) {
                if self.written - self.told >= TOLD_AT_ONCE_BYTES || !matches!(chunk, Ok(Some(_))) {
                    self.tell();
                }
                return chunk;
            }
            if !is_patient {
                tokio::task::yield_now().await;
            }
        }
        self.tell();
        next.await
    }

    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.file.write_all_at(chunk, self.written)?;
        self.hasher.update(chunk);
        self.written += chunk.len() as u64;
        Ok(())
    }

    fn tell(&mut self) {
        if self.written > self.told {
            self.inner.counts.fill_bytes.increment(self.written - self.told);
            self.told = self.written;
            self.fill.progress.send_modify(|progress| progress.written = self.written);
        }
    }
}

/// Removes what was written of a slice that will not be whole.
fn discard(inner: &Inner, id: SliceId) {
    if let Err(error) = inner.folder().and_then(|folder| folder.remove_part(id)) {
        inner.folder_failed("remove a file from", &error);
    }
}
