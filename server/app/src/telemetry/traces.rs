//! Traces over OTLP/HTTP, exported in batches by a thread of their own.

use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

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
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|source| TracesError { endpoint: endpoint.to_owned(), source })?;
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(sample_ratio)));
    Ok(SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name("stowaway").build())
        .with_sampler(sampler)
        .with_batch_exporter(exporter)
        .build())
}
