//! Whole answers: status, every header, body. The snapshots are the reference of what goes over the wire.

use std::fmt::Write as _;

use insta::assert_snapshot;
use stowaway_domain::answer::{Answer, BodyPlan, Request, Segment, plan_answer};
use stowaway_domain::cache_policy::{CachePolicy, SurrogateKey};
use stowaway_domain::coding::Coding;
use stowaway_domain::conditional::{Conditions, Method};
use stowaway_domain::cors;
use stowaway_domain::header_text::Header;
use stowaway_domain::negotiation::Varies;
use stowaway_domain::piece::Piece;
use stowaway_domain::representation::{Representation, RepresentationFacts};
use stowaway_domain::want_repr_digest::DigestWish;
use stowaway_domain::{Digest, http_date, repr_digest};

const SIZE: u64 = 1000;

fn blob() -> Representation {
    Representation::blob(Digest::of(b"blob"), SIZE, "audio/mpeg")
}

/// What `/tags/field-recording/manifest.json` answers from.
fn pointer() -> Representation {
    Representation::new(RepresentationFacts {
        digest: Digest::of(b"manifest"),
        size: SIZE,
        media_type: "application/webpub+json".to_owned(),
        cache: CachePolicy::Pointer { max_age_s: 10, shared_max_age_s: 86_400 },
        surrogate_keys: vec![SurrogateKey::Tag("field-recording".parse().unwrap())],
        coding: Coding::Brotli,
        varies: Varies::ByCodingAndDictionary,
        extra: vec![("use-as-dictionary", "match=\"/tags/field-recording/manifest.json\"".into())],
    })
}

fn ask(method: Method, representation: &Representation, conditions: Conditions<'_>) -> Answer {
    plan_answer(
        representation,
        &Request { method, path: "/blobs/x/a.mp3", conditions, digest_wish: DigestWish::Unsaid },
    )
}

fn get(representation: &Representation, conditions: Conditions<'_>) -> Answer {
    ask(Method::Get, representation, conditions)
}

fn ranged(range: &str) -> Conditions<'_> {
    Conditions { range: Some(range), ..Conditions::default() }
}

fn written<'a>(headers: impl IntoIterator<Item = &'a Header>) -> String {
    headers.into_iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

/// The answer as it looks on the wire, with bytes of the representation as `<first-last>`.
fn on_the_wire(answer: &Answer) -> String {
    let mut text = format!("{}\n{}", answer.status, written(answer.headers.iter()));
    if let Some(content_length) = answer.content_length {
        writeln!(text, "content-length: {content_length}").unwrap();
    }
    let segments = match &answer.body {
        BodyPlan::Empty => Vec::new(),
        BodyPlan::Text(body) => vec![Segment::Text(body.clone())],
        BodyPlan::Bytes(range) => vec![Segment::Bytes(*range)],
        BodyPlan::Segments(segments) => segments.clone(),
    };
    text.push('\n');
    for segment in segments {
        match segment {
            Segment::Text(body) => text.push_str(str::from_utf8(&body).unwrap()),
            Segment::Bytes(range) => write!(text, "<{}-{}>", range.first, range.last).unwrap(),
        }
    }
    text
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
}

#[test]
fn whole_blob() {
    assert_snapshot!(on_the_wire(&get(&blob(), Conditions::default())));
}

#[test]
fn one_range_of_a_blob() {
    assert_snapshot!(on_the_wire(&get(&blob(), ranged("bytes=0-1"))));
}

#[test]
fn several_ranges_of_a_blob() {
    assert_snapshot!(on_the_wire(&get(&blob(), ranged("bytes=0-1,100-149,-1"))));
}

#[test]
fn unchanged_blob() {
    let conditions = Conditions { if_none_match: Some("*"), ..Conditions::default() };
    assert_snapshot!(on_the_wire(&get(&blob(), conditions)));
}

#[test]
fn range_outside_a_blob() {
    assert_snapshot!(on_the_wire(&get(&blob(), ranged("bytes=1000-"))));
}

#[test]
fn blob_that_is_not_the_version_asked_for() {
    let conditions = Conditions { if_match: Some("\"x\""), ..Conditions::default() };
    assert_snapshot!(on_the_wire(&get(&blob(), conditions)));
}

#[test]
fn pointer_with_surrogate_key() {
    assert_snapshot!(on_the_wire(&get(&pointer(), Conditions::default())));
}

#[test]
fn unchanged_pointer_repeats_vary_and_no_content_encoding() {
    let conditions = Conditions { if_none_match: Some("*"), ..Conditions::default() };
    assert_snapshot!(on_the_wire(&get(&pointer(), conditions)));
}

#[test]
fn page_that_is_revalidated() {
    let page = Representation::new(RepresentationFacts {
        digest: Digest::of(b"page"),
        size: SIZE,
        media_type: "text/html; charset=utf-8".to_owned(),
        coding: Coding::Identity,
        varies: Varies::ByCoding,
        cache: CachePolicy::Revalidate,
        surrogate_keys: Vec::new(),
        extra: Vec::new(),
    });
    assert_snapshot!(on_the_wire(&get(&page, Conditions::default())));
}

#[test]
fn preflight() {
    assert_snapshot!(written(&cors::PREFLIGHT_HEADERS));
}

#[test]
fn cache_policies() {
    let keys = [SurrogateKey::Tag("a-tag".parse().unwrap()), SurrogateKey::Catalogue];
    let policies = [
        CachePolicy::Immutable,
        CachePolicy::Pointer { max_age_s: 0, shared_max_age_s: 60 },
        CachePolicy::Revalidate,
        CachePolicy::NoStore,
    ];
    let text: String =
        policies.iter().map(|policy| format!("{policy:?}\n{}\n", written(&policy.headers(&keys)))).collect();
    assert_snapshot!(text);
}

#[test]
fn head_says_what_get_says_and_sends_nothing() {
    let conditions_to_try = [
        Conditions::default(),
        Conditions { if_none_match: Some("*"), ..Conditions::default() },
        Conditions { if_match: Some("\"x\""), ..Conditions::default() },
        Conditions { if_unmodified_since: Some("Thu, 01 Jan 1970 00:00:00 GMT"), ..Conditions::default() },
    ];
    for conditions in conditions_to_try {
        let (get, head) = (get(&blob(), conditions), ask(Method::Head, &blob(), conditions));
        assert_eq!(head.body, BodyPlan::Empty, "{conditions:?}");
        assert_eq!((head.status, head.headers, head.content_length), (get.status, get.headers, get.content_length));
    }
}

#[test]
fn head_ignores_ranges_even_impossible_ones() {
    let whole = ask(Method::Head, &blob(), Conditions::default());
    assert_eq!(ask(Method::Head, &blob(), ranged("bytes=0-1")), whole);
    assert_eq!(ask(Method::Head, &blob(), ranged("bytes=5000-")), whole);
}

#[test]
fn an_empty_blob_is_answered_with_an_empty_body_of_known_length() {
    let empty = Representation::blob(Digest::of(b""), 0, "text/plain");
    let answer = get(&empty, Conditions::default());
    assert_eq!((answer.status, answer.content_length, answer.body), (200, Some(0), BodyPlan::Empty));
}

#[test]
fn every_answer_can_be_read_from_other_origins() {
    for conditions in [
        Conditions::default(),
        ranged("bytes=0-0"),
        ranged("bytes=9999-"),
        Conditions { if_match: Some("\"x\""), ..Conditions::default() },
        Conditions { if_none_match: Some("*"), ..Conditions::default() },
    ] {
        let answer = get(&blob(), conditions);
        assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"), "{conditions:?}");
        assert_eq!(header(&answer, "cross-origin-resource-policy"), Some("cross-origin"), "{conditions:?}");
    }
}

#[test]
fn only_what_a_browser_would_run_is_sandboxed() {
    let sandbox = |media_type| {
        let answer = get(&Representation::blob(Digest::of(b"x"), 1, media_type), Conditions::default());
        header(&answer, "content-security-policy").map(str::to_owned)
    };
    for active in ["text/html", "image/svg+xml", "application/xml"] {
        assert_eq!(sandbox(active).as_deref(), Some("sandbox"), "{active}");
    }
    for passive in ["video/mp4", "image/png", "text/plain", "application/pdf"] {
        assert_eq!(sandbox(passive), None, "{passive}");
    }
}

#[test]
fn an_old_date_from_another_release_never_makes_a_pointer_unchanged() {
    let manifest = pointer();
    let last_modified_unix_s = manifest.digest().last_modified_unix_s();
    let conditions_at = |unix_s: u64| http_date::format(unix_s);
    for (unix_s, status) in [(last_modified_unix_s, 304), (last_modified_unix_s + 1000, 200), (0, 200)] {
        let date = conditions_at(unix_s);
        let conditions = Conditions { if_modified_since: Some(&date), ..Conditions::default() };
        assert_eq!(get(&manifest, conditions).status, status, "{date}");
    }
}

#[test]
fn one_piece_is_named_by_its_digest_and_a_run_by_those_of_its_pieces() {
    let piece = |offset, length, name: &[u8]| Piece { offset, length, sha256: Digest::of(name) };
    let pieces = [piece(0, 10, b"a"), piece(10, 20, b"b"), piece(30, 5, b"c")];
    let one = get(&Representation::part(&pieces[..1]).unwrap(), Conditions::default());
    assert_eq!(header(&one, "etag"), Some(Digest::of(b"a").etag().as_str()));
    assert!(header(&one, "repr-digest").is_some());

    let run = Representation::part(&pieces[1..]).unwrap();
    let answer = get(&run, Conditions::default());
    assert_eq!(answer.content_length, Some(25));
    assert!(header(&answer, "etag").unwrap().starts_with("\"pieces:"));
    assert_eq!(header(&answer, "repr-digest"), None, "nobody has hashed these bytes together");
    let other = Representation::part(&pieces[..2]).unwrap();
    assert_ne!(run.validators().etag, other.validators().etag);
    assert!(Representation::part(&[]).is_none());
}

#[test]
fn one_piece_names_the_digest_of_what_is_sent() {
    let piece = Piece { offset: 0, length: SIZE, sha256: Digest::of(b"piece") };
    let part = Representation::part(&[piece]).unwrap();
    let digest = repr_digest(&Digest::of(b"piece"));
    let digest = Some(digest.as_str());
    let whole = get(&part, Conditions::default());
    assert_eq!((header(&whole, "content-digest"), header(&whole, "repr-digest")), (digest, digest));
    let range = get(&part, ranged("bytes=0-1"));
    assert_eq!((header(&range, "content-digest"), header(&range, "repr-digest")), (None, digest));
    assert_eq!(
        header(&ask(Method::Head, &part, Conditions::default()), "content-digest"),
        None,
        "HEAD sends no content"
    );
    let run = Representation::part(&[piece, piece]).unwrap();
    assert_eq!(header(&get(&run, Conditions::default()), "content-digest"), None);
}

#[test]
fn who_wants_no_digest_gets_none_and_no_cache_gives_that_to_others() {
    let wish = |digest_wish| {
        let request = Request { method: Method::Get, path: "/", conditions: Conditions::default(), digest_wish };
        let answer = plan_answer(&blob(), &request);
        (header(&answer, "repr-digest").is_some(), header(&answer, "vary").map(str::to_owned))
    };
    assert_eq!(wish(DigestWish::Unsaid), (true, None));
    assert_eq!(wish(DigestWish::Wanted), (true, None));
    assert_eq!(wish(DigestWish::Unwanted), (false, Some("want-repr-digest".to_owned())));
}

#[test]
fn a_date_never_joins_bytes_of_two_forms() {
    let facts = RepresentationFacts::blob(Digest::of(b"text"), SIZE, "text/vtt");
    let coded = Representation::new(facts.coded(Coding::Brotli, Digest::of(b"coded"), SIZE));
    let identity = Representation::new(facts);
    let date = |form: &Representation| header(&get(form, Conditions::default()), "last-modified").unwrap().to_owned();
    let resumed = |form: &Representation, value: &str| {
        get(form, Conditions { if_range: Some(value), range: Some("bytes=5-"), ..Conditions::default() }).status
    };
    assert_eq!(resumed(&identity, &date(&identity)), 206);
    assert_eq!(resumed(&identity, &date(&coded)), 200);
    assert_eq!(resumed(&coded, &date(&identity)), 200);
    assert_eq!(resumed(&coded, &date(&coded)), 200);
    assert_eq!(resumed(&coded, coded.etag()), 206);
}
