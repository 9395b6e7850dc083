//! Runs `tests/vectors/preconditions.json`, and what the vectors leave open.

use serde::Deserialize;
use stowaway_domain::conditional::{Conditions, DateOrder, Decision, Method, Validators, decide};
use stowaway_domain::http_date;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    size: u64,
    etag: String,
    last_modified: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    method: String,
    headers: Headers,
    expect: Expectation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    status: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Headers {
    #[serde(rename = "If-Match")]
    if_match: Option<String>,
    #[serde(rename = "If-None-Match")]
    if_none_match: Option<String>,
    #[serde(rename = "If-Modified-Since")]
    if_modified_since: Option<String>,
    #[serde(rename = "If-Unmodified-Since")]
    if_unmodified_since: Option<String>,
    #[serde(rename = "If-Range")]
    if_range: Option<String>,
    #[serde(rename = "Range")]
    range: Option<String>,
}

impl Headers {
    fn conditions(&self) -> Conditions<'_> {
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

const fn status(decision: &Decision) -> u16 {
    match decision {
        Decision::Whole => 200,
        Decision::Partial(_) | Decision::Multipart(_) => 206,
        Decision::NotModified => 304,
        Decision::PreconditionFailed => 412,
        Decision::RangeNotSatisfiable => 416,
    }
}

#[test]
fn every_precondition_vector_is_decided_as_it_says() {
    let vectors: Vectors = serde_json::from_str(include_str!("../vectors/preconditions.json")).unwrap();
    assert!(vectors.cases.len() > 30, "the file was cut short");
    let validators = Validators {
        etag: &vectors.etag,
        last_modified_unix_s: http_date::parse(&vectors.last_modified).unwrap(),
        date_order: DateOrder::Chronological,
    };
    for case in &vectors.cases {
        let method = match case.method.as_str() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            other => panic!("{}: {other}", case.name),
        };
        let decision = decide(method, &case.headers.conditions(), &validators, vectors.size);
        assert_eq!(status(&decision), case.expect.status, "{}: {decision:?}", case.name);
    }
}

const LAST_MODIFIED_UNIX_S: u64 = 1_793_527_200;
const LAST_MODIFIED: &str = "Sun, 01 Nov 2026 10:00:00 GMT";
const DAY_BEFORE: &str = "Sat, 31 Oct 2026 10:00:00 GMT";
const DAY_AFTER: &str = "Mon, 02 Nov 2026 10:00:00 GMT";

fn decide_get(date_order: DateOrder, conditions: &Conditions<'_>) -> Decision {
    let validators = Validators { etag: "\"a\"", last_modified_unix_s: LAST_MODIFIED_UNIX_S, date_order };
    decide(Method::Get, conditions, &validators, 10)
}

#[test]
fn dates_that_only_name_bytes_say_unchanged_only_when_they_are_the_same() {
    for (date, expected) in
        [(LAST_MODIFIED, Decision::NotModified), (DAY_AFTER, Decision::Whole), (DAY_BEFORE, Decision::Whole)]
    {
        let conditions = Conditions { if_modified_since: Some(date), ..Conditions::default() };
        assert_eq!(decide_get(DateOrder::Opaque, &conditions), expected, "{date}");
    }
    for (date, expected) in [
        (LAST_MODIFIED, Decision::Whole),
        (DAY_AFTER, Decision::PreconditionFailed),
        (DAY_BEFORE, Decision::PreconditionFailed),
    ] {
        let conditions = Conditions { if_unmodified_since: Some(date), ..Conditions::default() };
        assert_eq!(decide_get(DateOrder::Opaque, &conditions), expected, "{date}");
    }
}

#[test]
fn if_unmodified_since_that_is_no_date_is_ignored() {
    let conditions = Conditions { if_unmodified_since: Some("tomorrow"), ..Conditions::default() };
    assert_eq!(decide_get(DateOrder::Chronological, &conditions), Decision::Whole);
}

#[test]
fn if_unmodified_since_holds_for_any_later_date() {
    let conditions = Conditions { if_unmodified_since: Some(DAY_AFTER), ..Conditions::default() };
    assert_eq!(decide_get(DateOrder::Chronological, &conditions), Decision::Whole);
}

#[test]
fn if_none_match_that_cannot_be_read_matches_nothing_and_still_silences_if_modified_since() {
    let conditions =
        Conditions { if_none_match: Some("a"), if_modified_since: Some(LAST_MODIFIED), ..Conditions::default() };
    assert_eq!(decide_get(DateOrder::Chronological, &conditions), Decision::Whole);
}

#[test]
fn if_match_that_cannot_be_read_matches_nothing() {
    let conditions = Conditions { if_match: Some("a"), ..Conditions::default() };
    assert_eq!(decide_get(DateOrder::Chronological, &conditions), Decision::PreconditionFailed);
}

#[test]
fn if_range_of_an_older_spelling_of_the_same_date_allows_the_range() {
    let conditions = Conditions {
        range: Some("bytes=0-1"),
        if_range: Some("Sunday, 01-Nov-26 10:00:00 GMT"),
        ..Conditions::default()
    };
    assert!(matches!(decide_get(DateOrder::Chronological, &conditions), Decision::Partial(_)));
}

#[test]
fn if_unmodified_since_comes_before_if_none_match() {
    let conditions =
        Conditions { if_unmodified_since: Some(DAY_BEFORE), if_none_match: Some("\"a\""), ..Conditions::default() };
    assert_eq!(decide_get(DateOrder::Chronological, &conditions), Decision::PreconditionFailed);
}

#[test]
fn if_range_by_a_date_that_only_names_bytes_gets_everything() {
    let conditions = Conditions { range: Some("bytes=0-1"), if_range: Some(LAST_MODIFIED), ..Conditions::default() };
    assert_eq!(decide_get(DateOrder::Opaque, &conditions), Decision::Whole);
    let by_tag = Conditions { if_range: Some("\"a\""), ..conditions };
    assert!(matches!(decide_get(DateOrder::Opaque, &by_tag), Decision::Partial(_)));
}
