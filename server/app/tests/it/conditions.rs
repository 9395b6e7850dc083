//! Ranges and preconditions over real HTTP: the shared vectors, against blobs of the sizes that they name.

use serde_json::Value;

use crate::support::http::Answer;
use crate::support::{Place, Server, media};

/// Sizes that the published course has as text files.
const SIZES: [u64; 4] = [10, 100, 1000, 100_000];

fn vectors(name: &str) -> Value {
    let path = format!("{}/../domain/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The blob address of the text of `size` digits.
fn blob(server: &Server, size: u64) -> String {
    let manifest = server.get("/tags/course/manifest.json").json();
    let resources = manifest["resources"].as_array().unwrap();
    let path = format!("02-second/{size}-digits.txt");
    let found = resources.iter().find(|asset| asset["properties"]["path"] == path.as_str());
    found.unwrap_or_else(|| panic!("{path} in {manifest}"))["href"].as_str().unwrap().to_owned()
}

#[test]
fn ranges_are_answered_as_the_vectors_say() {
    let place = Place::published();
    let server = place.serve();
    let vectors = vectors("ranges");
    let mut tried = 0;
    for size in SIZES {
        let address = blob(&server, size);
        let content = media::digits(usize::try_from(size).unwrap());
        for case in vectors["cases"].as_array().unwrap().iter().filter(|case| case["size"] == size) {
            let range = case["range"].as_str();
            let headers: Vec<(&str, &str)> = range.map(|range| ("range", range)).into_iter().collect();
            let answer = server.get_with(&address, &headers);
            check_range(case, &answer, &content);
            tried += 1;
        }
    }
    assert!(tried > 30, "only {tried} vectors were tried");
}

#[track_caller]
fn check_range(case: &Value, answer: &Answer, content: &[u8]) {
    let (name, expect) = (&case["name"], &case["expect"]);
    assert_eq!(answer.status, expect["status"], "{name}");
    let parts: Vec<(usize, usize)> = expect["parts"].as_array().into_iter().flatten().map(inclusive).collect();
    match (answer.status, parts.as_slice()) {
        (206, [(first, last)]) => {
            assert!(answer.body == content[*first..=*last], "{name}");
            assert_eq!(answer.header("content-range"), expect["contentRange"].as_str(), "{name}");
        }
        (206, several) => check_multipart(answer, several, content),
        (416, _) => assert_eq!(answer.header("content-range").unwrap(), format!("bytes */{}", content.len()), "{name}"),
        _ => assert!(answer.body == content, "{name}"),
    }
}

fn inclusive(pair: &Value) -> (usize, usize) {
    let at = |index: usize| usize::try_from(pair[index].as_u64().unwrap()).unwrap();
    (at(0), at(1))
}

/// Builds the multipart body from what the answer says of itself (RFC 9110 §14.6) and compares.
#[track_caller]
fn check_multipart(answer: &Answer, parts: &[(usize, usize)], content: &[u8]) {
    let media_type = answer.header("content-type").unwrap();
    let boundary = media_type.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let text = answer.text();
    let mut rest = text.as_str();
    for (first, last) in parts {
        let (head, body) = rest.split_once("\r\n\r\n").unwrap();
        assert!(head.trim_start().starts_with(&format!("--{boundary}")), "{head}");
        assert!(
            head.to_lowercase().contains(&format!("content-range: bytes {first}-{last}/{}", content.len())),
            "{head}"
        );
        let (part, after) = body.split_at(last - first + 1);
        assert_eq!(part.as_bytes(), &content[*first..=*last]);
        rest = after;
    }
    assert_eq!(rest.trim(), format!("--{boundary}--"));
}

#[test]
fn preconditions_are_evaluated_as_the_vectors_say() {
    let place = Place::published();
    let server = place.serve();
    let address = blob(&server, 10);
    let plain = server.get(&address);
    let (etag, modified) = (plain.header("etag").unwrap(), plain.header("last-modified").unwrap());
    let vectors = vectors("preconditions");
    // The vectors' own validators stand for those of the blob.
    let (vector_etag, vector_modified) = (vectors["etag"].as_str().unwrap(), vectors["lastModified"].as_str().unwrap());
    let mut tried = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let headers: Vec<(String, String)> = case["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| {
                let value = value.as_str().unwrap().replace(vector_etag, etag).replace(vector_modified, modified);
                (name.clone(), value)
            })
            .collect();
        if headers.iter().any(|(_, value)| names_another_date(value, modified)) {
            continue;
        }
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = server.request(case["method"].as_str().unwrap(), &address, &headers);
        assert_eq!(answer.status, case["expect"]["status"], "{}", case["name"]);
        tried += 1;
    }
    assert!(tried > 25, "only {tried} vectors were tried");
}

/// Dates other than the blob's own are before or after the vectors' date, which is not the blob's.
fn names_another_date(value: &str, modified: &str) -> bool {
    value.contains(" GMT") && value != modified
}

#[test]
fn a_header_that_comes_twice_counts_as_one_list() {
    let place = Place::published();
    let server = place.serve();
    let address = blob(&server, 10);
    let etag = server.get(&address).header("etag").unwrap().to_owned();
    let twice = [("if-none-match", "\"x\""), ("if-none-match", etag.as_str())];
    assert_eq!(server.get_with(&address, &twice).status, 304);
}

#[test]
fn a_range_is_resumed_only_while_the_content_is_the_same() {
    let place = Place::published();
    let server = place.serve();
    let address = blob(&server, 1000);
    let etag = server.get(&address).header("etag").unwrap().to_owned();
    let same = server.get_with(&address, &[("range", "bytes=990-"), ("if-range", &etag)]);
    assert_eq!((same.status, same.body.len()), (206, 10));
    let other = server.get_with(&address, &[("range", "bytes=990-"), ("if-range", "\"other\"")]);
    assert_eq!((other.status, other.body.len()), (200, 1000));
}
