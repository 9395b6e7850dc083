//! A body that is noted when it is dropped: finished or not.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use stowaway_wire::{Ended, SentBytes};

use super::observe::Observation;

/// A body `B` and, as long as it is there, the body `U` of the request, which may not have been read to its end: while somebody holds
/// that, actix-http does not wait for its end, which may never come, and closes.
pub(super) struct Observed<B, U> {
    body: B,
    /// Where the connection counts, when it sends the bytes itself.
    sent: Option<SentBytes>,
    /// Bytes at hand that the HTTP layer took.
    bytes_taken: u64,
    observation: Observation,
    _unread: U,
}

impl<B, U> Observed<B, U> {
    pub(super) const fn new(body: B, sent: Option<SentBytes>, observation: Observation, unread: U) -> Self {
        Self { body, sent, bytes_taken: 0, observation, _unread: unread }
    }
}

impl<B, U> Drop for Observed<B, U> {
    fn drop(&mut self) {
        let ended = match &self.sent {
            Some(sent) => Ended { bytes_sent: sent.get(), from_files: sent.from_files(), fault: sent.fault() },
            None => Ended { bytes_sent: self.bytes_taken, from_files: 0, fault: None },
        };
        self.observation.ended(&ended);
    }
}

impl<B: MessageBody + Unpin, U: Unpin> MessageBody for Observed<B, U> {
    type Error = B::Error;

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
