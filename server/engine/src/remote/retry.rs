//! How long to wait, and when to give up.

use std::time::Duration;

use super::{RemoteError, RemoteOptions};
use crate::error_chain::ErrorChain;

/// Longest wait that is not the server's own wish.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Counts failures without progress.
pub(super) struct Retry<'a> {
    options: &'a RemoteOptions,
    failures: u32,
}

/// A request that did not do what it should.
#[derive(Debug)]
pub(super) enum Failed {
    /// Asking again is of no use.
    Finally(RemoteError),
    /// It may go well another time.
    ForNow {
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
        /// When the server wants to be asked again.
        after: Option<Duration>,
    },
}

impl<'a> Retry<'a> {
    pub(super) const fn new(options: &'a RemoteOptions) -> Self {
        Self { options, failures: 0 }
    }

    /// Something went well.
    pub(super) const fn progressed(&mut self) {
        self.failures = 0;
    }

    /// Waits before the next attempt, or gives up.
    pub(super) async fn after(&mut self, failed: Failed, server: &str) -> Result<(), RemoteError> {
        let (source, after) = match failed {
            Failed::Finally(error) => return Err(error),
            Failed::ForNow { source, after } => (source, after),
        };
        self.failures += 1;
        if self.failures >= self.options.attempts {
            return Err(RemoteError::Away { server: server.to_owned(), attempts: self.failures, source });
        }
        let wait = after.unwrap_or_else(|| wait(self.options.first_wait, self.failures, jitter()));
        tracing::info!(
            error = %ErrorChain(&*source),
            wait_ms = wait.as_millis() as u64,
            "the server will be asked again"
        );
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

/// Doubled with every failure; between half of it and all of it, so that many clients do not come back at once.
fn wait(first: Duration, failures: u32, jitter: f64) -> Duration {
    let doubled = first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST_WAIT);
    doubled.mul_f64(0.5 + jitter / 2.0)
}

/// From 0 to 1.
fn jitter() -> f64 {
    let random = uuid::Uuid::new_v4().as_u128() as u32;
    f64::from(random) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_differ() {
        let first = Duration::from_millis(250);
        assert_eq!(wait(first, 1, 1.0), first);
        assert_eq!(wait(first, 1, 0.0), first / 2);
        assert_eq!(wait(first, 4, 1.0), first * 8);
        assert_eq!(wait(first, 40, 1.0), LONGEST_WAIT);
        assert!((0.0..=1.0).contains(&jitter()));
    }
}
