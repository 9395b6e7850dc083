//! What other origins may do: read everything public, with ranges and conditions. No cookies are ever involved.

use crate::header_text::{Header, HeaderText};

/// Headers that a page on another origin may read, beyond the safelisted ones (Fetch standard).
const EXPOSED: &str = "ETag, Content-Range, Content-Length, Content-Encoding, Accept-Ranges, Repr-Digest, Content-Digest, \
                       Cache-Status, Server-Timing";
/// Headers that a page on another origin may send. `Accept-Encoding` and `Available-Dictionary` are the browser's own.
const ALLOWED: &str =
    "Range, If-Range, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, Want-Repr-Digest";
/// What every read address answers to.
pub const ALLOWED_METHODS: &str = "GET, HEAD, OPTIONS";

/// On every answer, problems included: a page must be able to read why something failed.
pub static READ_HEADERS: [Header; 4] = [
    ("access-control-allow-origin", HeaderText::from_static("*")),
    ("access-control-expose-headers", HeaderText::from_static(EXPOSED)),
    ("cross-origin-resource-policy", HeaderText::from_static("cross-origin")),
    ("timing-allow-origin", HeaderText::from_static("*")),
];

/// On the 204 that answers `OPTIONS` on a read address. The day is the longest that browsers honour.
pub static PREFLIGHT_HEADERS: [Header; 5] = [
    ("access-control-allow-origin", HeaderText::from_static("*")),
    ("access-control-allow-methods", HeaderText::from_static("GET, HEAD")),
    ("access-control-allow-headers", HeaderText::from_static(ALLOWED)),
    ("access-control-max-age", HeaderText::from_static("86400")),
    ("allow", HeaderText::from_static(ALLOWED_METHODS)),
];
