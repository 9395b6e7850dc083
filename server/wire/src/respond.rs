//! Gives a response its segmented body, in the way that suits the connection and the method.

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    http::{
        Method,
        header::{CONTENT_LENGTH, HeaderValue},
    },
};

#[cfg(target_os = "linux")]
use crate::{body::BesideBody, connection::ConnectionHandle, outbox::Transfer};
use crate::{
    body::{FileBody, SegmentedBody},
    plain_body::PlainBody,
    segment::{Segments, Sending},
    sent_bytes::SentBytes,
};

/// Gives `response` a body of `len` bytes made of `segments`: one, a list, or a stream of which each is taken when
/// the one before has been sent.
///
/// Status and headers are kept; `Content-Length` is set, and [`SentBytes`] put into the response's extensions. HEAD gets
/// the same head and no body. Segments that do not add up to `len`, and files that end too early, abort the connection
/// after the bytes that are right.
///
/// The bytes do not pass through the response's body where the connection sends them itself: middleware that changes
/// bodies (compression) must leave these answers alone.
#[must_use]
pub fn respond<B>(
    request: &HttpRequest,
    response: HttpResponse<B>,
    len: u64,
    segments: impl Into<Segments>,
) -> HttpResponse<FileBody> {
    let sent = SentBytes::default();
    let body = if request.method() == Method::HEAD {
        SegmentedBody::Silent
    } else {
        choose_body(request, len, Sending::new(segments.into(), len), sent.clone())
    };
    let mut response = response.set_body(FileBody(body));
    response.extensions_mut().insert(sent);
    if response.body().size() == BodySize::Stream {
        response.head_mut().no_chunking(true);
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(len));
    }
    response
}

#[cfg(target_os = "linux")]
fn choose_body(request: &HttpRequest, len: u64, segments: Sending, sent: SentBytes) -> SegmentedBody {
    match request.conn_data::<ConnectionHandle>() {
        // An empty body is left to the HTTP layer: there is nothing to send beside it.
        Some(ConnectionHandle { outbox, .. }) if len > 0 => SegmentedBody::Beside(BesideBody::new(
            std::rc::Rc::clone(outbox),
            Transfer { segments, sent, is_begun: false },
        )),
        _ => SegmentedBody::Plain(PlainBody::new(len, segments, sent)),
    }
}

#[cfg(not(target_os = "linux"))]
fn choose_body(_: &HttpRequest, len: u64, segments: Sending, sent: SentBytes) -> SegmentedBody {
    SegmentedBody::Plain(PlainBody::new(len, segments, sent))
}
