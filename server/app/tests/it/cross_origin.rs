//! What a page on another origin may do.

use crate::support::Place;

#[test]
fn a_preflight_allows_ranges_and_conditions() {
    let place = Place::published();
    let server = place.serve();
    let answer = server.request(
        "OPTIONS",
        "/tags/course/media/02-second/10-digits.txt",
        &[
            ("origin", "https://example.org"),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "range"),
        ],
    );
    insta::assert_snapshot!("preflight", answer.stable_headers());
    assert_eq!(server.request("OPTIONS", "/nothing", &[]).status, 404);
}

#[test]
fn everything_a_client_must_read_is_exposed() {
    let place = Place::published();
    let server = place.serve();
    let answer = server.get_with("/tags/course/media/02-second/10-digits.txt", &[("origin", "https://example.org")]);
    let exposed = answer.header("access-control-expose-headers").unwrap();
    for name in ["ETag", "Content-Range", "Content-Length", "Accept-Ranges", "Repr-Digest"] {
        assert!(exposed.split(", ").any(|known| known == name), "{name}");
    }
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
    assert_eq!(answer.header("timing-allow-origin"), Some("*"));
}
