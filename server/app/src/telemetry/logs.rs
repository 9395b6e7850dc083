//! Log lines on standard error, so that standard output stays for results.

use std::io::IsTerminal as _;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use crate::configuration::{Log, LogFormat};

/// Name of the instrumentation scope of exported spans.
const SCOPE: &str = "stowaway";

/// Installs the subscriber of the process. Called once, by start-up.
pub(super) fn start(log: &Log, traces: Option<&SdkTracerProvider>) {
    // Checked when the configuration was loaded; the lossy form only skips what could not be parsed.
    let filter = EnvFilter::builder().parse_lossy(&log.level);
    let lines = match log.format {
        LogFormat::Text => {
            let colours = std::io::stderr().is_terminal();
            tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(std::io::stderr).boxed()
        }
        LogFormat::Json => {
            tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).boxed()
        }
    };
    let exported = traces.map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer(SCOPE)));
    Registry::default().with(filter).with(lines).with(exported).init();
}
