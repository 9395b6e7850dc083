//! Liveness, readiness and metrics: what orchestrators and Prometheus ask. Never kept by a cache.

use std::error::Error;

use stowaway_domain::conditional::Method;

use super::answered::Answered;
use super::state::ServerState;

const TEXT: &str = "text/plain; charset=utf-8";
/// The media type of Prometheus' text format.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `/healthz`: the process answers.
pub(super) fn health(method: Method) -> Answered {
    Answered::text(200, TEXT, "ok\n".to_owned(), method)
}

/// `/readyz`: should requests be sent here?
pub(super) async fn ready(state: &ServerState, method: Method) -> Answered {
    if state.is_draining() {
        return Answered::text(503, TEXT, "draining\n".to_owned(), method);
    }
    match state.reader.ready().await {
        Ok(()) => Answered::text(200, TEXT, "ready\n".to_owned(), method),
        Err(unready) => {
            tracing::warn!(error = &unready as &dyn Error, "not ready");
            Answered::text(503, TEXT, format!("{unready}\n"), method)
        }
    }
}

/// `/metrics`
pub(super) fn metrics(state: &ServerState, method: Method) -> Answered {
    Answered::text(200, METRICS, state.metrics.render(), method)
}
