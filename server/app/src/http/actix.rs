//! Answers through actix-web: takes the facts out of its request, and notes the answer to its last byte.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use stowaway_wire::{Ended, SentBytes};
use tracing::Instrument as _;

use super::dispatch;
use super::observe::Observation;
use super::render::{self, AnswerBody};
use super::route::Route;
use super::state::ServerState;

/// Answers every request to the public listener.
pub(super) async fn handle(state: Data<ServerState>, request: HttpRequest) -> HttpResponse<Observed> {
    let facts = render::facts(&request);
    let route = Route::parse(facts.path);
    let mut observation = Observation::begin(&state, &facts, route.as_ref());
    let span = observation.span().clone();
    let mut answered = dispatch::answer(&state, &facts, route).instrument(span).await;
    observation.answered(&mut answered);
    let response = render::render(&request, answered);
    let sent = response.extensions().get::<SentBytes>().cloned();
    response.map_body(|_, body| Observed { body, sent, bytes_taken: 0, observation })
}

/// A body that is noted when it is dropped: finished or not.
pub(super) struct Observed {
    body: AnswerBody,
    /// Where the connection counts, when it sends the bytes itself.
    sent: Option<SentBytes>,
    /// Bytes at hand that the HTTP layer took.
    bytes_taken: u64,
    observation: Observation,
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
