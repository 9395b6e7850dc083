//! Coded forms of documents and texts over real sockets: which are sent, that each is what it says, and that none is mixed with
//! another.

use serde_json::Value;

use crate::support::http::Answer;
use crate::support::{Place, Server, wait_until};

const CODINGS: [&str; 3] = ["br", "zstd", "gzip"];
const VTT: &str = "/tags/course/media/01-first/01-short.en.vtt";

/// A course whose first lesson has captions that are worth compressing.
fn place() -> Place {
    let place = Place::new();
    crate::support::media::course(&place.path("course"));
    let cues = (0..200).map(|at| {
        format!(
            "00:{:02}:{:02}.000 --> 00:{:02}:{:02}.900\nListen, and listen again.\n\n",
            at / 60,
            at % 60,
            at / 60,
            at % 60
        )
    });
    place.write("course/01-first/01-short.en.vtt", format!("WEBVTT\n\n{}", cues.collect::<String>()));
    place.publish("course", "course").expect(0);
    place
}

/// An address of each kind that comes in several forms.
fn texts(server: &Server) -> Vec<String> {
    let manifest = server.get("/tags/course/manifest.json").json();
    let captions = find(&manifest["resources"], "text/vtt").expect("captions");
    let mut found = [
        "/tags",
        "/tags/course/manifest.json",
        "/tags/course/releases/1/manifest.json",
        "/tags/course/releases/1/pieces.json",
        VTT,
    ]
    .map(str::to_owned)
    .to_vec();
    found.push(captions["href"].as_str().unwrap().to_owned());
    let lesson = find(&manifest["readingOrder"], "audio/wav").expect("a lesson");
    found.push(lesson["properties"]["pieces"].as_str().unwrap().to_owned());
    if server.get("/sw.js").status == 200 {
        found.extend(["/", "/sw.js", "/client/app/page.css"].map(str::to_owned));
    }
    found
}

fn find(links: &Value, media_type: &str) -> Option<Value> {
    links.as_array()?.iter().find_map(|link| {
        if link["type"] == media_type {
            Some(link.clone())
        } else {
            find(&link["children"], media_type).or_else(|| find(&link["alternate"], media_type))
        }
    })
}

fn digest_header(body: &[u8]) -> String {
    stowaway_domain::repr_digest(&stowaway_domain::Digest::of(body))
}

#[test]
fn every_text_comes_in_every_coding_and_each_form_is_named_by_its_own_bytes() {
    let place = place();
    let server = place.serve();
    for path in texts(&server) {
        let identity = server.get(&path);
        assert_eq!((identity.status, identity.header("content-encoding")), (200, None), "{path}");
        let vary = identity.header("vary").unwrap_or_else(|| panic!("{path} does not vary"));
        assert!(vary.contains("accept-encoding"), "{path}");
        for coding in CODINGS {
            let form = server.get_with(&path, &[("accept-encoding", coding)]);
            assert_eq!((form.status, form.header("content-encoding")), (200, Some(coding)), "{path}");
            assert!(form.decoded() == identity.body, "{path} {coding}");
            assert!(form.body.len() < identity.body.len(), "{path} {coding}");
            let digest = stowaway_domain::Digest::of(&form.body);
            assert_eq!(form.header("etag"), Some(digest.etag().as_str()), "{path} {coding}");
            assert_eq!(form.header("repr-digest"), Some(digest_header(&form.body).as_str()), "{path} {coding}");
            for name in [
                "vary",
                "content-type",
                "cache-control",
                "surrogate-key",
                "access-control-allow-origin",
                "content-security-policy",
            ] {
                assert_eq!(form.header(name), identity.header(name), "{path} {coding} {name}");
            }
            let accept = ("accept-encoding", coding);
            let head = server.request("HEAD", &path, &[accept]);
            assert_eq!(head.stable_headers(), form.stable_headers(), "{path} {coding}");
            let again = server.get_with(&path, &[accept, ("if-none-match", form.header("etag").unwrap())]);
            assert_eq!(
                (again.status, again.header("etag"), again.header("vary")),
                (304, form.header("etag"), Some(vary)),
                "{path} {coding}"
            );
            assert_eq!(again.header("content-encoding"), None, "{path} {coding}: RFC 9110 §15.4.5");
        }
    }
}

#[test]
fn the_form_is_the_smallest_that_is_welcome() {
    let place = place();
    let server = place.serve();
    let coding = |accept: &str| {
        server.get_with(VTT, &[("accept-encoding", accept)]).header("content-encoding").map(str::to_owned)
    };
    let sizes = CODINGS.map(|coding| server.get_with(VTT, &[("accept-encoding", coding)]).body.len());
    let smallest = CODINGS.into_iter().zip(sizes).min_by_key(|&(_, size)| size).unwrap().0;
    assert_eq!(coding("gzip, deflate, br, zstd").as_deref(), Some(smallest));
    assert_eq!(coding("*").as_deref(), Some(smallest));
    assert_eq!(coding("gzip, *;q=0.5").as_deref(), Some("gzip"));
    assert_eq!(coding("identity, br;q=0.5"), None);
    assert_eq!(coding("deflate"), None);
    assert_eq!(coding(""), None);
}

#[test]
fn who_accepts_no_form_is_told_which_there_are() {
    let place = place();
    let server = place.serve();
    for path in texts(&server) {
        let refused = server.get_with(&path, &[("accept-encoding", "deflate, identity;q=0")]);
        assert_eq!((refused.status, refused.header("cache-control")), (406, Some("no-store")), "{path}");
        assert_eq!(refused.json()["type"], "urn:problem-type:stowaway:not-acceptable");
        assert_eq!(refused.json()["codings"], serde_json::json!(["br", "zstd", "gzip"]));
        assert_eq!(refused.header("vary"), server.get(&path).header("vary"), "{path}");
        let only = server.get_with(&path, &[("accept-encoding", "gzip, identity;q=0")]);
        assert_eq!((only.status, only.header("content-encoding")), (200, Some("gzip")), "{path}");
    }
}

#[test]
fn media_bundles_and_pieces_are_identity_whatever_is_accepted() {
    let place = place();
    let server = place.serve();
    let manifest = server.get("/tags/course/manifest.json").json();
    let lesson = find(&manifest["readingOrder"], "audio/wav").unwrap();
    let piece = lesson["properties"]["pieces"].as_str().unwrap().replace("pieces.json", "pieces/0");
    for path in [lesson["href"].as_str().unwrap(), &piece, "/tags/course/releases/1.zip"] {
        for accept in ["br, gzip, zstd, dcz", "identity;q=0", "*;q=0"] {
            let answer = server.get_with(path, &[("accept-encoding", accept)]);
            assert_eq!(
                (answer.status, answer.header("content-encoding"), answer.header("vary")),
                (200, None, None),
                "{path}"
            );
            assert!(answer.header("cache-control").unwrap().contains("no-transform"), "{path}");
        }
    }
    for path in ["/metrics", "/healthz", "/tags/none/manifest.json"] {
        assert_eq!(
            server.get_with(path, &[("accept-encoding", "br, gzip")]).header("content-encoding"),
            None,
            "{path}"
        );
    }
}

/// Background Fetch may begin with a coded form and resume with a range and identity.
#[test]
fn a_download_is_resumed_in_the_form_that_was_begun_or_begins_again() {
    let place = place();
    let server = place.serve();
    for path in texts(&server) {
        let identity = server.get(&path);
        let coded = server.get_with(&path, &[("accept-encoding", "br")]);
        let (own, coded_tag) = (identity.header("etag").unwrap(), coded.header("etag").unwrap());
        let resume = |accept: &str, if_range: &str| -> Answer {
            server.get_with(&path, &[("accept-encoding", accept), ("range", "bytes=7-"), ("if-range", if_range)])
        };
        // The same form goes on.
        let rest = resume("br", coded_tag);
        assert_eq!(
            (rest.status, rest.header("content-encoding"), rest.header("etag")),
            (206, Some("br"), Some(coded_tag)),
            "{path}"
        );
        assert!([&coded.body[..7], &rest.body].concat() == coded.body, "{path}");
        let rest = resume("identity", own);
        assert!(rest.status == 206 && [&identity.body[..7], &rest.body].concat() == identity.body, "{path}");
        let rest = resume("br", own);
        assert!(rest.status == 206 && [&identity.body[..7], &rest.body].concat() == identity.body, "{path}");
        // Another form begins again, whole.
        let whole = resume("identity", coded_tag);
        assert!(
            (whole.status, whole.header("content-encoding")) == (200, None) && whole.body == identity.body,
            "{path}"
        );
        let whole = resume("gzip", coded_tag);
        assert!(whole.status == 200 && whole.decoded() == identity.body, "{path}");
        // Nor does a date join two forms.
        let whole = resume("identity", coded.header("last-modified").unwrap());
        assert!(whole.status == 200 && whole.body == identity.body, "{path}");
        // Who names none gets identity, which is what a range without a form can only mean.
        let bare = server.get_with(&path, &[("accept-encoding", "br, gzip"), ("range", "bytes=0-6")]);
        assert!(bare.status == 206 && bare.body == identity.body[..7], "{path}");
    }
}

#[test]
fn a_cache_that_holds_one_form_is_told_about_that_one() {
    let place = place();
    let server = place.serve();
    let gzip = server.get_with(VTT, &[("accept-encoding", "gzip")]);
    let tag = gzip.header("etag").unwrap();
    let again = server.get_with(VTT, &[("accept-encoding", "gzip, br, zstd"), ("if-none-match", tag)]);
    assert_eq!((again.status, again.header("etag")), (304, Some(tag)));
    let other = server.get_with(VTT, &[("accept-encoding", "br"), ("if-none-match", tag)]);
    assert_eq!((other.status, other.header("content-encoding")), (200, Some("br")));
}

#[test]
fn a_server_without_the_recorded_forms_serves_identity() {
    let place = place();
    std::fs::remove_dir_all(place.path("stowaway-data/store/variants")).unwrap();
    let server = place.serve();
    let manifest = server.get_with("/tags/course/manifest.json", &[("accept-encoding", "br")]);
    assert_eq!((manifest.status, manifest.header("content-encoding")), (200, None));
    assert_eq!(manifest.json()["download"]["release"], 1);
    wait_until("the operator is told", || (server.stdout() + &server.stderr()).contains("a coded form is damaged"));
}

#[test]
fn documents_say_whether_they_came_from_memory() {
    let place = place();
    let server = place.serve();
    let status = || server.get("/tags/course/releases/1/pieces.json").header("cache-status").map(str::to_owned);
    assert_eq!(status().as_deref(), Some("stowaway; fwd=uri-miss; stored"));
    assert_eq!(status().as_deref(), Some("stowaway; hit"));
    assert_eq!(server.get(VTT).header("cache-status"), None, "its bytes are not in memory");
}

#[test]
fn steps_are_timed_when_that_is_configured() {
    let place = place();
    place.write("stowaway.toml", "[http]\nserver_timing = true\n");
    let server = place.serve();
    let timed = server.get(VTT);
    let steps: Vec<&str> =
        timed.header("server-timing").unwrap().split(", ").map(|lap| lap.split(';').next().unwrap()).collect();
    assert_eq!(steps, ["resolve", "negotiate", "open"]);
    std::fs::remove_file(place.path("stowaway.toml")).unwrap();
    assert_eq!(place.serve().get(VTT).header("server-timing"), None);
}
