//! Answers reads through actix-web: takes the facts out of its request, and notes the answer to its last byte.

use std::time::Instant;

use actix_web::http::{ConnectionType, header};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use stowaway_wire::SentBytes;
use tracing::Instrument as _;

use super::dispatch;
use super::observe::Observation;
use super::observed::Observed;
use super::render::{self, AnswerBody};
use super::request_id;
use super::route::Route;
use super::state::ServerState;
use crate::telemetry::span;

/// Answers every request to the public listener that is not for the API.
pub(super) async fn handle(
    state: Data<ServerState>,
    request: HttpRequest,
    unread: Payload,
) -> HttpResponse<Observed<AnswerBody, Payload>> {
    let facts = render::facts(&request);
    let route = Route::parse(facts.path);
    let pattern = route.as_ref().map_or(Route::UNKNOWN_PATTERN, Route::pattern);
    let span = span::begin(&facts, pattern);
    let mut observation = Observation::begin(&state, &facts, pattern, Instant::now(), span.clone());
    let mut answered = dispatch::answer(&state, &facts, route, |_, _| ()).instrument(span).await;
    answered.headers.push((request_id::NAME, observation.request_id().to_header_text()));
    observation.answered(answered.status, answered.planned_bytes());
    let mut response = render::render(&request, answered);
    // Nothing is upgraded, and actix-http would say that it is. Of a list, it does not see that it says `close`.
    if request.head().upgrade() || asks_to_close(&request) {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    let sent = response.extensions().get::<SentBytes>().cloned();
    response.map_body(|_, body| Observed::new(body, sent, observation, unread))
}

/// Whether `close` is among the options of the connection (RFC 9110 §7.6.1).
fn asks_to_close(request: &HttpRequest) -> bool {
    let values = request.headers().get_all(header::CONNECTION);
    let mut options = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
}
