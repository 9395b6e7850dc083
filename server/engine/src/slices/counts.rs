//! What the slice cache did, as metrics: looked up once, as some of this is the hot path.

use metrics::{Counter, Gauge, counter, gauge};

/// The counters of one cache.
pub(super) struct Counts {
    /// Slices that readers found whole.
    pub(super) hits: Counter,
    /// Slices that readers had to have fetched.
    pub(super) misses: Counter,
    /// Slices that somebody else was having fetched.
    pub(super) collapsed: Counter,
    /// Answers that went past the cache.
    pub(super) bypassed: Counter,
    pub(super) fills: Counter,
    pub(super) failed_fills: Counter,
    /// Fills that nobody waited for when their turn came.
    pub(super) given_up: Counter,
    pub(super) fill_bytes: Counter,
    /// Slices fetched ahead of readers.
    pub(super) read_ahead: Counter,
    pub(super) evictions: Counter,
    /// Slices that were not what was written.
    pub(super) damaged: Counter,
    bytes: Gauge,
    slices: Gauge,
    /// 1 when slices can be written, 0 while the folder cannot be used.
    pub(super) writable: Gauge,
}

impl Counts {
    pub(super) fn register() -> Self {
        let lookup = |outcome: &'static str| counter!("stowaway_slice_cache_lookups_total", "outcome" => outcome);
        let fill = |outcome: &'static str| counter!("stowaway_slice_cache_fills_total", "outcome" => outcome);
        Self {
            hits: lookup("hit"),
            misses: lookup("miss"),
            collapsed: lookup("collapsed"),
            bypassed: lookup("bypass"),
            fills: fill("whole"),
            failed_fills: fill("failed"),
            given_up: fill("given_up"),
            fill_bytes: counter!("stowaway_slice_cache_fill_bytes_total"),
            read_ahead: counter!("stowaway_slice_cache_read_ahead_total"),
            evictions: counter!("stowaway_slice_cache_evictions_total"),
            damaged: counter!("stowaway_slice_cache_damaged_total"),
            bytes: gauge!("stowaway_slice_cache_bytes"),
            slices: gauge!("stowaway_slice_cache_slices"),
            writable: gauge!("stowaway_slice_cache_writable"),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "gauges are floating point numbers")]
    pub(super) fn totals(&self, (bytes, slices): (u64, usize)) {
        self.bytes.set(bytes as f64);
        self.slices.set(slices as f64);
    }
}
