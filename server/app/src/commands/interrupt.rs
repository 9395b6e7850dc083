//! Ctrl-C and SIGTERM for commands that end at the next good moment, instead of in the middle of something.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Failure;

/// Whether a signal has come.
#[derive(Debug, Clone)]
pub(super) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens from now on: signals do not end the process any more.
    ///
    /// # Errors
    /// The operating system refuses.
    pub(super) fn listen() -> Result<Self, Failure> {
        let (sender, came) = watch::channel(false);
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            let mut signals = signal(kind).map_err(Failure::environment)?;
            let sender = sender.clone();
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    sender.send_replace(true);
                }
            });
        }
        Ok(Self(came))
    }

    /// Whether one has come.
    pub(super) fn came(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when one has come.
    pub(super) async fn comes(&self) {
        // The sender lives as long as the listening tasks do, and those as long as the runtime.
        drop(self.0.clone().wait_for(|came| *came).await);
    }

    /// Sleeps, until one comes at the longest.
    pub(super) async fn sleep(&self, duration: Duration) {
        // Whichever it was, the sleep is over.
        let _ = tokio::time::timeout(duration, self.comes()).await;
    }
}
