//! What is noted about every answer, whichever connection it goes out on: a span, metrics, and one access log event when the body has
//! ended or the client is gone.

use std::time::Instant;

use actix_web::web::Data;
use stowaway_wire::Ended;
use tracing::{Level, Span};

use super::facts::{Known, RequestFacts};
use super::request_id::RequestId;
use super::state::ServerState;
use crate::telemetry::{metrics, span};

/// Where access log events come from.
const TARGET: &str = "stowaway::access";

/// One request and its answer, as operators see them.
pub(super) struct Observation {
    state: Data<ServerState>,
    span: Span,
    begun: Instant,
    method: &'static str,
    route: &'static str,
    status: u16,
    bytes_planned: u64,
    request_id: RequestId,
    event: Option<Event>,
}

/// What only the access log says; there is none when nobody reads it.
struct Event {
    path: String,
    range: Option<String>,
}

impl Observation {
    /// A request has come, to an address with the pattern `route`; all that happens for it happens in `span`.
    pub(super) fn begin(
        state: &Data<ServerState>,
        facts: &RequestFacts<'_>,
        route: &'static str,
        begun: Instant,
        span: Span,
    ) -> Self {
        let event = tracing::enabled!(target: TARGET, Level::INFO)
            .then(|| Event { path: facts.path.to_owned(), range: facts.header(Known::Range).map(str::to_owned) });
        Self {
            state: Data::clone(state),
            span,
            begun,
            method: method_label(facts.method),
            route,
            status: 0,
            bytes_planned: 0,
            request_id: RequestId::of(facts),
            event,
        }
    }

    /// The span in which all of it happens.
    pub(super) const fn span(&self) -> &Span {
        &self.span
    }

    /// When the request was there.
    pub(super) const fn begun(&self) -> Instant {
        self.begun
    }

    /// The id that its answer carries.
    pub(super) const fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// Its answer is known: the status, and how many bytes the body has.
    pub(super) fn answered(&mut self, status: u16, bytes_planned: u64) {
        self.status = status;
        self.bytes_planned = bytes_planned;
        span::answered(&self.span, self.status);
    }

    /// Its body has ended, in whichever way.
    pub(super) fn ended(&self, ended: &Ended) {
        let reader = &self.state.reader;
        reader.count_sent_from_files(ended.from_files);
        if let Some(fault) = &ended.fault {
            self.span.in_scope(|| {
                tracing::error!(error = fault.message, route = self.route, request_id = %self.request_id, "an answer broke off");
            });
            if fault.is_short_file {
                reader.forget_open_files();
            }
        }
        let duration = self.begun.elapsed();
        metrics::answered(self.route, self.method, self.status, ended.bytes_sent, duration.as_secs_f64());
        let Some(event) = &self.event else { return };
        tracing::info!(
            target: TARGET,
            method = self.method,
            path = %event.path,
            route = self.route,
            status = self.status,
            range = event.range.as_deref().unwrap_or_default(),
            bytes_sent = ended.bytes_sent,
            bytes_planned = self.bytes_planned,
            duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            request_id = %self.request_id,
        );
    }
}

/// Methods as labels; unknown ones share one, as clients can invent them.
fn method_label(method: &str) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"];
    METHODS.into_iter().find(|known| *known == method).unwrap_or("other")
}
