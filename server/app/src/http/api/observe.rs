//! The outermost layer of the API: notes every request as the reads do, and writes what all answers have in common, and problems.

use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpResponse};
use stowaway_domain::problem::{self, Problem};
use tracing::Instrument as _;

use super::shared_payload::SharedPayload;
use super::{openapi, problems};
use crate::http::header_names::header_name;
use crate::http::observe::Observation;
use crate::http::observed::Observed;
use crate::http::state::ServerState;
use crate::http::{render, request_id};
use crate::telemetry::span;

/// Answers of the API are for who asked, now.
const PRIVATE: &str = "private, no-store";

/// Watches over a request from its head to the last byte of its answer.
pub(super) async fn observe(
    state: Data<ServerState>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Observed<BoxBody, SharedPayload>>, Error> {
    let pattern = openapi::pattern_of(request.request());
    let mut observation = {
        let facts = render::facts(request.request());
        Observation::begin(&state, &facts, pattern, Instant::now(), span::begin(&facts, pattern))
    };
    let unread = SharedPayload::new(request.take_payload());
    request.set_payload(unread.to_payload());
    answer_head_as_get(&mut request, pattern);
    let response = next.call(request).instrument(observation.span().clone()).await?;
    let (request, response) = response.into_parts();
    let mut response = match response.error() {
        Some(error) => write_problem(&problems::of(error), request.path()),
        None => response.map_into_boxed_body(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(PRIVATE));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_bytes(observation.request_id().as_bytes()) {
        headers.insert(HeaderName::from_static(request_id::NAME), id);
    }
    let bytes_planned = match response.body().size() {
        BodySize::Sized(bytes) => bytes,
        BodySize::None | BodySize::Stream => 0,
    };
    observation.answered(response.status().as_u16(), bytes_planned);
    let response = response.map_body(|_, body| Observed::new(body, None, observation, unread));
    Ok(ServiceResponse::new(request, response))
}

/// RFC 9110 §9.3.2: the same without the body, which actix-http leaves out by itself. An address may have a HEAD of its own.
fn answer_head_as_get(request: &mut ServiceRequest, pattern: &str) {
    if request.method() == Method::HEAD && openapi::has_get_and_no_head(pattern) {
        request.head_mut().method = Method::GET;
    }
}

/// As an answer. Not for other origins, unlike those of reads.
fn write_problem(problem: &Problem, path: &str) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(problem.status());
    let mut response = HttpResponse::build(status.unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR))
        .insert_header((CONTENT_TYPE, problem::MEDIA_TYPE))
        .body(serde_json::to_vec(&problem.document(path)).unwrap_or_default());
    for (name, value) in &problem.headers {
        if let Ok(value) = HeaderValue::from_maybe_shared(value.clone().into_bytes()) {
            response.headers_mut().insert(header_name(name), value);
        }
    }
    response
}
