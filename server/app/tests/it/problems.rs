//! What a client reads when something is wrong: stable documents, never kept by a cache, readable from any origin.

use crate::support::{Place, Server, wait_until};

fn show(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let answer = server.request(method, path, headers);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
    format!("{:#}", answer.json())
}

#[test]
fn what_is_not_there_is_told_apart() {
    let place = Place::published();
    let server = place.serve();
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let get = |path: &str| show(&server, "GET", path, &[]);
    insta::assert_snapshot!("address_not_found", get("/nothing/here"));
    insta::assert_snapshot!("tag_not_found", get("/tags/other/manifest.json"));
    insta::assert_snapshot!("release_not_found", get("/tags/course/releases/7/manifest.json"));
    insta::assert_snapshot!("asset_not_found", get("/tags/course/media/none.mp3"));
    insta::assert_snapshot!("blob_not_found", get(&format!("/blobs/{nothing}/none.mp3")));
    insta::assert_snapshot!("blob_pieces_not_found", get(&format!("/blobs/{nothing}/pieces.json")));
    insta::assert_snapshot!("bad_query", get("/tags?limit=0"));
    insta::assert_snapshot!("query_not_allowed", get("/tags?page=2"));
}

#[test]
fn what_cannot_be_answered_says_what_can() {
    let place = Place::published();
    let server = place.serve();
    let address = "/tags/course/media/02-second/10-digits.txt";
    insta::assert_snapshot!("method_not_allowed", show(&server, "POST", address, &[]));
    insta::assert_snapshot!("range_not_satisfiable", show(&server, "GET", address, &[("range", "bytes=10-")]));
    insta::assert_snapshot!("precondition_failed", show(&server, "GET", address, &[("if-match", "\"other\"")]));
    let refused = server.request("DELETE", address, &[]);
    assert_eq!(refused.header("allow"), Some("GET, HEAD, OPTIONS"));
}

#[test]
fn head_of_a_problem_has_its_headers_and_no_document() {
    let place = Place::new();
    let server = place.serve();
    let get = server.get("/nothing");
    let head = server.request("HEAD", "/nothing", &[]);
    assert_eq!(head.stable_headers(), get.stable_headers());
}

#[test]
fn damage_in_the_store_is_told_and_not_served() {
    let place = Place::published();
    let manifests: Vec<_> = walk(&place.path("stowaway-data/store/releases"))
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("manifest"))
        .collect();
    assert_eq!(manifests.len(), 1, "{manifests:?}");
    std::fs::write(&manifests[0], b"{}").unwrap();
    let server = place.serve();
    insta::assert_snapshot!("stored_bytes_damaged", show(&server, "GET", "/tags/course/manifest.json", &[]));
    wait_until("the log names the damage", || server.stderr().contains("its digest is"));
}

#[test]
fn a_blob_that_is_gone_from_the_store_is_the_servers_fault() {
    let place = Place::published();
    std::fs::remove_dir_all(place.path("stowaway-data/store/blobs")).unwrap();
    let server = place.serve();
    let problem = show(&server, "GET", "/tags/course/media/02-second/10-digits.txt", &[]);
    insta::assert_snapshot!("stored_blob_missing", problem);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
