//! What the operator sees: log lines on standard error, traces over OTLP, metrics for Prometheus.

mod logs;
pub(crate) mod metrics;
pub(crate) mod span;
mod traces;

use crate::configuration::Settings;
use crate::failure::Failure;
use stowaway_engine::error_chain::ErrorChain;

/// Keeps the exporters alive; [`Telemetry::finish`] sends what is still buffered.
pub(crate) struct Telemetry {
    traces: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

impl Telemetry {
    /// Sends the last spans. A collector that is away costs a log line, not the exit code.
    pub(crate) fn finish(self) {
        if let Some(Err(error)) = self.traces.map(|provider| provider.shutdown()) {
            tracing::warn!(error = %ErrorChain(&error), "the last traces could not be exported");
        }
    }
}

/// Starts logging, and exporting traces when a collector is configured.
///
/// # Errors
/// The collector's address cannot be used.
pub(crate) fn start(settings: &Settings) -> Result<Telemetry, Failure> {
    let traces = match settings.telemetry.otlp_endpoint.as_deref() {
        Some(endpoint) => Some(traces::provider(endpoint, settings.telemetry.sample_ratio).map_err(|error| {
            Failure::environment(error).remedy("set telemetry.otlp_endpoint to the base URL of an OTLP/HTTP collector")
        })?),
        None => None,
    };
    if traces.is_some() {
        span::export();
    }
    logs::start(&settings.log, traces.as_ref());
    Ok(Telemetry { traces })
}
