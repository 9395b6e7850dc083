//! What every request shares.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use stowaway_engine::read::Reader;

use super::embedded_files::EmbeddedFiles;
use crate::configuration::Settings;

/// Shared by all workers and both listeners.
pub(crate) struct ServerState {
    /// Resolves and reads what is published.
    pub(crate) reader: Reader,
    /// Renders the metrics.
    pub(crate) metrics: PrometheusHandle,
    /// The built client.
    pub(crate) client: EmbeddedFiles,
    /// Are metrics on the admin listener only?
    pub(crate) has_admin_listener: bool,
    /// Does every answer say how long its steps took?
    pub(crate) has_server_timing: bool,
    /// For how long readers of blobs are sent to the object store, if they are.
    pub(crate) redirect: Option<Duration>,
    /// Is every request to be traced?
    pub(crate) exports_traces: bool,
    draining: AtomicBool,
}

impl ServerState {
    /// The state of a server that takes requests.
    pub(crate) fn new(reader: Reader, metrics: PrometheusHandle, settings: &Settings) -> Self {
        Self {
            reader,
            metrics,
            client: EmbeddedFiles::load(),
            has_admin_listener: settings.admin_listen.is_some(),
            has_server_timing: settings.http.server_timing,
            redirect: Some(settings.storage.redirect_seconds).filter(|&seconds| seconds > 0).map(Duration::from_secs),
            exports_traces: settings.telemetry.otlp_endpoint.is_some(),
            draining: AtomicBool::new(false),
        }
    }

    /// Has the end begun?
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Says from now on that no more requests should be sent here.
    pub(crate) fn start_draining(&self) {
        self.draining.store(true, Ordering::Release);
    }
}
