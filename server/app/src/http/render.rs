//! Writes a planned answer as actix-web's response. Decides nothing.

use std::sync::Arc;

use actix_web::http::Method as HttpMethod;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse};
use stowaway_domain::answer::{Answer, BodyPlan};
use stowaway_domain::conditional::Method;
use stowaway_domain::cors;
use stowaway_domain::header_text::{Header, HeaderText};
use stowaway_domain::problem::Problem;
use stowaway_engine::read::{ReadError, Reader, Resource};

use super::body::AnswerBody;
use super::header_names::header_name;
use super::wire_body;

/// What every handler gives.
pub(crate) type Rendered = HttpResponse<AnswerBody>;

/// Renders an answer about `resource`.
///
/// # Errors
/// The store failed before the first byte.
pub(crate) async fn answer(
    reader: &Reader,
    request: &HttpRequest,
    resource: &Arc<Resource>,
    answer: Answer,
) -> Result<Rendered, ReadError> {
    let Answer { status, headers, content_length, body } = answer;
    match (&body, content_length) {
        // actix-http would encode a HEAD as what came after it on the connection; the wire does not.
        (BodyPlan::Empty, Some(length)) if request.method() == HttpMethod::HEAD => {
            let head = respond(status, headers, ());
            return Ok(wire_body::respond_to_head(request, head, length).map_body(|_, body| AnswerBody::silent(body)));
        }
        (BodyPlan::Bytes(_) | BodyPlan::Segments(_), Some(length)) => {
            if let Some(file) = reader.local_file(resource).await? {
                return Ok(wire_body::respond(request, respond(status, headers, ()), length, body, file));
            }
        }
        _ => {}
    }
    let body = AnswerBody::open(reader, resource, body, content_length).await?;
    Ok(respond(status, headers, body))
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

fn respond<B>(status: u16, headers: Vec<Header>, body: B) -> HttpResponse<B> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, body);
    for (name, value) in headers {
        // Values are made by the domain from digests, numbers, tags and media types; one that is no header is left out.
        if let Ok(value) = HeaderValue::from_maybe_shared(value.into_bytes()) {
            response.headers_mut().append(header_name(name), value);
        }
    }
    response
}
