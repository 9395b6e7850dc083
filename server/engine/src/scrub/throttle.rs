//! A bound on the bytes that are read in a second.

use std::time::{Duration, Instant};

/// Sleeps whenever more was read than the time since the beginning allows.
pub(super) struct Throttle {
    bytes_per_second: Option<u64>,
    began: Instant,
    bytes: u64,
}

impl Throttle {
    pub(super) fn new(bytes_per_second: Option<u64>) -> Self {
        Self { bytes_per_second, began: Instant::now(), bytes: 0 }
    }

    /// Takes note of bytes that were read, and waits until they were due.
    pub(super) async fn read(&mut self, bytes: u64) {
        self.bytes += bytes;
        if let Some(due) = self.bytes_per_second.map(|rate| due_after(self.bytes, rate)) {
            tokio::time::sleep(due.saturating_sub(self.began.elapsed())).await;
        }
    }
}

fn due_after(bytes: u64, bytes_per_second: u64) -> Duration {
    let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(bytes_per_second.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_due_when_the_rate_says() {
        assert_eq!(due_after(3_000_000, 1_000_000), Duration::from_secs(3));
        assert_eq!(due_after(1, u64::MAX), Duration::ZERO);
        assert_eq!(due_after(u64::MAX, 1), Duration::from_nanos(u64::MAX));
    }
}
