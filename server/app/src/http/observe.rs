//! Watches every answer to its last byte: metrics and one access log event, when the body ends or the client is gone.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, RANGE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use stowaway_wire::SentBytes;
use tracing::{Instrument as _, Level, Span};

use super::body::AnswerBody;
use super::dispatch::dispatch;
use super::request_id;
use super::route::Route;
use super::state::ServerState;
use super::wire_body;
use crate::telemetry::{metrics, span};

/// Where access log events come from.
const TARGET: &str = "stowaway::access";

/// Answers every request to the public listener, in a span of its own.
pub(super) async fn observed(state: Data<ServerState>, request: HttpRequest) -> HttpResponse<Observed> {
    let begun = Instant::now();
    let route = Route::parse(request.uri().path());
    let pattern = route.as_ref().map_or(Route::UNKNOWN_PATTERN, Route::pattern);
    let span = span::begin(&request, pattern);
    let id = request_id::of(request.headers());
    let event = tracing::enabled!(target: TARGET, Level::INFO).then(|| Event::of(&request, &id));
    let method = method_label(request.method());
    let mut response = dispatch(&state, &request, route).instrument(span.clone()).await;
    span::answered(&span, response.status().as_u16());
    response.headers_mut().insert(request_id::HEADER, id);
    let record = Record {
        begun,
        method,
        route: pattern,
        status: response.status().as_u16(),
        bytes_sent: 0,
        bytes_planned: planned_bytes(response.body().size(), response.headers()),
        event,
    };
    let sent = wire_body::sent_bytes(&response);
    response.map_body(|_, body| Observed { body, sent, span, record })
}

/// The length that the head promises.
fn planned_bytes(size: BodySize, headers: &HeaderMap) -> u64 {
    match size {
        BodySize::Sized(bytes) => bytes,
        BodySize::None => 0,
        BodySize::Stream => {
            let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
            length.and_then(|text| text.parse().ok()).unwrap_or(0)
        }
    }
}

/// Methods as labels; unknown ones share one, as clients can invent them.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

/// What the metrics say, and the access log.
struct Record {
    begun: Instant,
    method: &'static str,
    route: &'static str,
    status: u16,
    bytes_sent: u64,
    bytes_planned: u64,
    event: Option<Event>,
}

/// What only the access log says; there is none when nobody reads it.
struct Event {
    path: String,
    range: Option<String>,
    request_id: HeaderValue,
}

impl Event {
    fn of(request: &HttpRequest, id: &HeaderValue) -> Self {
        let range = request.headers().get(RANGE);
        Self {
            path: request.uri().path().to_owned(),
            range: range.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            request_id: id.clone(),
        }
    }
}

impl Record {
    fn write(&self) {
        let duration = self.begun.elapsed();
        metrics::answered(self.route, self.method, self.status, self.bytes_sent, duration.as_secs_f64());
        let Some(event) = &self.event else { return };
        let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            target: TARGET,
            method = self.method,
            path = %event.path,
            route = self.route,
            status = self.status,
            range = event.range.as_deref().unwrap_or_default(),
            bytes_sent = self.bytes_sent,
            bytes_planned = self.bytes_planned,
            duration_ms,
            request_id = %event.request_id.to_str().unwrap_or_default(),
        );
    }
}

/// A body that is counted, and written down when it is dropped: finished or not.
pub(super) struct Observed {
    body: AnswerBody,
    /// Where the connection counts, when it sends the bytes itself.
    sent: Option<SentBytes>,
    span: Span,
    record: Record,
}

impl Drop for Observed {
    fn drop(&mut self) {
        if let Some(sent) = &self.sent {
            self.record.bytes_sent = sent.get();
            if let Some(error) = sent.fault() {
                self.span.in_scope(|| tracing::error!(error, "an answer broke off"));
            }
        }
        self.record.write();
    }
}

impl MessageBody for Observed {
    type Error = <AnswerBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = &mut *self;
        let polled = this.span.in_scope(|| Pin::new(&mut this.body).poll_next(context));
        if let Poll::Ready(Some(Ok(chunk))) = &polled {
            this.record.bytes_sent += chunk.len() as u64;
        }
        polled
    }
}
