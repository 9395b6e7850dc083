//! Metrics: their names, the recorder, and the text that Prometheus reads.

use std::cell::RefCell;
use std::time::Duration;

use metrics::{Counter, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

const REQUESTS: &str = "stowaway_http_requests_total";
const RESPONSE_BYTES: &str = "stowaway_http_response_bytes_total";
const DURATION: &str = "stowaway_http_request_duration_seconds";
const CONNECTIONS: &str = "stowaway_http_connections";
const BUILD: &str = "stowaway_build_info";

/// Upper bounds of the duration histogram, in seconds: from a cached manifest to a long download.
const DURATION_BUCKETS_S: &[f64] = &[0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0];

/// How long recorded durations wait to be put into their buckets.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Installs the recorder of the process. Called once, by start-up.
///
/// # Errors
/// A recorder is already there.
pub(crate) fn start() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), DURATION_BUCKETS_S)?
        .install_recorder()?;
    describe_counter!(REQUESTS, "Answers, by route, method and status");
    describe_counter!(RESPONSE_BYTES, "Body bytes handed to connections, by route");
    describe_histogram!(DURATION, "Seconds from the request's head to the end of the body, by route");
    describe_gauge!(CONNECTIONS, "Open connections");
    describe_gauge!(BUILD, "Always 1; the label tells the version");
    describe_counter!("stowaway_store_read_bytes_total", "Bytes read from the object store, by kind of object");
    describe_counter!("stowaway_store_operations_total", "Operations on the object store, by operation and outcome");
    describe_counter!("stowaway_slice_cache_lookups_total", "Slices that answers needed, by what the cache had");
    describe_counter!("stowaway_slice_cache_fills_total", "Slices fetched from the object store, by outcome");
    describe_counter!("stowaway_slice_cache_fill_bytes_total", "Bytes written into the slice cache");
    describe_counter!("stowaway_slice_cache_read_ahead_total", "Slices fetched before anyone asked for them");
    describe_counter!("stowaway_slice_cache_evictions_total", "Slices given up to make room");
    describe_counter!("stowaway_slice_cache_damaged_total", "Slices that were not what had been written");
    describe_gauge!("stowaway_slice_cache_bytes", "Bytes of whole slices on disk");
    describe_gauge!("stowaway_slice_cache_slices", "Whole slices on disk");
    describe_gauge!("stowaway_slice_cache_writable", "1 when slices can be written, 0 while answers go past the cache");
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    gauge!(CONNECTIONS).set(0.0);
    Ok(handle)
}

/// Puts recorded durations into their buckets from time to time, for ever: until then each takes memory, and nobody may scrape.
pub(crate) async fn keep_bounded(handle: &PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP_INTERVAL).await;
        handle.run_upkeep();
    }
}

/// What one kind of answer is counted under.
struct Answers {
    requests: Counter,
    response_bytes: Counter,
    duration: Histogram,
}

impl Answers {
    fn register(route: &'static str, method: &'static str, status: u16) -> Self {
        Self {
            requests: counter!(REQUESTS, "route" => route, "method" => method, "status" => status.to_string()),
            response_bytes: counter!(RESPONSE_BYTES, "route" => route),
            duration: histogram!(DURATION, "route" => route),
        }
    }
}

type Kind = (&'static str, &'static str, u16);

thread_local! {
    /// Looking a metric up by its labels costs more than counting. There are as many kinds as routes, methods and statuses, and
    /// few of them in use, so that comparing where texts lie finds one soonest.
    static ANSWERS: RefCell<Vec<(Kind, Answers)>> = const { RefCell::new(Vec::new()) };
}

/// Counts one finished answer.
pub(crate) fn answered(route: &'static str, method: &'static str, status: u16, bytes_sent: u64, duration_s: f64) {
    ANSWERS.with_borrow_mut(|answers| {
        let is_kind = |kind: &Kind| kind.2 == status && std::ptr::eq(kind.0, route) && std::ptr::eq(kind.1, method);
        let place = answers.iter().position(|(kind, _)| is_kind(kind)).unwrap_or_else(|| {
            answers.push(((route, method, status), Answers::register(route, method, status)));
            answers.len() - 1
        });
        let (_, kind) = &answers[place];
        kind.requests.increment(1);
        kind.response_bytes.increment(bytes_sent);
        kind.duration.record(duration_s);
    });
}

/// Counts one connection for as long as it lives.
pub(crate) struct OpenConnection(());

impl OpenConnection {
    /// A connection was accepted.
    pub(crate) fn begin() -> Self {
        gauge!(CONNECTIONS).increment(1.0);
        Self(())
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        gauge!(CONNECTIONS).decrement(1.0);
    }
}
