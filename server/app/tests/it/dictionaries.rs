//! Manifests against the manifest that a client has (RFC 9842), over real sockets.

use stowaway_domain::Digest;

use crate::support::http::Answer;
use crate::support::{Place, Server, media};

const MANIFEST: &str = "/tags/course/manifest.json";
const ACCEPT: &str = "gzip, deflate, br, zstd, dcb, dcz";

/// A course with two releases, and the manifest of the first.
fn updated() -> (Place, Server, Vec<u8>) {
    let place = Place::published();
    // One worker: another may answer the release before for a moment longer (`cache.pointer_fresh_ms`).
    let server = place.serve_with(&["--set", "http.workers=1"]);
    let old = server.get(MANIFEST).body;
    place.write("course/01-first/01-short.wav", media::wav(1, 42));
    place.publish("course", "course").expect(0);
    let new = server.get("/tags/course/releases/2/manifest.json").body;
    crate::support::wait_until("readers get release 2", || server.get(MANIFEST).body == new);
    (place, server, old)
}

fn available(dictionary: &[u8]) -> String {
    let header = stowaway_domain::repr_digest(&Digest::of(dictionary));
    header.strip_prefix("sha-256=").unwrap().to_owned()
}

fn ask(server: &Server, dictionary: &[u8], more: &[(&str, &str)]) -> Answer {
    let available = available(dictionary);
    let mut headers = vec![("accept-encoding", ACCEPT), ("available-dictionary", available.as_str())];
    headers.extend_from_slice(more);
    server.get_with(MANIFEST, &headers)
}

#[test]
fn a_client_with_the_manifest_before_gets_what_changed() {
    let (_place, server, old) = updated();
    let identity = server.get(MANIFEST);
    assert_eq!(identity.header("use-as-dictionary"), Some("match=\"/tags/course/manifest.json\""));
    assert_eq!(identity.header("vary"), Some("accept-encoding, available-dictionary"));
    let delta = ask(&server, &old, &[]);
    assert_eq!((delta.status, delta.header("content-encoding")), (200, Some("dcz")));
    assert!(delta.decoded_with(&old, Digest::of(&old).as_bytes()) == identity.body);
    assert!(delta.body.len() * 4 < identity.body.len(), "{} of {}", delta.body.len(), identity.body.len());
    let digest = Digest::of(&delta.body);
    assert_eq!(delta.header("etag"), Some(digest.etag().as_str()));
    assert_eq!(delta.header("repr-digest"), Some(stowaway_domain::repr_digest(&digest).as_str()));
    for name in ["vary", "use-as-dictionary", "content-type", "cache-control", "access-control-allow-origin"] {
        assert_eq!(delta.header(name), identity.header(name), "{name}");
    }
    let again = ask(&server, &old, &[("if-none-match", delta.header("etag").unwrap())]);
    assert_eq!((again.status, again.header("etag")), (304, delta.header("etag")));
    let rest = ask(&server, &old, &[("range", "bytes=50-"), ("if-range", delta.header("etag").unwrap())]);
    assert!(rest.status == 206 && rest.body == delta.body[50..]);
}

#[test]
fn without_a_dictionary_of_ours_the_usual_form_is_sent() {
    let (_place, server, old) = updated();
    let usual = server.get_with(MANIFEST, &[("accept-encoding", ACCEPT)]);
    let coding = usual.header("content-encoding").map(str::to_owned);
    assert!(coding.is_some() && coding.as_deref() != Some("dcz"));
    let answer = ask(&server, b"something else", &[]);
    assert_eq!(answer.header("content-encoding"), coding.as_deref(), "no release has that manifest");
    let bad = server.get_with(MANIFEST, &[("accept-encoding", ACCEPT), ("available-dictionary", ":bm8=:")]);
    assert_eq!(bad.header("content-encoding"), coding.as_deref());
    let unnamed = available(&old);
    let star = server.get_with(MANIFEST, &[("accept-encoding", "*"), ("available-dictionary", &unnamed)]);
    assert_eq!(star.header("content-encoding"), coding.as_deref(), "a star does not name dcz");
    let immutable = server.get_with(
        "/tags/course/releases/2/manifest.json",
        &[("accept-encoding", ACCEPT), ("available-dictionary", &unnamed)],
    );
    assert_ne!(immutable.header("content-encoding"), Some("dcz"), "it is no client's next manifest");
    assert_eq!(immutable.header("vary"), Some("accept-encoding"));
}

#[test]
fn no_page_of_another_origin_measures_what_it_cannot_read() {
    let (_place, server, old) = updated();
    let coding = |headers: &[(&str, &str)]| ask(&server, &old, headers).header("content-encoding").map(str::to_owned);
    let dcz = Some("dcz".to_owned());
    assert_eq!(coding(&[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")]), dcz);
    assert_eq!(
        coding(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors"), ("origin", "https://example.org")]),
        dcz
    );
    assert_ne!(coding(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")]), dcz);
    assert_ne!(coding(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")]), dcz);
}
