//! Watches every answer to its last byte: metrics and one access log event, when the body ends or the client is gone.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::Error;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue, RANGE};
use actix_web::middleware::Next;
use bytes::Bytes;

use super::request_id;
use super::route::route_pattern;
use crate::telemetry::metrics;

/// The middleware.
pub(super) async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Observed<B>>, Error> {
    let begun = Instant::now();
    let id = request_id::of(&request);
    let text = |name| request.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let mut record = Record {
        begun,
        method: method_label(request.method()),
        path: request.uri().path().to_owned(),
        route: route_pattern(request.uri().path()),
        status: 0,
        range: text(RANGE),
        bytes_sent: 0,
        bytes_planned: 0,
        request_id: id.clone(),
    };
    let mut response = next.call(request).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static(request_id::HEADER), value);
    }
    record.status = response.status().as_u16();
    Ok(response.map_body(|_, body| {
        if let BodySize::Sized(bytes) = body.size() {
            record.bytes_planned = bytes;
        }
        Observed { body: Box::pin(body), record }
    }))
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

/// What the access log says.
struct Record {
    begun: Instant,
    method: &'static str,
    path: String,
    route: &'static str,
    status: u16,
    range: Option<String>,
    bytes_sent: u64,
    bytes_planned: u64,
    request_id: String,
}

impl Record {
    fn write(&self) {
        let duration = self.begun.elapsed();
        metrics::answered(self.route, self.method, self.status, self.bytes_sent, duration.as_secs_f64());
        let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            target: "stowaway::access",
            method = self.method,
            path = %self.path,
            route = self.route,
            status = self.status,
            range = self.range.as_deref().unwrap_or_default(),
            bytes_sent = self.bytes_sent,
            bytes_planned = self.bytes_planned,
            duration_ms,
            request_id = %self.request_id,
        );
    }
}

/// A body that is counted, and written down when it is dropped: finished or not.
pub(super) struct Observed<B> {
    body: Pin<Box<B>>,
    record: Record,
}

impl<B> Drop for Observed<B> {
    fn drop(&mut self) {
        self.record.write();
    }
}

impl<B: MessageBody> MessageBody for Observed<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let polled = self.body.as_mut().poll_next(context);
        if let Poll::Ready(Some(Ok(chunk))) = &polled {
            self.record.bytes_sent += chunk.len() as u64;
        }
        polled
    }
}
