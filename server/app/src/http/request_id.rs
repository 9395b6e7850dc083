//! The id under which a request is found in logs: the caller's if it sent a sane one, else our own.

use actix_web::HttpMessage as _;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderMap;
use tracing_actix_web::RequestId;

/// Header that carries the id in both directions.
pub(crate) const HEADER: &str = "x-request-id";
/// Longest id that is taken over.
const MAX_BYTES: usize = 64;

/// The id of a request.
pub(crate) fn of(request: &ServiceRequest) -> String {
    sent(request.headers())
        .map(str::to_owned)
        .unwrap_or_else(|| request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default())
}

/// `x-request-id` when it cannot forge a log line, else the trace id of `traceparent` (W3C Trace Context §3.2).
fn sent(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    text(HEADER).filter(|id| is_sane(id)).or_else(|| text("traceparent").and_then(trace_id))
}

fn is_sane(id: &str) -> bool {
    (1..=MAX_BYTES).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn trace_id(traceparent: &str) -> Option<&str> {
    let id = traceparent.split('-').nth(1)?;
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) && id.bytes().any(|byte| byte != b'0'))
        .then_some(id)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn sent_with(name: &str, value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value).unwrap());
        sent(&headers).map(str::to_owned)
    }

    #[test]
    fn only_ids_that_cannot_forge_a_log_line_are_taken_over() {
        assert_eq!(sent_with(HEADER, "abc-1.2_3").as_deref(), Some("abc-1.2_3"));
        for bad in ["", "a b", "a\"b", "a=b", &"a".repeat(65)] {
            assert_eq!(sent_with(HEADER, bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_trace_context_gives_its_trace_id() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(sent_with("traceparent", &format!("00-{id}-00f067aa0ba902b7-01")).as_deref(), Some(id));
        assert_eq!(sent_with("traceparent", &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32))), None);
        assert_eq!(sent_with("traceparent", "nonsense"), None);
    }
}
