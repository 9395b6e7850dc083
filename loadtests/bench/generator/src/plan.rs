//! What to ask for, of whom, and for how long.

use std::net::SocketAddrV4;
use std::path::PathBuf;

use serde::Deserialize;

/// A run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Where the server listens.
    pub address: SocketAddrV4,
    /// What is asked for.
    pub path: String,
    /// How.
    pub mode: Mode,
    /// Connections that ask at the same time, each one request after the other.
    pub connections: usize,
    /// Seconds before measuring begins.
    #[serde(default)]
    pub warm_seconds: f64,
    /// Seconds that are measured. Not used when `requests` says when to end.
    #[serde(default)]
    pub seconds: f64,
    /// Ends after so many requests, all of them measured.
    #[serde(default)]
    pub requests: Option<u64>,
    /// Each connection takes so many bytes a second and no more.
    #[serde(default)]
    pub bytes_per_second: Option<u64>,
    /// The socket's receive buffer, where the system's own is not wanted.
    #[serde(default)]
    pub receive_buffer_bytes: Option<usize>,
    /// Compares every byte with this file.
    #[serde(default)]
    pub verify: Option<PathBuf>,
    /// Processes of the server; their children count too.
    #[serde(default)]
    pub pids: Vec<u32>,
}

/// How a path is asked for.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mode {
    /// All of it.
    Whole,
    /// With the entity tag of the first answer, so that 304 is the right answer.
    Conditional,
    /// Ranges of `range_bytes` out of `size`, at random multiples of `align_bytes`, or one after the other.
    Ranges {
        /// Bytes there are.
        size: u64,
        /// Bytes of each range.
        range_bytes: u64,
        /// Ranges begin at multiples of this.
        align_bytes: u64,
        /// One after the other, each once, instead of at random.
        #[serde(default)]
        in_order: bool,
    },
}
