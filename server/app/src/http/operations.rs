//! Liveness, readiness and metrics: what orchestrators and Prometheus ask. Never kept by a cache.

use stowaway_domain::conditional::Method;
use stowaway_engine::error_chain::ErrorChain;

use super::answered::Answered;
use super::state::ServerState;

const TEXT: &str = "text/plain; charset=utf-8";
/// The media type of Prometheus' text format.
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `/healthz`: the process answers.
pub(super) fn health(method: Method) -> Answered {
    Answered::text(200, TEXT, "ok\n".to_owned(), method)
}

/// The query of a probe that keeps a degraded server in rotation.
const DEGRADED_OK: &str = "degraded=ok";

/// `/readyz`: should requests be sent here? A server whose database or store is away serves what it knows. Whether that is better than
/// nothing only the balancer's operator knows: where every server has lost the same database, it is, and the probe asks with
/// `?degraded=ok`.
pub(super) async fn ready(state: &ServerState, method: Method, query: &str) -> Answered {
    if state.is_draining() {
        return Answered::text(503, TEXT, "draining\n".to_owned(), method);
    }
    match state.reader.ready().await {
        Ok(()) => Answered::text(200, TEXT, "ready\n".to_owned(), method),
        Err(unready) => {
            tracing::warn!(error = %ErrorChain(&unready), "not ready");
            let status = if query == DEGRADED_OK { 200 } else { 503 };
            Answered::text(status, TEXT, format!("degraded: {unready}\n"), method)
        }
    }
}

/// `/metrics`
pub(super) fn metrics(state: &ServerState, method: Method) -> Answered {
    Answered::text(200, METRICS, state.metrics.render(), method)
}
