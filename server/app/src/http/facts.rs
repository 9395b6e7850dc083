//! What an answer depends on, taken out of a request once and in one form, whichever way the request came.

use std::borrow::Cow;

use stowaway_domain::conditional::{Conditions, Method};

/// A request without its connection.
#[derive(Debug)]
pub(crate) struct RequestFacts<'a> {
    /// The method as it was sent.
    pub(crate) method: &'a str,
    /// The path as it was sent, percent-encoding and all.
    pub(crate) path: &'a str,
    /// The query as it was sent, without the `?`; empty when there is none.
    pub(crate) query: &'a str,
    headers: [Option<Cow<'a, str>>; NAMES.len()],
}

/// The request headers that matter; every other is passed over. To read one more: a variant here and its name in [`NAMES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    IfMatch,
    IfNoneMatch,
    IfModifiedSince,
    IfUnmodifiedSince,
    IfRange,
    Range,
    AcceptEncoding,
    AvailableDictionary,
    WantReprDigest,
    FetchSite,
    FetchMode,
    Origin,
    RequestId,
    TraceParent,
    TraceState,
}

/// Lower case, in the order of [`Known`].
const NAMES: [&str; 15] = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
    "range",
    "accept-encoding",
    "available-dictionary",
    "want-repr-digest",
    "sec-fetch-site",
    "sec-fetch-mode",
    "origin",
    "x-request-id",
    "traceparent",
    "tracestate",
];

/// Bit `n` of entry `l` says that name `n` has `l` letters: most headers are none of these, and their length alone says so.
static BY_LENGTH: [u16; 24] = {
    let mut by_length = [0; 24];
    let mut place = 0;
    while place < NAMES.len() {
        by_length[NAMES[place].len()] |= 1 << place;
        place += 1;
    }
    by_length
};

/// Where the values of a header are kept.
fn place(name: &str) -> Option<usize> {
    let mut candidates = *BY_LENGTH.get(name.len())?;
    while candidates != 0 {
        let place = candidates.trailing_zeros() as usize;
        if NAMES[place].eq_ignore_ascii_case(name) {
            return Some(place);
        }
        candidates &= candidates - 1;
    }
    None
}

impl<'a> RequestFacts<'a> {
    /// Takes the facts out of a request. Of a header that is there more than once, the values are joined as RFC 9110 §5.3 allows;
    /// bytes that are no text become U+FFFD, which matches nothing.
    pub(crate) fn new(
        method: &'a str,
        path: &'a str,
        query: &'a str,
        headers: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Self {
        let mut facts = Self { method, path, query, headers: [const { None }; NAMES.len()] };
        for (name, value) in headers {
            let Some(place) = place(name) else { continue };
            let value = str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed);
            match &mut facts.headers[place] {
                Some(before) => {
                    let joined = before.to_mut();
                    joined.push_str(", ");
                    joined.push_str(&value);
                }
                none => *none = Some(value),
            }
        }
        facts
    }

    /// A header's value.
    pub(crate) fn header(&self, known: Known) -> Option<&str> {
        self.headers[known as usize].as_deref()
    }

    /// Conditions and range, as the planner takes them.
    pub(crate) fn conditions(&self) -> Conditions<'_> {
        Conditions {
            if_match: self.header(Known::IfMatch),
            if_none_match: self.header(Known::IfNoneMatch),
            if_modified_since: self.header(Known::IfModifiedSince),
            if_unmodified_since: self.header(Known::IfUnmodifiedSince),
            if_range: self.header(Known::IfRange),
            range: self.header(Known::Range),
        }
    }

    /// What is asked for.
    pub(crate) fn verb(&self) -> Verb {
        match self.method {
            "GET" => Verb::Read(Method::Get),
            "HEAD" => Verb::Read(Method::Head),
            "OPTIONS" => Verb::Preflight,
            _ => Verb::Other,
        }
    }
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
    /// How a problem is rendered: HEAD leaves its document out.
    pub(crate) const fn read_method(self) -> Method {
        match self {
            Self::Read(method) => method,
            Self::Preflight | Self::Other => Method::Get,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts<'a>(headers: &'a [(&'a str, &'a [u8])]) -> RequestFacts<'a> {
        RequestFacts::new("GET", "/", "", headers.iter().copied())
    }

    #[test]
    fn every_known_header_is_found_under_its_name_in_any_case() {
        let all = [
            (Known::IfMatch, "If-Match"),
            (Known::IfNoneMatch, "IF-NONE-MATCH"),
            (Known::IfModifiedSince, "if-modified-since"),
            (Known::IfUnmodifiedSince, "If-Unmodified-Since"),
            (Known::IfRange, "If-Range"),
            (Known::Range, "range"),
            (Known::AcceptEncoding, "Accept-Encoding"),
            (Known::AvailableDictionary, "Available-Dictionary"),
            (Known::WantReprDigest, "Want-Repr-Digest"),
            (Known::FetchSite, "Sec-Fetch-Site"),
            (Known::FetchMode, "Sec-Fetch-Mode"),
            (Known::Origin, "Origin"),
            (Known::RequestId, "X-Request-ID"),
            (Known::TraceParent, "traceparent"),
            (Known::TraceState, "tracestate"),
        ];
        assert_eq!(all.len(), NAMES.len());
        for (known, name) in all {
            assert_eq!(facts(&[("x", b"y"), (name, b"value")]).header(known), Some("value"), "{name}");
        }
        assert_eq!(facts(&[("ranges", b"x")]).header(Known::Range), None);
    }

    #[test]
    fn values_of_one_header_are_joined() {
        let twice = facts(&[("If-None-Match", b"\"a\""), ("if-none-match", b"\"b\"")]);
        assert_eq!(twice.conditions().if_none_match, Some("\"a\", \"b\""));
    }

    #[test]
    fn a_value_that_is_no_text_matches_nothing() {
        assert_eq!(facts(&[("if-match", b"\"\xff\"")]).conditions().if_match, Some("\"\u{fffd}\""));
    }
}
