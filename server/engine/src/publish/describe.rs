//! Step 2: probes, hashes and cuts every file, a bounded number at once, each on a blocking thread and read once; what the store
//! has already is read there (`stored.rs`).

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use stowaway_domain::content::{Content, DescribedAsset};
use stowaway_domain::probe::Probe;

use super::cut::cut;
use super::scan::ScannedFile;
use super::source::{Source, SourceFile};
use super::stamp::FileStamp;
use super::stored::describe_stored;
use super::{Progress, ProgressEvent, PublishError, probe};
use crate::store::Store;

/// Describes every file, in order.
#[tracing::instrument(skip_all)]
pub(super) async fn describe(
    store: &Store,
    source: &Source,
    workers: usize,
    progress: &Arc<dyn Progress>,
) -> Result<Vec<DescribedAsset>, PublishError> {
    let stop = StopOnDrop(Arc::new(AtomicBool::new(false)));
    let files = source.files().into_iter();
    let work = files.map(|file| describe_one(store.clone(), file, Arc::clone(progress), Arc::clone(&stop.0)));
    let work: Vec<_> = work.collect();
    stream::iter(work).buffered(workers.max(1)).try_collect().await
}

/// Boxed: the list of all of this work lives as long as the work.
fn describe_one<'a>(
    store: Store,
    file: SourceFile<'a>,
    progress: Arc<dyn Progress>,
    stopped: Arc<AtomicBool>,
) -> BoxFuture<'a, Result<DescribedAsset, PublishError>> {
    let described = async move {
        match file {
            SourceFile::Scanned(file) => {
                let file = file.clone();
                let described = tokio::task::spawn_blocking(move || describe_file(&file, progress.as_ref(), &stopped));
                described.await.map_err(|source| PublishError::Internal(Box::new(source)))?
            }
            SourceFile::Stored(file) => describe_stored(&store, file, progress, stopped).await,
        }
    };
    described.boxed()
}

/// When the publish is given up, threads that still read end at their next piece.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub(super) fn describe_file(
    file: &ScannedFile,
    progress: &dyn Progress,
    stopped: &AtomicBool,
) -> Result<DescribedAsset, PublishError> {
    let unreadable = |source| PublishError::Unreadable { path: file.location.clone(), source };
    let mut opened = File::open(&file.location).map_err(unreadable)?;
    expect_same(file, &opened)?;
    let probe = probe::probe(&file.path, &mut opened, file.stamp.size())?;
    std::io::Seek::rewind(&mut opened).map_err(unreadable)?;
    let content = read_once(&opened, file.stamp.size(), progress, stopped).map_err(unreadable)?;
    expect_same(file, &opened)?;
    if content.size != file.stamp.size() {
        return Err(PublishError::Changed { path: file.path.clone() });
    }
    let probe = with_bitrate(probe, content.size);
    progress.report(&ProgressEvent::Described { path: file.path.clone() });
    Ok(DescribedAsset { path: file.path.clone(), probe, content })
}

/// The probe with the bitrate of so many bytes.
pub(super) fn with_bitrate(mut probe: Probe, size: u64) -> Probe {
    probe.bitrate_kbps = probe.duration_s.filter(|&duration| duration > 0.0).map(|duration| {
        // Exact up to 2^53 bytes, and rounded anyway.
        (size as f64 * 8.0 / 1000.0 / duration).round()
    });
    probe
}

pub(super) fn read_once(
    source: impl Read,
    size: u64,
    progress: &dyn Progress,
    stopped: &AtomicBool,
) -> std::io::Result<Content> {
    cut(source, size, |bytes| {
        progress.report(&ProgressEvent::Read { bytes });
        if stopped.load(Ordering::Relaxed) { Err(std::io::Error::other("the publish was given up")) } else { Ok(()) }
    })
}

fn expect_same(file: &ScannedFile, opened: &File) -> Result<(), PublishError> {
    let metadata =
        opened.metadata().map_err(|source| PublishError::Unreadable { path: file.location.clone(), source })?;
    if FileStamp::of(&metadata) == file.stamp { Ok(()) } else { Err(PublishError::Changed { path: file.path.clone() }) }
}
