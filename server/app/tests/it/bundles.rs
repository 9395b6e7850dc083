//! The bundle: a release as one ZIP over real HTTP, made while it is read.

use std::process::Command;

use serde_json::Value;

use crate::support::http::Connection;
use crate::support::{Place, Server, wait_until};

const BUNDLE: &str = "/tags/course/releases/1.zip";

fn samples() -> (Place, Server) {
    let place = Place::new();
    place.publish(&format!("{}/samples/course", env!("CARGO_MANIFEST_DIR")), "course").expect(0);
    let server = place.serve();
    (place, server)
}

/// What a tool that is no part of this program says of a file.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    said
}

#[test]
fn a_bundle_unpacks_to_the_folder_that_was_published() {
    let (place, server) = samples();
    let answer = server.get(BUNDLE);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/zip")));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"course-1.zip\""));
    let file = place.write("course.zip", &answer.body);
    run("unzip", &["-tq", file.to_str().unwrap()]);
    assert!(run("7z", &["t", file.to_str().unwrap()]).contains("Everything is Ok"));
    let unpacked = place.path("unpacked");
    run("unzip", &["-q", file.to_str().unwrap(), "-d", unpacked.to_str().unwrap()]);
    let published = format!("{}/samples/course", env!("CARGO_MANIFEST_DIR"));
    run("diff", &["-r", "--exclude=tag.toml", &published, unpacked.join("course").to_str().unwrap()]);
}

#[test]
fn the_manifest_names_the_bundle_with_its_exact_size() {
    let (_place, server) = samples();
    let manifest = server.get("/tags/course/manifest.json").json();
    let is_bundle = |link: &&Value| link["type"] == "application/zip";
    let link = manifest["links"].as_array().unwrap().iter().find(is_bundle).unwrap().clone();
    assert_eq!(link["href"], BUNDLE);
    let answer = server.get(BUNDLE);
    assert_eq!(link["size"], answer.body.len());
    let length = answer.header("content-length").map(str::to_owned);
    assert_eq!(length, Some(answer.body.len().to_string()));
    let head = server.request("HEAD", BUNDLE, &[]);
    assert_eq!(
        (head.header("content-length").map(str::to_owned), head.header("etag")),
        (length, answer.header("etag"))
    );
}

#[test]
fn any_range_of_a_bundle_is_a_slice_of_it() {
    let (_place, server) = samples();
    let whole = server.get(BUNDLE);
    let size = whole.body.len();
    for (first, last) in [(0, 0), (0, 99), (40, 1_400_000), (size / 2, size / 2 + 70_000), (size - 3_000, size - 1)] {
        let range = format!("bytes={first}-{last}");
        let etag = whole.header("etag").unwrap();
        let answer = server.get_with(BUNDLE, &[("Range", &range), ("If-Range", etag)]);
        assert_eq!((answer.status, answer.body.as_slice()), (206, &whole.body[first..=last]), "{range}");
        assert_eq!(answer.header("content-range"), Some(format!("bytes {first}-{last}/{size}").as_str()));
    }
    let several = server.get_with(BUNDLE, &[("Range", "bytes=0-9,1000-1009")]);
    assert!(several.header("content-type").unwrap().starts_with("multipart/byteranges"));
    assert_eq!(server.get_with(BUNDLE, &[("Range", &format!("bytes={size}-"))]).status, 416);
    assert_eq!(server.get_with(BUNDLE, &[("If-None-Match", whole.header("etag").unwrap())]).status, 304);
}

#[test]
fn curl_resumes_a_bundle_that_was_cut_off_at_another_replica() {
    let (place, server) = samples();
    let whole = server.get(BUNDLE);
    let mut connection = Connection::open(server.address).unwrap();
    connection.send_request("GET", BUNDLE, &[]).unwrap();
    connection.read_head().unwrap();
    let first = connection.read_exactly(1_234_567).unwrap();
    drop(connection);
    let file = place.write("course.zip", &first);
    let replica = place.serve();
    let url = format!("http://{}{BUNDLE}", replica.address);
    run("curl", &["-sS", "--fail", "-C", "-", "-o", file.to_str().unwrap(), &url]);
    assert!(std::fs::read(&file).unwrap() == whole.body);
    wait_until("the rest is logged", || !replica.access_log().is_empty());
    assert_eq!(replica.access_log()[0]["bytes_sent"], whole.body.len() - first.len());
    let head = replica.request("HEAD", BUNDLE, &[]);
    assert_eq!(head.header("etag"), whole.header("etag"), "the same from every replica");
}

#[test]
fn a_selection_is_a_bundle_of_its_own() {
    let (place, server) = samples();
    let audio = server.get(&format!("{BUNDLE}?selection=audio"));
    let file = place.write("audio.zip", &audio.body);
    let names = run("unzip", &["-Z1", file.to_str().unwrap()]);
    assert!(names.contains("01-welcome.m4a") && !names.contains(".mp4"), "{names}");
    let unknown = server.get(&format!("{BUNDLE}?selection=nothing"));
    assert_eq!(
        (unknown.status, unknown.json()["type"].as_str()),
        (404, Some("urn:problem-type:stowaway:selection-not-found"))
    );
}

#[test]
fn the_latest_bundle_follows_the_pointer_and_old_ones_stay() {
    let place = Place::published();
    let server = place.serve();
    let first = server.get(BUNDLE).body;
    assert_eq!(server.get("/tags/course/latest.zip").body, first);
    place.write("course/first/extra.txt", "one more");
    place.publish("course", "course").expect(0);
    let second = server.get("/tags/course/releases/2.zip");
    assert_eq!(second.status, 200);
    wait_until("the pointer to move", || server.get("/tags/course/latest.zip").body == second.body);
    assert_eq!(server.get(BUNDLE).body, first);
    assert_eq!(server.get("/tags/course/latest.zip").header("cache-control"), Some("public, no-cache, no-transform"));
}

#[test]
fn immutable_addresses_take_no_query() {
    let (_place, server) = samples();
    let manifest = server.get("/tags/course/manifest.json").json();
    let hrefs = manifest["download"]["selections"][0]["hrefs"].as_array().unwrap();
    for href in
        [hrefs[0].as_str().unwrap(), hrefs[1].as_str().unwrap(), BUNDLE, "/tags/course/releases/1/manifest.json"]
    {
        let answer = server.get(&format!("{href}?x=1"));
        assert_eq!((answer.status, answer.header("cache-control")), (400, Some("no-store")), "{href}");
        assert_eq!(answer.json()["type"], "urn:problem-type:stowaway:query-not-allowed");
        assert_eq!(server.request("HEAD", href, &[]).status, 200);
    }
}
