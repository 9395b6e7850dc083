//! Answers through actix-web: takes the facts out of its request, and notes the answer to its last byte.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::{ConnectionType, header};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use stowaway_wire::{Ended, SentBytes};
use tracing::Instrument as _;

use super::dispatch;
use super::observe::Observation;
use super::render::{self, AnswerBody};
use super::request_id;
use super::route::Route;
use super::state::ServerState;
use crate::telemetry::span;

/// Answers every request to the public listener.
pub(super) async fn handle(state: Data<ServerState>, request: HttpRequest, unread: Payload) -> HttpResponse<Observed> {
    let facts = render::facts(&request);
    let route = Route::parse(facts.path);
    let pattern = route.as_ref().map_or(Route::UNKNOWN_PATTERN, Route::pattern);
    let span = span::begin(&facts, pattern);
    let mut observation = Observation::begin(&state, &facts, pattern, Instant::now(), span.clone());
    let mut answered = dispatch::answer(&state, &facts, route, |_, _| ()).instrument(span).await;
    answered.headers.push((request_id::NAME, observation.request_id().clone()));
    observation.answered(&answered);
    let mut response = render::render(&request, answered);
    // Nothing is upgraded, and actix-http would say that it is. Of a list, it does not see that it says `close`.
    if request.head().upgrade() || asks_to_close(&request) {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    let sent = response.extensions().get::<SentBytes>().cloned();
    response.map_body(|_, body| Observed { body, sent, bytes_taken: 0, observation, _unread: unread })
}

/// Whether `close` is among the options of the connection (RFC 9110 §7.6.1).
fn asks_to_close(request: &HttpRequest) -> bool {
    let values = request.headers().get_all(header::CONNECTION);
    let mut options = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
}

/// A body that is noted when it is dropped: finished or not.
pub(super) struct Observed {
    body: AnswerBody,
    /// Where the connection counts, when it sends the bytes itself.
    sent: Option<SentBytes>,
    /// Bytes at hand that the HTTP layer took.
    bytes_taken: u64,
    observation: Observation,
    /// The request's body, which nobody reads. While it is here actix-http does not wait for its end, which may never come, and closes.
    _unread: Payload,
}

impl Drop for Observed {
    fn drop(&mut self) {
        let ended = match &self.sent {
            Some(sent) => Ended { bytes_sent: sent.get(), from_files: sent.from_files(), fault: sent.fault() },
            None => Ended { bytes_sent: self.bytes_taken, from_files: 0, fault: None },
        };
        self.observation.ended(&ended);
    }
}

impl MessageBody for Observed {
    type Error = <AnswerBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = &mut *self;
        let polled = this.observation.span().in_scope(|| Pin::new(&mut this.body).poll_next(context));
        if let Poll::Ready(Some(Ok(chunk))) = &polled {
            this.bytes_taken += chunk.len() as u64;
        }
        polled
    }
}
