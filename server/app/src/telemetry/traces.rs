//! Traces over OTLP/HTTP, exported in batches by a thread of their own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_otlp::{ExporterBuildError, SpanExporter as OtlpExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter};
use stowaway_engine::error_chain::ErrorChain;

/// The collector cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("traces cannot be exported to {endpoint}")]
pub(super) struct TracesError {
    endpoint: String,
    source: ExporterBuildError,
}

/// Builds the exporting provider and has `traceparent` headers understood.
///
/// # Errors
/// The address cannot be used.
pub(super) fn provider(endpoint: &str, sample_ratio: f64) -> Result<SdkTracerProvider, TracesError> {
    let exporter = OtlpExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|source| TracesError { endpoint: endpoint.to_owned(), source })?;
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(sample_ratio)));
    Ok(SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name("stowaway").build())
        .with_sampler(sampler)
        .with_batch_exporter(Watched { exporter, endpoint: endpoint.to_owned(), is_failing: AtomicBool::new(false) })
        .build())
}

/// Says in the log that a collector is away, once, and that it is back.
#[derive(Debug)]
struct Watched {
    exporter: OtlpExporter,
    endpoint: String,
    is_failing: AtomicBool,
}

impl Watched {
    fn note(&self, outcome: &OTelSdkResult) {
        let failed_before = self.is_failing.swap(outcome.is_err(), Ordering::Relaxed);
        match outcome {
            Err(error) if !failed_before => {
                tracing::warn!(endpoint = self.endpoint, error = %ErrorChain(error), "traces cannot be exported, and are lost until they can");
            }
            Ok(()) if failed_before => tracing::info!(endpoint = self.endpoint, "traces are exported again"),
            _ => {}
        }
    }
}

impl SpanExporter for Watched {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let outcome = self.exporter.export(batch).await;
        self.note(&outcome);
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
