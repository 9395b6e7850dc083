//! Counts what happened, and makes the report of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::histogram::Histogram;
use crate::process;

/// How often memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What a run came to.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Measured seconds.
    pub seconds: f64,
    pub requests: u64,
    pub bytes: u64,
    /// Of the server.
    pub cpu_seconds: f64,
    /// Of this program: near `seconds`, it was the bottleneck.
    pub generator_cpu_seconds: f64,
    pub latency_us_p50: u64,
    pub latency_us_p99: u64,
    pub latency_us_max: u64,
    /// The most that was seen.
    pub resident_bytes: u64,
    /// The most of it that was the server's own, not pages of files.
    pub anonymous_bytes: u64,
    /// Connections that broke.
    pub broken: u64,
    /// Answers with another status, length or byte than they should have.
    pub wrong: u64,
    pub statuses: BTreeMap<u16, u64>,
}

/// The counts while it runs.
pub struct Tally {
    pids: Vec<u32>,
    begun: Option<Begun>,
    requests: u64,
    bytes: u64,
    latency: Histogram,
    resident: (u64, u64),
    looked: Instant,
    pub broken: u64,
    pub wrong: u64,
    pub statuses: BTreeMap<u16, u64>,
}

struct Begun {
    at: Instant,
    cpu_ns: u64,
    own_cpu_ns: u64,
}

impl Tally {
    pub fn new(pids: Vec<u32>) -> Self {
        let statuses = BTreeMap::new();
        Self {
            pids,
            begun: None,
            requests: 0,
            bytes: 0,
            latency: Histogram::new(),
            resident: (0, 0),
            looked: Instant::now(),
            broken: 0,
            wrong: 0,
            statuses,
        }
    }

    /// From now on it counts.
    pub fn begin(&mut self) {
        self.begun = Some(Begun {
            at: Instant::now(),
            cpu_ns: process::cpu_nanoseconds(&self.pids),
            own_cpu_ns: process::own_cpu_nanoseconds(),
        });
    }

    /// For how long it has counted.
    pub fn measured(&self) -> Option<Duration> {
        self.begun.as_ref().map(|begun| begun.at.elapsed())
    }

    pub fn requests(&self) -> u64 {
        self.requests
    }

    pub fn add_bytes(&mut self, count: u64) {
        if self.begun.is_some() {
            self.bytes += count;
        }
    }

    pub fn add_request(&mut self, took: Duration) {
        if self.begun.is_some() {
            self.requests += 1;
            self.latency.add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// Looks at the server's memory now and then.
    pub fn look(&mut self) {
        if !self.pids.is_empty() && self.looked.elapsed() > LOOK_EVERY {
            self.looked = Instant::now();
            self.look_now();
        }
    }

    fn look_now(&mut self) {
        let (anonymous, all) = process::resident_bytes(&self.pids);
        self.resident = (self.resident.0.max(anonymous), self.resident.1.max(all));
    }

    pub fn report(mut self) -> Result<Report, String> {
        let begun = self.begun.take().ok_or("nothing was measured")?;
        let seconds = begun.at.elapsed().as_secs_f64();
        let cpu_ns = process::cpu_nanoseconds(&self.pids).saturating_sub(begun.cpu_ns);
        let own_ns = process::own_cpu_nanoseconds().saturating_sub(begun.own_cpu_ns);
        self.look_now();
        Ok(Report {
            seconds,
            requests: self.requests,
            bytes: self.bytes,
            cpu_seconds: cpu_ns as f64 / 1e9,
            generator_cpu_seconds: own_ns as f64 / 1e9,
            latency_us_p50: self.latency.quantile(0.5),
            latency_us_p99: self.latency.quantile(0.99),
            latency_us_max: self.latency.max(),
            resident_bytes: self.resident.1,
            anonymous_bytes: self.resident.0,
            broken: self.broken,
            wrong: self.wrong,
            statuses: self.statuses,
        })
    }
}
