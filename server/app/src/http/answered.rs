//! An answer before it is written: the same for every connection.

use stowaway_domain::answer::{Answer, BodyPlan};
use stowaway_domain::conditional::Method;
use stowaway_domain::cors;
use stowaway_domain::header_text::HeaderText;
use stowaway_domain::headers::Headers;
use stowaway_domain::problem::Problem;
use stowaway_engine::read::{Span, Spans};

/// What is to be written.
pub(crate) struct Answered {
    /// HTTP status.
    pub(crate) status: u16,
    /// Lower-case names; `content-length` is not among them.
    pub(crate) headers: Headers,
    /// Value of `Content-Length`, also where HEAD leaves the body out.
    pub(crate) content_length: Option<u64>,
    /// Where the body's bytes come from.
    pub(crate) spans: Spans,
}

impl Answered {
    /// A problem.
    pub(crate) fn problem(problem: &Problem, method: Method, path: &str) -> Self {
        let Answer { status, headers, content_length, body } = problem.answer(method, path);
        let spans = match body {
            BodyPlan::Text(text) => Spans::One(Span::Bytes(text)),
            _ => Spans::None,
        };
        Self { status, headers, content_length, spans }
    }

    /// The answer to a preflight.
    pub(crate) fn preflight() -> Self {
        Self { status: 204, headers: cors::PREFLIGHT_HEADERS.to_vec().into(), content_length: None, spans: Spans::None }
    }

    /// The bytes are at another address, for a while: whoever is sent there asks here again the next time.
    pub(crate) fn redirect(address: String) -> Self {
        let mut headers = vec![("location", address.into()), ("cache-control", HeaderText::from_static("no-store"))];
        headers.extend(cors::READ_HEADERS.iter().cloned());
        Self { status: 307, headers: headers.into(), content_length: Some(0), spans: Spans::None }
    }

    /// A small text that is never kept.
    pub(crate) fn text(status: u16, media_type: &'static str, text: String, method: Method) -> Self {
        let headers = vec![
            ("content-type", HeaderText::from_static(media_type)),
            ("cache-control", HeaderText::from_static("no-store")),
            ("x-content-type-options", HeaderText::from_static("nosniff")),
        ];
        let content_length = Some(text.len() as u64);
        let spans = match method {
            Method::Get => Spans::One(Span::Bytes(text.into())),
            Method::Head => Spans::None,
        };
        Self { status, headers: headers.into(), content_length, spans }
    }

    /// Bytes that the body will have: HEAD promises them and sends none.
    pub(crate) fn planned_bytes(&self) -> u64 {
        self.content_length.unwrap_or(0)
    }
}
