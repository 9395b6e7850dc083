//! Writes a planned answer as actix-web's response. Decides nothing.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use stowaway_domain::answer::{Answer, BodyPlan};
use stowaway_domain::conditional::Method;
use stowaway_domain::cors;
use stowaway_domain::header_text::{Header, HeaderText};
use stowaway_domain::problem::Problem;
use stowaway_engine::read::{ReadError, Reader, Resource};

use super::body::AnswerBody;

/// What every handler gives.
pub(crate) type Rendered = HttpResponse<AnswerBody>;

/// Renders an answer about `resource`.
///
/// # Errors
/// The store failed before the first byte.
pub(crate) async fn answer(reader: &Reader, resource: &Arc<Resource>, answer: Answer) -> Result<Rendered, ReadError> {
    let body = AnswerBody::open(reader, resource, answer.body, answer.content_length).await?;
    Ok(respond(answer.status, answer.headers, body))
}

/// Renders a problem.
pub(crate) fn problem(problem: &Problem, method: Method, path: &str) -> Rendered {
    at_hand(problem.answer(method, path))
}

/// Renders an answer whose bytes are in the plan.
pub(crate) fn at_hand(answer: Answer) -> Rendered {
    let bytes = match answer.body {
        BodyPlan::Text(text) => Some(text),
        _ => None,
    };
    respond(answer.status, answer.headers, AnswerBody::at_hand(bytes, answer.content_length))
}

/// Renders the answer to a preflight.
pub(crate) fn preflight() -> Rendered {
    respond(204, cors::PREFLIGHT_HEADERS.to_vec(), AnswerBody::at_hand(None, None))
}

/// Renders a small text that is never kept.
pub(crate) fn text(status: u16, media_type: &'static str, text: String, method: Method) -> Rendered {
    let headers = vec![
        ("content-type", HeaderText::from_static(media_type)),
        ("cache-control", HeaderText::from_static("no-store")),
        ("x-content-type-options", HeaderText::from_static("nosniff")),
    ];
    let content_length = Some(text.len() as u64);
    let bytes = (method == Method::Get).then(|| text.into());
    respond(status, headers, AnswerBody::at_hand(bytes, content_length))
}

fn respond(status: u16, headers: Vec<Header>, body: AnswerBody) -> Rendered {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, body);
    for (name, value) in headers {
        // Values are made by the domain from digests, numbers, tags and media types; one that is no header is left out.
        if let Ok(value) = HeaderValue::from_maybe_shared(value.into_bytes()) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}
