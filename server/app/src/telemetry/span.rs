//! The span of one request: named by its route, continuing the caller's trace.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::propagation::Extractor;
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::http::{Known, RequestFacts};

/// Whether spans leave the process. Until then a span only says in log lines to which request they belong.
static ARE_EXPORTED: AtomicBool = AtomicBool::new(false);

/// Spans have all that a trace wants from now on. Called once, by start-up.
pub(super) fn export() {
    ARE_EXPORTED.store(true, Ordering::Relaxed);
}

/// The span of a request. There is one for every range request, and the log renders its fields whether or not a line is written in
/// it: it has no more of them than are of use.
pub(crate) fn begin(request: &RequestFacts<'_>, route: &'static str) -> Span {
    if ARE_EXPORTED.load(Ordering::Relaxed) {
        exported(request, route)
    } else {
        tracing::info_span!("request", method = %request.method, path = %request.path)
    }
}

/// With the attribute names of OpenTelemetry's HTTP conventions; nothing at all when the log level asks for no spans.
fn exported(request: &RequestFacts<'_>, route: &'static str) -> Span {
    let method = request.method;
    let span = tracing::info_span!(
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        url.path = request.path,
        http.response.status_code = Empty,
    );
    if !span.is_disabled() {
        let parent =
            opentelemetry::global::get_text_map_propagator(|propagator| propagator.extract(&RequestHeaders(request)));
        // Only fails where no exporter is installed, and then there is no trace to continue.
        let _ = span.set_parent(parent);
    }
    span
}

/// Notes how a request was answered, in a span that is exported.
pub(crate) fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The headers of a trace context as a propagator reads them.
struct RequestHeaders<'a>(&'a RequestFacts<'a>);

const TRACE_CONTEXT: [(&str, Known); 2] = [("traceparent", Known::TraceParent), ("tracestate", Known::TraceState)];

impl Extractor for RequestHeaders<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let (_, known) = TRACE_CONTEXT.iter().find(|(name, _)| *name == key)?;
        self.0.header(*known)
    }

    fn keys(&self) -> Vec<&str> {
        TRACE_CONTEXT.iter().filter(|(_, known)| self.0.header(*known).is_some()).map(|(name, _)| *name).collect()
    }
}
