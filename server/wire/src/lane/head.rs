//! Reads a request's head and decides whether the lane may take it. Pure. Whatever is not plainly a GET or HEAD without a body is not
//! for the lane: what is wrong with it, if anything, is actix-web's to say. Only what no parser could read is refused here.

use std::mem::MaybeUninit;

use httparse::{Header, Request, Status};

use crate::counters::Counters;

/// More than browsers and players send; with more, actix-web decides.
const MAX_HEADERS: usize = 64;

/// A request that the lane may take.
#[derive(Debug)]
pub struct RequestHead<'headers, 'request> {
    /// `GET` or `HEAD`.
    pub method: &'request str,
    /// The path as it was sent, percent-encoding and all.
    pub path: &'request str,
    /// The query as it was sent, without the `?`; empty when there is none.
    pub query: &'request str,
    /// What the connection has done so far.
    pub counters: Counters,
    headers: &'headers [Header<'request>],
    pub(super) connection: Persistence,
    pub(super) is_http_1_0: bool,
}

impl<'request> RequestHead<'_, 'request> {
    /// The headers in the order they came, names in any case.
    pub fn headers(&self) -> impl Iterator<Item = (&'request str, &'request [u8])> {
        self.headers.iter().map(|header| (header.name, header.value))
    }

    pub(super) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }
}

/// What the client said about the connection after this answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Persistence {
    /// HTTP/1.1 without a word.
    Kept,
    /// HTTP/1.0 with `Connection: keep-alive`, which wants to be told.
    KeptAndTold,
    /// The last request.
    Closed,
}

/// What bytes are so far.
pub(super) enum Read<R> {
    /// The beginning of a head.
    Partial,
    /// A head the lane may take, of so many bytes, and what `with` made of it.
    Whole(R, usize),
    /// Not for the lane.
    Other,
    /// No head, whatever follows.
    Malformed,
}

/// Reads a head from the start of `bytes`, and has `with` look at it.
pub(super) fn read<'request, R>(
    bytes: &'request [u8],
    counters: Counters,
    with: impl FnOnce(&RequestHead<'_, 'request>) -> R,
) -> Read<R> {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut request = Request::new(&mut []);
    match request.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(Status::Partial) => Read::Partial,
        Ok(Status::Complete(len)) => match take(&request, counters) {
            Some(head) => Read::Whole(with(&head), len),
            None if is_ambiguous(&request) => Read::Malformed,
            None => Read::Other,
        },
        // More than the lane takes: actix-web has more room.
        Err(httparse::Error::TooManyHeaders) => Read::Other,
        Err(_) => Read::Malformed,
    }
}

fn take<'headers, 'request>(
    request: &'headers Request<'headers, 'request>,
    counters: Counters,
) -> Option<RequestHead<'headers, 'request>> {
    let method = request.method.filter(|method| matches!(*method, "GET" | "HEAD"))?;
    let (path, query) = split_plain(request.path?)?;
    let is_http_1_0 = request.version? == 0;
    let connection = persistence(request.headers, is_http_1_0)?;
    Some(RequestHead { method, path, query, counters, headers: request.headers, connection, is_http_1_0 })
}

/// Path and query of a target that needs no second look.
fn split_plain(target: &str) -> Option<(&str, &str)> {
    let bytes = target.as_bytes();
    let is_plain = |byte: &u8| PLAIN[usize::from(*byte)];
    let ends = bytes.iter().position(|byte| !is_plain(byte) || *byte == b'?').unwrap_or(bytes.len());
    let (path, rest) = target.split_at(ends);
    let query = rest.strip_prefix('?').unwrap_or(rest);
    (path.starts_with('/') && query.bytes().all(|byte| is_plain(&byte))).then_some((path, query))
}

/// Characters of RFC 3986 that need no second look: others may mean one thing here and another there.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < plain.len() {
        plain[byte] = is_plain(byte as u8);
        byte += 1;
    }
    plain
};

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'!' | b'$'..=b'/' | b':' | b';' | b'=' | b'?' | b'@' | b'_' | b'~')
}

/// Goes through the headers that say where a message ends and what becomes of the connection; `None` when they are not for the lane.
fn persistence(headers: &[Header<'_>], is_http_1_0: bool) -> Option<Persistence> {
    let (mut hosts, mut options) = (0, ConnectionOptions::default());
    for header in headers {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        match header.name.len() {
            4 if is("host") => hosts += 1,
            6 if is("expect") => return None,
            7 if is("upgrade") || is("trailer") => return None,
            10 if is("connection") => options.read(header.value),
            14 if is("content-length") => return None,
            17 if is("transfer-encoding") => return None,
            _ => {}
        }
    }
    // RFC 9112 §3.2: exactly one Host; HTTP/1.0 had none.
    if hosts > 1 || (hosts == 0 && !is_http_1_0) {
        return None;
    }
    options.persistence(is_http_1_0)
}

/// Whether a head must be refused whatever is asked for, as others may have cut the stream elsewhere: without just one Host (RFC 9112 §3.2),
/// or with a body whose length can be read in two ways (§6.3). actix-web would refuse it too.
fn is_ambiguous(request: &Request<'_, '_>) -> bool {
    let of = |name: &'static str| {
        let named = request.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
        named.map(|header| header.value.trim_ascii())
    };
    let is_http_1_0 = request.version == Some(0);
    let (hosts, lengths, codings) = (of("host").count(), of("content-length").count(), of("transfer-encoding").count());
    let is_length = |value: &[u8]| {
        let text = str::from_utf8(value).unwrap_or_default();
        text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u64>().is_ok()
    };
    hosts > 1
        || (hosts == 0 && !is_http_1_0)
        || lengths + codings > 1
        || (codings > 0 && is_http_1_0)
        || !of("content-length").all(is_length)
        || !of("transfer-encoding").all(|coding| coding.eq_ignore_ascii_case(b"chunked"))
}

/// The options of all `Connection` headers together: they are one list (RFC 9110 §7.6.1).
#[derive(Default)]
struct ConnectionOptions {
    close: bool,
    keep_alive: bool,
    other: bool,
}

impl ConnectionOptions {
    fn read(&mut self, value: &[u8]) {
        for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|option| !option.is_empty()) {
            if option.eq_ignore_ascii_case(b"close") {
                self.close = true;
            } else if option.eq_ignore_ascii_case(b"keep-alive") {
                self.keep_alive = true;
            } else {
                self.other = true;
            }
        }
    }

    /// RFC 9112 §9.3: `close` wins, wherever in the list it is.
    const fn persistence(&self, is_http_1_0: bool) -> Option<Persistence> {
        match self {
            Self { close: true, .. } => Some(Persistence::Closed),
            Self { other: true, .. } => None,
            Self { keep_alive: true, .. } if is_http_1_0 => Some(Persistence::KeptAndTold),
            Self { .. } if is_http_1_0 => Some(Persistence::Closed),
            Self { .. } => Some(Persistence::Kept),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Persistence, Read, read};
    use crate::Counters;

    /// Path, query and persistence of what the lane takes.
    fn taken(text: &str) -> Option<(String, String, Persistence)> {
        let read = read(text.as_bytes(), Counters::default(), |head| {
            (head.path.to_owned(), head.query.to_owned(), head.connection)
        });
        match read {
            Read::Whole(seen, len) => {
                assert_eq!(len, text.len());
                Some(seen)
            }
            Read::Partial => panic!("{text:?} is a whole head"),
            Read::Other => None,
            Read::Malformed => panic!("{text:?} is refused"),
        }
    }

    fn persistence(version: &str, connection: &str) -> Option<Persistence> {
        taken(&format!("GET / HTTP/{version}\r\nHost: x\r\n{connection}\r\n")).map(|(_, _, persistence)| persistence)
    }

    #[test]
    fn a_plain_request_is_taken_apart() {
        let taken = taken("HEAD /a%20b/c;d?e=f&g HTTP/1.1\r\nhost: x\r\nrange: bytes=0-1\r\n\r\n");
        assert_eq!(taken, Some(("/a%20b/c;d".into(), "e=f&g".into(), Persistence::Kept)));
    }

    #[test]
    fn what_the_client_says_about_the_connection_counts() {
        assert_eq!(persistence("1.1", ""), Some(Persistence::Kept));
        assert_eq!(persistence("1.1", "Connection: Keep-Alive\r\n"), Some(Persistence::Kept));
        assert_eq!(persistence("1.1", "Connection: close\r\n"), Some(Persistence::Closed));
        assert_eq!(persistence("1.0", ""), Some(Persistence::Closed));
        assert_eq!(persistence("1.0", "Connection: keep-alive\r\n"), Some(Persistence::KeptAndTold));
        for closing in
            ["keep-alive, close", "close, keep-alive", "te ,Close", ",close,", "close\r\nConnection: keep-alive"]
        {
            let connection = format!("Connection: {closing}\r\n");
            for version in ["1.0", "1.1"] {
                assert_eq!(persistence(version, &connection), Some(Persistence::Closed), "{closing:?}");
            }
        }
        assert_eq!(persistence("1.1", "Connection: keep-alive, keep-alive\r\n"), Some(Persistence::Kept));
    }

    #[test]
    fn whatever_is_odd_is_not_for_the_lane() {
        for text in [
            "POST / HTTP/1.1\r\nHost: x\r\n\r\n",
            "get / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /a\"b HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /a\\b HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\ncontent-LENGTH: 5\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nTrailer: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: te\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, te\r\n\r\n",
        ] {
            assert_eq!(taken(text), None, "{text:?}");
        }
        let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(64));
        assert_eq!(taken(&many), None);
    }

    #[test]
    fn what_is_no_head_or_is_read_in_two_ways_is_refused() {
        let lengths = [
            "Content-Length: 3\r\nTransfer-Encoding: chunked",
            "Content-Length: 3\r\ncontent-length: 3",
            "Content-Length: 3, 3",
            "Content-Length: -1",
            "Content-Length: +1",
            "Content-Length:",
            "Content-Length: 18446744073709551616",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        ];
        for length in lengths {
            for method in ["GET", "POST"] {
                let text = format!("{method} / HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n");
                let read = read(text.as_bytes(), Counters::default(), |_| ());
                assert!(matches!(read, Read::Malformed), "{text:?}");
            }
        }
        for text in [
            "GET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
            "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n",
            "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
            "GET /\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
            "\x16\x03\x01\x02\0\x01\0\x01",
        ] {
            let read = read(text.as_bytes(), Counters::default(), |_| ());
            assert!(matches!(read, Read::Malformed), "{text:?}");
        }
    }

    #[test]
    fn every_beginning_of_a_head_may_still_become_one() {
        let whole = b"GET /a?b HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n";
        for len in 0..whole.len() {
            let read = read(&whole[..len], Counters::default(), |_| ());
            assert!(matches!(read, Read::Partial), "{len}");
        }
    }
}
