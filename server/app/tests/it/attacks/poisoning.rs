//! Headers that are meant to make an edge keep something for everybody that only one person was to see.

use super::{DIGITS, Target, assert_problem, request};
use crate::support::http::{Answer, Connection};

/// What other programs have obeyed.
const TRUSTED_BY_OTHERS: [(&str, &str); 17] = [
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "gopher"),
    ("x-forwarded-port", "1"),
    ("x-forwarded-prefix", "/evil"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-host", "evil.example"),
    ("x-original-url", "/metrics"),
    ("x-rewrite-url", "/metrics"),
    ("forwarded", "host=evil.example;proto=http"),
    ("x-http-method-override", "DELETE"),
    ("x-method-override", "POST"),
    ("x-http-method", "PUT"),
    ("origin", "https://evil.example"),
    ("referer", "https://evil.example/"),
    ("cookie", "session=1"),
    ("authorization", "Bearer x"),
    ("x-oversized", ""),
];

fn addresses(target: &Target) -> Vec<String> {
    let blob = target.blob("02-second/1000-digits.txt");
    [
        "/",
        "/tags",
        "/tags/course/manifest.json",
        "/tags/course/releases/1.zip",
        DIGITS,
        "/sw.js",
        "/nothing",
        "/tags?x=1",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([format!("{blob}?x=1"), format!("{}/pieces.json", blob.rsplit_once('/').unwrap().0), blob])
    .collect()
}

#[track_caller]
fn assert_same(changed: &Answer, plain: &Answer, what: &str) {
    assert_eq!(changed.stable_headers(), plain.stable_headers(), "{what}");
    assert!(changed.body == plain.body, "{what}: another body");
}

#[test]
fn headers_that_others_trust_change_nothing() {
    let target = Target::new();
    let oversized = "a".repeat(16 * 1024);
    for path in addresses(&target) {
        let plain = target.server.get(&path);
        for (name, value) in TRUSTED_BY_OTHERS {
            let value = if name == "x-oversized" { oversized.as_str() } else { value };
            let changed = target.server.get_with(&path, &[(name, value)]);
            assert_same(&changed, &plain, &format!("{path} with {name}"));
        }
    }
    target.still_serves();
}

#[test]
fn the_host_changes_nothing() {
    let target = Target::new();
    for path in addresses(&target) {
        let plain = target.server.get(&path);
        for host in ["evil.example", "evil.example:1", "127.0.0.1", "localhost", "[::1]:80", "xn--n3h.example"] {
            let mut connection = Connection::open(target.server.address).unwrap();
            let raw = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            connection.send(raw.as_bytes()).unwrap();
            let changed = connection.read_answer("GET").unwrap();
            assert_same(&changed, &plain, &format!("{path} at {host}"));
        }
    }
}

#[test]
fn nothing_that_went_wrong_is_kept_by_a_cache() {
    let target = Target::new();
    let blob = target.blob("02-second/1000-digits.txt");
    for (method, path, headers, status) in [
        ("GET", DIGITS, vec![("range", "bytes=5000-")], 416),
        ("GET", blob.as_str(), vec![("range", "bytes=5000-")], 416),
        ("GET", DIGITS, vec![("if-match", "\"x\"")], 412),
        ("GET", &format!("{blob}?x=1"), vec![], 400),
        ("GET", "/tags?limit=0", vec![], 400),
        ("GET", "/tags/none/manifest.json", vec![], 404),
        ("GET", "/nothing.css", vec![], 404),
        ("POST", DIGITS, vec![], 405),
        ("DELETE", "/tags/course/manifest.json", vec![("content-length", "0")], 405),
    ] {
        let answer = target.attack_with(method, path, &headers, 0);
        assert_problem(&answer, status, &format!("{method} {path}"));
    }
}

/// What a browser or a cache may take for a control character ends the connection before anything is decided.
#[test]
fn control_characters_in_headers_are_no_request() {
    let target = Target::new();
    for value in ["a\x07b", "a\0b", "a\rb", "a\x7fb", "a\x1bb", "a\x01b"] {
        for name in ["x", "range", "if-none-match", "x-request-id"] {
            let raw = request("GET", DIGITS, &[(name, value)]);
            assert_eq!(target.attack_until_closed(raw.as_bytes()), [400], "{name}: {value:?}");
        }
    }
    let raw = request("GET", "/tags/co\x07urse/manifest.json", &[]);
    assert_eq!(target.attack_until_closed(raw.as_bytes()), [400]);
}
