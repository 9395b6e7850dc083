//! Plans a whole answer: status, headers and which bytes to send. A handler resolves, plans and renders.

use bytes::Bytes;

use crate::conditional::{Conditions, Decision, Method, decide};
use crate::content_range;
use crate::header_text::{Header, HeaderText};
use crate::headers::Headers;
use crate::multipart;
use crate::problem::Problem;
use crate::problem_code::ProblemCode;
use crate::range::ByteRange;
use crate::representation::Representation;
use crate::want_repr_digest::DigestWish;

/// `Vary` of an answer without `Repr-Digest`, beside the address's own.
const WANTED_WITHOUT: &str = "want-repr-digest";

/// What is known about a request once it is routed.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// GET or HEAD.
    pub method: Method,
    /// The path that was asked for, for problem documents.
    pub path: &'a str,
    /// Conditions and range.
    pub conditions: Conditions<'a>,
    /// What the client says about `Repr-Digest`.
    pub digest_wish: DigestWish,
}

/// What to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Lower-case names; `content-length` is not among them.
    pub headers: Headers,
    /// Value of `Content-Length`, also where HEAD leaves the body out; nothing on a 304.
    pub content_length: Option<u64>,
    /// What the body is made of.
    pub body: BodyPlan,
}

/// What a body is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyPlan {
    /// Nothing.
    Empty,
    /// A document that is at hand: a problem.
    Text(Bytes),
    /// One run of the representation's bytes: nearly every answer.
    Bytes(ByteRange),
    /// Several runs and the text between them.
    Segments(Vec<Segment>),
}

/// One stretch of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Text made for this answer.
    Text(Bytes),
    /// Bytes of the representation.
    Bytes(ByteRange),
}

#[expect(clippy::len_without_is_empty, reason = "no segment is empty")]
impl Segment {
    /// Bytes on the wire.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Bytes(range) => range.len(),
        }
    }
}

/// Plans the answer to a request for a representation.
///
/// HEAD gets the headers and length of the 200 that GET would get. A 304 repeats validators, caching and CORS.
#[must_use]
pub fn plan_answer(representation: &Representation, request: &Request<'_>) -> Answer {
    let decision = decide(request.method, &request.conditions, &representation.validators(), representation.size);
    match decision {
        Decision::Whole => whole(representation, request),
        Decision::Partial(range) => partial(representation, range, request.digest_wish),
        Decision::Multipart(ranges) => several(representation, &ranges, request.digest_wish),
        Decision::NotModified => Answer {
            status: 304,
            headers: Headers::from(&representation.not_modified_headers),
            content_length: None,
            body: BodyPlan::Empty,
        },
        Decision::PreconditionFailed => precondition_failed(representation).answer(request.method, request.path),
        Decision::RangeNotSatisfiable => {
            range_not_satisfiable(representation.size).answer(request.method, request.path)
        }
    }
}

fn whole(representation: &Representation, request: &Request<'_>) -> Answer {
    let body = match (request.method, ByteRange::whole(representation.size)) {
        (Method::Get, Some(range)) => BodyPlan::Bytes(range),
        _ => BodyPlan::Empty,
    };
    let mut headers = head(representation, request.digest_wish);
    // It is about the content that is sent (RFC 9530 §2), and HEAD sends none.
    if request.method == Method::Get {
        headers.extend(representation.content_digest.clone());
    }
    Answer { status: 200, headers, content_length: Some(representation.size), body }
}

fn partial(representation: &Representation, range: ByteRange, digest_wish: DigestWish) -> Answer {
    let mut headers = head(representation, digest_wish);
    headers.push(("content-range", content_range::of_range(&range, representation.size)));
    Answer { status: 206, headers, content_length: Some(range.len()), body: BodyPlan::Bytes(range) }
}

fn several(representation: &Representation, ranges: &[ByteRange], digest_wish: DigestWish) -> Answer {
    let multipart = multipart::frame(representation, ranges);
    Answer {
        status: 206,
        headers: listed_head(representation, multipart.content_type, digest_wish),
        content_length: Some(multipart.content_length),
        body: BodyPlan::Segments(multipart.segments),
    }
}

/// The headers of 200 and 206, as they were made with the representation.
fn head(representation: &Representation, digest_wish: DigestWish) -> Headers {
    if representation.repr_digest.is_some() && !digest_wish.is_sent() {
        return listed_head(representation, representation.media_type.clone(), digest_wish);
    }
    Headers::from(&representation.whole_headers)
}

/// The headers of 200 and 206 of another type, or without `Repr-Digest`.
fn listed_head(representation: &Representation, content_type: HeaderText, digest_wish: DigestWish) -> Headers {
    let mut headers: Vec<Header> = vec![("content-type", content_type)];
    headers.extend_from_slice(&representation.full_headers);
    match &representation.repr_digest {
        // An edge must not hand out for a year what one client wanted without.
        Some(_) if !digest_wish.is_sent() => headers.push(("vary", WANTED_WITHOUT.into())),
        digest => headers.extend(digest.clone()),
    }
    headers.into()
}

fn precondition_failed(representation: &Representation) -> Problem {
    let etag = representation.validators().etag.to_owned();
    Problem::new(
        ProblemCode::PreconditionFailed,
        format!("This address now answers {etag}. Ask without If-Match and If-Unmodified-Since, or for that version."),
    )
    .with("etag", etag)
}

fn range_not_satisfiable(size: u64) -> Problem {
    Problem::new(
        ProblemCode::RangeNotSatisfiable,
        format!("The content has {size} bytes. Ask for a range that begins before its end."),
    )
    .with("size", size)
    .with_header("content-range", content_range::unsatisfied(size))
    .with_header("accept-ranges", "bytes")
}
