//! Metalinks (RFC 5854): what they say, and what the real aria2 makes of them: it downloads a release, and repairs it.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use stowaway_domain::chunk::CHUNK_MIN_BYTES;

use crate::support::{Place, Server, wait_until};

const METALINK: &str = "/tags/course/releases/1.meta4";
const LONG: &str = "01-first/02-long.wav";

/// A published course, served under an origin that the server is told.
fn with_origin() -> (Place, Server, String) {
    let place = Place::published();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let origin = format!("http://127.0.0.1:{port}");
    let (listen, public_url) = (format!("127.0.0.1:{port}"), format!("public_url={origin}"));
    let server =
        Server::start(place.command(&["serve", "--listen", &listen, "--set", &public_url, "--log-format", "json"]));
    (place, server, origin)
}

/// Downloads what the Metalink at `url` lists, or repairs what is there already.
fn aria2(url: &str, into: &Path) {
    let output = Command::new("aria2c")
        .args(["--no-conf", "--check-integrity=true", "--follow-metalink=mem", "--summary-interval=0"])
        .args(["--file-allocation=none", "--max-tries=1", "--console-log-level=notice", "--dir"])
        .arg(into)
        .arg(url)
        .output()
        .unwrap_or_else(|error| panic!("aria2c: {error} (.ci/install test)"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

fn expect_same_folder(one: &Path, other: &Path) {
    let output = Command::new("diff").args(["-r", "--exclude=tag.toml"]).arg(one).arg(other).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Answers about blobs so far: their ranges and the bytes that were sent.
fn blob_answers(server: &Server) -> Vec<(Option<String>, u64)> {
    let is_blob = |event: &Value| event["route"] == "/blobs/{sha256}/{name}";
    let answers = server.access_log().into_iter().filter(is_blob);
    answers.map(|event| (event["range"].as_str().map(str::to_owned), event["bytes_sent"].as_u64().unwrap())).collect()
}

#[test]
fn aria2_downloads_a_release_and_repairs_exactly_the_chunk_that_is_damaged() {
    let (place, server, origin) = with_origin();
    let (url, into) = (format!("{origin}{METALINK}"), place.path("downloads"));
    aria2(&url, &into);
    expect_same_folder(&place.path("course"), &into.join("course"));
    wait_until("every answer is logged", || blob_answers(&server).len() >= 8);
    let whole = blob_answers(&server).len();

    let file = into.join("course").join(LONG);
    let good = std::fs::read(&file).unwrap();
    let mut damaged = good.clone();
    // In the third chunk of five.
    damaged[2 * CHUNK_MIN_BYTES as usize + 12_345] ^= 1;
    std::fs::write(&file, damaged).unwrap();
    aria2(&url, &into);
    assert!(std::fs::read(&file).unwrap() == good, "it is whole again");
    wait_until("the repair is logged", || blob_answers(&server).len() > whole);
    let repair = blob_answers(&server).split_off(whole);
    let range = format!("bytes={}-{}", 2 * CHUNK_MIN_BYTES, 3 * CHUNK_MIN_BYTES - 1);
    assert_eq!(repair, [(Some(range), CHUNK_MIN_BYTES)]);
}

#[test]
fn aria2_goes_on_where_a_download_was_cut_off() {
    let (place, server, origin) = with_origin();
    let into = place.path("downloads");
    let published = std::fs::read(place.path("course").join(LONG)).unwrap();
    let half = 3 * CHUNK_MIN_BYTES as usize + 5;
    place.write(&format!("downloads/course/{LONG}"), &published[..half]);
    aria2(&format!("{origin}{METALINK}"), &into);
    expect_same_folder(&place.path("course"), &into.join("course"));
    let rest = published.len() as u64 - 3 * CHUNK_MIN_BYTES;
    wait_until("the rest is logged", || blob_answers(&server).iter().any(|(_, bytes)| *bytes == rest));
}

#[test]
fn without_a_public_url_addresses_are_relative_and_asked_about_before_every_use() {
    let place = Place::published();
    let server = place.serve();
    let answer = server.get(METALINK);
    assert_eq!(answer.header("cache-control"), Some("public, no-cache, no-transform"));
    assert!(answer.text().contains("<url>/blobs/") && !answer.text().contains("<url>http"), "{}", answer.text());
    let into = place.path("downloads");
    aria2(&format!("http://{}{METALINK}", server.address), &into);
    expect_same_folder(&place.path("course"), &into.join("course"));
}

#[test]
fn with_a_public_url_a_metalink_is_for_ever_and_says_nothing_that_a_client_sent() {
    let (_place, server, origin) = with_origin();
    let answer = server.get(METALINK);
    let headers = ["content-type", "cache-control", "surrogate-key"].map(|name| answer.header(name));
    let immutable = "public, max-age=31536000, immutable, no-transform";
    assert_eq!(headers, [Some("application/metalink4+xml"), Some(immutable), Some("course")]);
    assert!(answer.text().contains(&format!("<url>{origin}/blobs/")), "{}", answer.text());
    assert!(!answer.text().contains("<url>/"), "{}", answer.text());
    for (name, value) in
        [("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example"), ("host", "evil.example")]
    {
        let again = server.get_with(METALINK, &[(name, value)]);
        assert!(again.status == 400 || again.body == answer.body, "{name}");
    }
    assert_eq!(server.get_with(METALINK, &[("if-none-match", answer.header("etag").unwrap())]).status, 304);
    assert_eq!(server.get_with(METALINK, &[("range", "bytes=0-9")]).body, &answer.body[..10]);
    assert_eq!(server.get(&format!("{METALINK}?x=1")).status, 400);
    assert_eq!(server.get("/tags/course/releases/2.meta4").status, 404);
}

#[test]
fn two_replicas_with_one_configuration_give_the_same_metalink_and_the_manifest_names_it() {
    let place = Place::published();
    let origin = ["--set", "public_url=https://media.example.org"];
    let [one, other] = [place.serve_with(&origin), place.serve_with(&origin)];
    let (first, second) = (one.get(METALINK), other.get(METALINK));
    assert_eq!((first.status, &first.body), (200, &second.body));
    assert_eq!(first.header("etag"), second.header("etag"));
    let manifest = one.get("/tags/course/manifest.json").json();
    let links = manifest["links"].as_array().unwrap();
    let link = links.iter().find(|link| link["type"] == "application/metalink4+xml").unwrap();
    assert_eq!((&link["href"], &link["rel"]), (&METALINK.into(), &"alternate".into()));
}
