//! Writes an answer as actix-web's response. Decides nothing.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use stowaway_domain::headers::Headers;
use stowaway_engine::read::{Span, Spans};
use stowaway_wire::FileBody;

use super::answered::Answered;
use super::facts::RequestFacts;
use super::header_names::header_name;
use super::segments::segments;

/// The facts of actix-web's request.
pub(super) fn facts(request: &HttpRequest) -> RequestFacts<'_> {
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    RequestFacts::new(request.method().as_str(), request.uri().path(), request.query_string(), headers)
}

/// Writes `answered`. What can be at hand is; the connection sends the rest itself.
pub(super) fn render(request: &HttpRequest, answered: Answered) -> HttpResponse<AnswerBody> {
    let Answered { status, headers, content_length, spans } = answered;
    let head = head(status, &headers);
    match (spans, content_length) {
        (Spans::One(Span::Bytes(bytes)), Some(_)) => head.map_body(|_, ()| AnswerBody::at_hand(bytes)),
        // actix-http would encode a HEAD as what came after it on the connection; the wire does not.
        (spans, Some(length)) => {
            stowaway_wire::respond(request, head, length, segments(spans)).map_body(|_, body| AnswerBody::Wire(body))
        }
        (_, None) => head.map_body(|_, ()| AnswerBody::None),
    }
}

fn head(status: u16, headers: &Headers) -> HttpResponse<()> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, ());
    for (name, value) in headers.iter() {
        // Values are made by the domain from digests, numbers, tags and media types; one that is no header is left out.
        if let Ok(value) = HeaderValue::from_maybe_shared(value.clone().into_bytes()) {
            response.headers_mut().append(header_name(name), value);
        }
    }
    response
}

/// The body of an answer as actix-web takes it.
pub(super) enum AnswerBody {
    /// There is none.
    None,
    /// Bytes at hand, until they are taken, and how many there are.
    AtHand(Option<Bytes>, u64),
    /// Sent by the connection itself, or not at all (HEAD).
    Wire(FileBody),
}

impl AnswerBody {
    fn at_hand(bytes: Bytes) -> Self {
        let length = bytes.len() as u64;
        Self::AtHand(Some(bytes), length)
    }
}

impl MessageBody for AnswerBody {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        match self {
            Self::None => BodySize::None,
            Self::AtHand(_, length) => BodySize::Sized(*length),
            Self::Wire(body) => body.size(),
        }
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        match self.get_mut() {
            Self::None => Poll::Ready(None),
            Self::AtHand(bytes, ..) => Poll::Ready(bytes.take().map(Ok)),
            Self::Wire(body) => Pin::new(body).poll_next(context).map(|chunk| chunk.map(|read| read.map_err(boxed))),
        }
    }
}

fn boxed(error: io::Error) -> Box<dyn Error> {
    error.into()
}
