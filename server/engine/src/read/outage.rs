//! Remembers that the database does not answer, so that readers who have something to go on with need not find out one by one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::db::Database;

/// How often an absent database is asked whether it is back.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// Whether the database is away. Clones are one.
#[derive(Debug, Clone, Default)]
pub(super) struct Outage {
    is_on: Arc<AtomicBool>,
}

impl Outage {
    /// Is the database away, as far as is known?
    pub(super) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// A query failed. One task asks until the database answers within `patience`, however many queries fail meanwhile.
    pub(super) fn begin(&self, database: &Database, patience: Duration) {
        if self.is_on.swap(true, Ordering::Relaxed) {
            return;
        }
        let (is_on, database) = (Arc::clone(&self.is_on), database.clone());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PROBE_INTERVAL).await;
                if let Ok(Ok(())) = tokio::time::timeout(patience, database.ping()).await {
                    is_on.store(false, Ordering::Relaxed);
                    return;
                }
            }
        });
    }
}
