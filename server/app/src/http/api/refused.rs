//! A request that is refused: what a handler returns in the place of an answer.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};
use stowaway_domain::problem::Problem;

/// The problem, which [`observe`](super::observe) writes: only there the address is known.
#[derive(Debug)]
pub(crate) struct Refused(Box<Problem>);

impl Refused {
    /// What is wrong.
    pub(super) const fn problem(&self) -> &Problem {
        &self.0
    }

    /// The same with one more header.
    pub(super) fn with_header(self, name: &'static str, value: String) -> Self {
        Self(Box::new(self.0.with_header(name, value)))
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.detail)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Responder for Refused {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::from_error(self)
    }
}
