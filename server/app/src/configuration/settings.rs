//! Every setting, its type and its default. Nothing here reads a file or the environment.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the program itself says, and what libraries find worrying; not that a stranger sent what is no HTTP, which actix-http calls an
/// error of the server's.
const DEFAULT_LOG_LEVEL: &str = "info,actix_server=warn,actix_http::h1::dispatcher=off";

/// The effective configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// Address of the public listener.
    pub(crate) listen: SocketAddr,
    /// Address of the second listener for metrics and health, if there is one.
    pub(crate) admin_listen: Option<SocketAddr>,
    /// Title of the catalogue.
    pub(crate) public_title: String,
    /// Scheme and authority under which everybody reaches this server. Absent: addresses in Metalinks are relative.
    pub(crate) public_url: Option<String>,
    /// Where objects lie.
    pub(crate) storage: Storage,
    /// Where rows lie.
    pub(crate) database: Database,
    /// What is logged.
    pub(crate) log: Log,
    /// Where traces go.
    pub(crate) telemetry: Telemetry,
    /// Limits of connections and answers.
    pub(crate) http: Http,
    /// Limits of what is remembered.
    pub(crate) cache: Cache,
    /// What browsers and edges are told about documents that change.
    pub(crate) edge: Edge,
    /// How publishing works.
    pub(crate) publish: Publish,
    /// Limits of the administration API.
    pub(crate) api: Api,
    /// Limits of uploads over the network.
    pub(crate) upload: Upload,
    /// How what nobody needs is removed.
    pub(crate) gc: Gc,
    /// For how long releases stay.
    pub(crate) retention: Retention,
    /// How much may be stored.
    pub(crate) quota: Quota,
}

/// `[storage]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Storage {
    /// `file:///…`, `memory:`, `s3://bucket/prefix`, `gs://…` or `az://…`. Absent: `stowaway-data/store` in the working directory.
    pub(crate) url: Option<String>,
    /// Where the service is, when it is not the vendor's own.
    pub(crate) endpoint: Option<String>,
    /// Region of an S3 bucket.
    pub(crate) region: Option<String>,
    /// S3: the bucket is the first part of the path, not of the host name.
    pub(crate) path_style: bool,
    /// Making a connection to the object store may take this long.
    pub(crate) connect_timeout_seconds: u64,
    /// The object store may be silent for this long in the middle of a request.
    pub(crate) request_timeout_seconds: u64,
    /// A failed request to the object store is tried again this often.
    pub(crate) retries: usize,
    /// Readers of blobs are sent to the object store, with an address that is valid for this long; 0: they are served here.
    pub(crate) redirect_seconds: u64,
}

/// `[database]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Database {
    /// `sqlite:…` or `postgres://…`. Absent: `stowaway-data/stowaway.db` in the working directory.
    pub(crate) url: Option<String>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Log {
    /// Text or JSON.
    pub(crate) format: LogFormat,
    /// A level, or directives such as `info,stowaway::access=off`.
    pub(crate) level: String,
}

/// `[telemetry]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Telemetry {
    /// Base URL of an OTLP/HTTP collector; traces go to `/v1/traces` below it. Absent: no traces are exported.
    pub(crate) otlp_endpoint: Option<String>,
    /// Part of the traces that begin here which is exported, 0 to 1.
    pub(crate) sample_ratio: f64,
}

/// `[http]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Http {
    /// Threads that serve; 0 is one a core.
    pub(crate) workers: usize,
    /// Connections one worker holds at once.
    pub(crate) max_connections_per_worker: usize,
    /// An idle connection is closed after this time.
    pub(crate) keep_alive_seconds: u64,
    /// A client must have sent its request head within this time.
    pub(crate) request_head_timeout_seconds: u64,
    /// A client that takes no bytes for this long is disconnected.
    pub(crate) write_idle_seconds: u64,
    /// A client that takes an answer more slowly than this, on average and after `write_idle_seconds`, is disconnected; 0 allows any.
    pub(crate) minimum_send_bytes_per_second: u64,
    /// After SIGTERM, new connections are still taken for this long while `/readyz` says "draining".
    pub(crate) drain_delay_seconds: u64,
    /// After that, running downloads may take this long to finish.
    pub(crate) shutdown_timeout_seconds: u64,
    /// Bytes read from the store at once, for one answer.
    pub(crate) read_chunk_bytes: usize,
    /// Whether answers say how long their steps took.
    pub(crate) server_timing: bool,
}

/// `[cache]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Cache {
    /// Bytes of manifests, piece indexes and catalogue pages held in memory.
    pub(crate) document_bytes: u64,
    /// Rows (pointers, releases, blobs) held in memory, of each kind.
    pub(crate) rows: u64,
    /// A pointer or catalogue page is asked for again after this time while the database does not say what changes.
    pub(crate) pointer_fresh_ms: u64,
    /// Folder of the slices of remote blobs. Absent: `stowaway-data/slices` in the working directory.
    pub(crate) directory: Option<PathBuf>,
    /// Bytes of slices on disk; 0 is no slice cache.
    pub(crate) max_bytes: u64,
    /// Bytes fetched and kept at a time.
    pub(crate) slice_bytes: u64,
    /// Slices fetched ahead of a reader.
    pub(crate) read_ahead_slices: u64,
    /// Slices being fetched at once.
    pub(crate) fills: usize,
    /// Files of slices held open.
    pub(crate) open_files: u64,
}

/// `[edge]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Edge {
    /// `max-age` of the current manifest and the catalogue.
    pub(crate) pointer_max_age_seconds: u32,
    /// `s-maxage` of the same.
    pub(crate) pointer_shared_max_age_seconds: u32,
}

/// `[publish]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Publish {
    /// Files read, hashed and cut at once; 0 is one a core.
    pub(crate) workers: usize,
    /// A watched folder is published when nothing in it has changed for this long.
    pub(crate) settle_ms: u64,
}

/// `[gc]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Gc {
    /// What was written, or needed, within this time is spared.
    pub(crate) grace_seconds: u64,
    /// Events in the database are removed after this time.
    pub(crate) events_days: u64,
}

/// `[retention]`: a release stays while either rule keeps it; without rules for ever.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Retention {
    /// The newest so many releases of a tag stay; 0 is no such rule.
    pub(crate) keep_releases: u64,
    /// Releases of so many days stay; 0 is no such rule.
    pub(crate) keep_days: u64,
}

/// `[quota]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Quota {
    /// Bytes that the blobs of one tag may have; 0 is any number.
    pub(crate) tag_bytes: u64,
}

/// `[api]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Api {
    /// Wrong tokens that an address may show a minute.
    pub(crate) wrong_tokens_per_minute: u32,
    /// Requests that a token may make a second, on average.
    pub(crate) requests_per_second: u32,
    /// A small request body must have come within this time.
    pub(crate) body_timeout_seconds: u64,
}

/// `[upload]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Upload {
    /// Largest upload.
    pub(crate) max_bytes: u64,
    /// Unfinished uploads that one token may have.
    pub(crate) open_per_token: u64,
    /// An upload is kept for this long after its last append.
    pub(crate) expire_hours: u64,
    /// Appends at once; each holds two parts of 8 MiB or more in memory.
    pub(crate) at_once: usize,
    /// A client may send nothing for this long in the middle of an append.
    pub(crate) idle_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            admin_listen: None,
            public_title: "Stowaway".to_owned(),
            public_url: None,
            storage: Storage::default(),
            database: Database::default(),
            log: Log::default(),
            telemetry: Telemetry::default(),
            http: Http::default(),
            cache: Cache::default(),
            edge: Edge::default(),
            publish: Publish::default(),
            api: Api::default(),
            upload: Upload::default(),
            gc: Gc::default(),
            retention: Retention::default(),
            quota: Quota::default(),
        }
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            url: None,
            endpoint: None,
            region: None,
            path_style: true,
            connect_timeout_seconds: 5,
            request_timeout_seconds: 30,
            retries: 3,
            redirect_seconds: 0,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: DEFAULT_LOG_LEVEL.to_owned() }
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { otlp_endpoint: None, sample_ratio: 1.0 }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            workers: 0,
            max_connections_per_worker: 10_000,
            keep_alive_seconds: 75,
            request_head_timeout_seconds: 10,
            write_idle_seconds: 120,
            minimum_send_bytes_per_second: 1024,
            drain_delay_seconds: 1,
            shutdown_timeout_seconds: 30,
            read_chunk_bytes: 64 * 1024,
            server_timing: false,
        }
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            document_bytes: 64 * 1024 * 1024,
            rows: 100_000,
            pointer_fresh_ms: 250,
            directory: None,
            max_bytes: 8 * 1024 * 1024 * 1024,
            slice_bytes: 4 * 1024 * 1024,
            read_ahead_slices: 2,
            fills: 32,
            open_files: 512,
        }
    }
}

impl Default for Edge {
    fn default() -> Self {
        // As long as a new release may stay unseen: nothing purges an edge yet.
        Self { pointer_max_age_seconds: 10, pointer_shared_max_age_seconds: 60 }
    }
}

impl Default for Api {
    fn default() -> Self {
        Self { wrong_tokens_per_minute: 30, requests_per_second: 100, body_timeout_seconds: 10 }
    }
}

impl Default for Upload {
    fn default() -> Self {
        Self {
            max_bytes: 64 * 1024 * 1024 * 1024,
            open_per_token: 1000,
            expire_hours: 24,
            at_once: 16,
            idle_seconds: 60,
        }
    }
}

impl Default for Gc {
    fn default() -> Self {
        Self { grace_seconds: 24 * 3600, events_days: 7 }
    }
}

impl Default for Publish {
    fn default() -> Self {
        Self { workers: 0, settle_ms: 3000 }
    }
}
