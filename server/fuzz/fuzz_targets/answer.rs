//! Whole answers to range requests, several ranges framed and read back. Input: the size in decimal, a line break, the header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stowaway_domain::Digest;
use stowaway_domain::answer::{Answer, BodyPlan, Request, Segment, plan_answer};
use stowaway_domain::conditional::{Conditions, Method};
use stowaway_domain::range::{ByteRange, RangePlan, plan_ranges};
use stowaway_domain::representation::Representation;
use stowaway_domain::want_repr_digest::DigestWish;
use stowaway_fuzz::input::number_and_text;

fuzz_target!(|data: &[u8]| {
    let Some((size, range)) = number_and_text(data) else { return };
    let representation = Representation::blob(Digest::of(b"x"), size, "audio/mpeg");
    let conditions = Conditions { range: Some(range), ..Conditions::default() };
    let digest_wish = DigestWish::Unsaid;
    let answer_to =
        |method| plan_answer(&representation, &Request { method, path: "/blobs/x", conditions, digest_wish });
    let get = answer_to(Method::Get);
    check_head(&answer_to(Method::Head), size);
    let content_range = header(&get, "content-range");
    match plan_ranges(Some(range), size) {
        RangePlan::Whole => {
            assert_eq!((get.status, get.content_length, content_range), (200, Some(size), None));
            assert_eq!(get.body, ByteRange::whole(size).map_or(BodyPlan::Empty, BodyPlan::Bytes));
        }
        RangePlan::Single(one) => {
            assert_eq!((get.status, get.content_length), (206, Some(one.len())));
            assert_eq!(content_range, Some(format!("bytes {}-{}/{size}", one.first, one.last).as_str()));
            assert_eq!(get.body, BodyPlan::Bytes(one));
        }
        RangePlan::Multiple(several) => check_parts(&get, &several, size),
        RangePlan::Unsatisfiable => {
            assert_eq!((get.status, content_range), (416, Some(format!("bytes */{size}").as_str())));
            assert_eq!(header(&get, "cache-control"), Some("no-store"), "a cache would answer others with it");
        }
    }
});

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let mut values = answer.headers.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let first = values.next();
    assert_eq!(values.next(), None, "{name} is there twice");
    first
}

/// HEAD knows no ranges (RFC 9110 §14.2).
fn check_head(head: &Answer, size: u64) {
    assert_eq!((head.status, head.content_length, &head.body), (200, Some(size), &BodyPlan::Empty));
}

/// The exact length, and each part said to be what it is.
fn check_parts(answer: &Answer, ranges: &[ByteRange], size: u64) {
    assert_eq!((answer.status, header(answer, "content-range")), (206, None));
    let boundary = header(answer, "content-type").and_then(|kind| kind.strip_prefix("multipart/byteranges; boundary="));
    let boundary = boundary.expect("several ranges are multipart");
    let BodyPlan::Segments(segments) = &answer.body else { panic!("{:?}", answer.body) };
    let lengths: u128 = segments.iter().map(|segment| u128::from(segment.len())).sum();
    assert_eq!(answer.content_length.map(u128::from), Some(lengths));
    let mut rest = segments.iter();
    for (index, range) in ranges.iter().enumerate() {
        let Some(Segment::Text(head)) = rest.next() else { panic!("no head before {range:?}") };
        let line_break = if index == 0 { "" } else { "\r\n" };
        let expected = format!(
            "{line_break}--{boundary}\r\nContent-Type: audio/mpeg\r\nContent-Range: bytes {}-{}/{size}\r\n",
            range.first, range.last
        );
        assert!(head.starts_with(expected.as_bytes()) && head.ends_with(b"\r\n\r\n"), "{head:?}");
        assert_eq!(rest.next(), Some(&Segment::Bytes(*range)));
    }
    assert_eq!(rest.next(), Some(&Segment::Text(format!("\r\n--{boundary}--\r\n").into())));
    assert_eq!(rest.next(), None);
}
