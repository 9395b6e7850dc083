//! The facts of a request that the planners need, as text.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::Method as HttpMethod;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use stowaway_domain::conditional::{Conditions, Method};

/// Owns header values that occur more than once; borrows the others.
pub(crate) struct ConditionHeaders<'a> {
    if_match: Option<Cow<'a, str>>,
    if_none_match: Option<Cow<'a, str>>,
    if_modified_since: Option<Cow<'a, str>>,
    if_unmodified_since: Option<Cow<'a, str>>,
    if_range: Option<Cow<'a, str>>,
    range: Option<Cow<'a, str>>,
}

impl<'a> ConditionHeaders<'a> {
    /// Takes them out of a request.
    pub(crate) fn of(request: &'a HttpRequest) -> Self {
        let headers = request.headers();
        Self {
            if_match: joined(headers, &header::IF_MATCH),
            if_none_match: joined(headers, &header::IF_NONE_MATCH),
            if_modified_since: joined(headers, &header::IF_MODIFIED_SINCE),
            if_unmodified_since: joined(headers, &header::IF_UNMODIFIED_SINCE),
            if_range: joined(headers, &header::IF_RANGE),
            range: joined(headers, &header::RANGE),
        }
    }

    /// As the planner takes them.
    pub(crate) fn conditions(&self) -> Conditions<'_> {
        Conditions {
            if_match: self.if_match.as_deref(),
            if_none_match: self.if_none_match.as_deref(),
            if_modified_since: self.if_modified_since.as_deref(),
            if_unmodified_since: self.if_unmodified_since.as_deref(),
            if_range: self.if_range.as_deref(),
            range: self.range.as_deref(),
        }
    }
}

/// All values of a header, joined as RFC 9110 §5.3 allows. Bytes that are no text become U+FFFD, which matches nothing.
fn joined<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Cow<'a, str>> {
    let mut values = headers.get_all(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = values.next()?;
    Some(values.fold(first, |mut all, value| {
        let joined = all.to_mut();
        joined.push_str(", ");
        joined.push_str(&value);
        all
    }))
}

/// What can be done with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// GET or HEAD.
    Read(Method),
    /// OPTIONS: a preflight.
    Preflight,
    /// Anything else.
    Other,
}

impl Verb {
    /// The verb of a method.
    pub(crate) fn of(method: &HttpMethod) -> Self {
        match *method {
            HttpMethod::GET => Self::Read(Method::Get),
            HttpMethod::HEAD => Self::Read(Method::Head),
            HttpMethod::OPTIONS => Self::Preflight,
            _ => Self::Other,
        }
    }

    /// How a problem is rendered: HEAD leaves its document out.
    pub(crate) const fn read_method(self) -> Method {
        match self {
            Self::Read(method) => method,
            Self::Preflight | Self::Other => Method::Get,
        }
    }
}
