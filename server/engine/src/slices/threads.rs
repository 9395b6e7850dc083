//! The threads on which slices are fetched and written. They are not those that serve, and do nothing else: where a disk stalls a write,
//! fills wait, and nobody but their readers. So a chunk goes from the socket into the page cache without a change of thread.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Runtime};

/// A runtime that may be dropped anywhere.
pub(super) struct FillThreads(Option<Runtime>);

impl FillThreads {
    /// As many as there are processors: with TLS, fetching is work.
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().thread_name("slices").enable_all().build()?;
        Ok(Self(Some(runtime)))
    }

    pub(super) fn spawn(&self, fill: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.0 {
            runtime.spawn(fill);
        }
    }
}

impl Drop for FillThreads {
    /// Not waiting for threads, which must not be done by one of them.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
