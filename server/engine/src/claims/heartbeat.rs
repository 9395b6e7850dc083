//! Signs of life: a task that renews a lease, and knows when it last succeeded.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::task::JoinHandle;

use crate::db::DbError;
use crate::error_chain::ErrorChain;

/// When something happened, by two clocks: one that cannot be set, and one that goes on while the machine sleeps.
#[derive(Debug, Clone, Copy)]
struct Moment {
    instant: Instant,
    time: SystemTime,
}

impl Moment {
    fn now() -> Self {
        Self { instant: Instant::now(), time: SystemTime::now() }
    }

    /// The longer of what the two clocks say.
    fn age(self) -> Duration {
        self.instant.elapsed().max(self.time.elapsed().unwrap_or_default())
    }
}

#[derive(Debug)]
struct Shared {
    renewed: Moment,
    is_lost: bool,
}

/// Renews a lease until it is dropped.
pub(crate) struct Heartbeat {
    shared: Arc<Mutex<Shared>>,
    task: JoinHandle<()>,
}

impl Heartbeat {
    /// The lease was just taken. `renew` says whether it still exists; a failure is tried again at the next turn.
    pub(crate) fn start<F, R>(every: Duration, renew: F) -> Self
    where
        F: Fn() -> R + Send + 'static,
        R: Future<Output = Result<bool, DbError>> + Send,
    {
        let shared = Arc::new(Mutex::new(Shared { renewed: Moment::now(), is_lost: false }));
        let seen = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                // From before the question: the answer may take its time.
                let asked = Moment::now();
                let answer = renew().await;
                let mut shared = seen.lock().unwrap_or_else(PoisonError::into_inner);
                match answer {
                    Ok(true) => shared.renewed = asked,
                    Ok(false) => {
                        shared.is_lost = true;
                        return;
                    }
                    Err(error) => {
                        tracing::warn!(
                            error = %ErrorChain(&error),
                            "a lease could not be renewed; trying again"
                        );
                    }
                }
            }
        });
        Self { shared, task }
    }

    /// Whether the lease is held, and was renewed within `limit`.
    pub(crate) fn is_fresh(&self, limit: Duration) -> bool {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        !shared.is_lost && shared.renewed.age() < limit
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.task.abort();
    }
}
