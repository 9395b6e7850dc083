//! The lane and actix-web: the same answers, and what the lane's cost in system calls and memory.

use std::path::PathBuf;
use std::process::{Child, Command};

use crate::support::http::{Answer, Connection};
use crate::support::{Place, Server, media, wait_until};

const DIGITS: &str = "/tags/course/media/02-second/1000-digits.txt";
const MANIFEST: &str = "/tags/course/manifest.json";
/// No lane takes a request with this header; it changes nothing else.
const NOT_FOR_THE_LANE: (&str, &str) = ("trailer", "x");

/// All of an answer but its date; headers in one order, as actix-web has none.
fn essence(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let mut headers: Vec<_> =
        answer.headers.iter().filter(|(name, _)| !["date", "cache-status"].contains(&name.as_str())).cloned().collect();
    headers.sort();
    (answer.status, headers, answer.body.clone())
}

#[test]
fn both_answer_alike() {
    let place = Place::published();
    let server = place.serve();
    let etag = server.get(MANIFEST).header("etag").expect("an entity tag").to_owned();
    let digest = server.get(DIGITS).header("etag").expect("an entity tag").trim_matches('"').replace("sha256:", "");
    let blob = format!("/blobs/{digest}/1000-digits.txt");
    let (pieces, refused) = (format!("/blobs/{digest}/pieces/0"), format!("{blob}?x=1"));
    let conditions: [&[(&str, &str)]; 12] = [
        &[],
        &[("range", "bytes=0-9")],
        &[("range", "bytes=-7")],
        &[("range", "bytes=0-1,5-6,900-")],
        &[("range", "bytes=1000-")],
        &[("range", "items=0-1")],
        &[("if-none-match", &etag)],
        &[("if-none-match", "*")],
        &[("if-match", "\"other\"")],
        &[("if-range", "\"other\""), ("range", "bytes=0-9")],
        &[("if-modified-since", "Fri, 31 Dec 2100 00:00:00 GMT")],
        &[("if-none-match", "\"a\""), ("if-none-match", &etag)],
    ];
    let paths = [
        "/tags",
        "/tags?limit=0",
        MANIFEST,
        "/tags/course/releases/1/manifest.json",
        "/tags/course/releases/1/pieces.json",
        "/tags/course/releases/1.zip",
        "/tags/course/latest.zip?selection=no",
        DIGITS,
        &blob,
        &refused,
        &pieces,
        "/tags/other/manifest.json",
        "/healthz",
        "/readyz",
        "/sw.js",
        "/nothing",
        "/blobs/abc/x",
    ];
    for (path, method) in paths.iter().flat_map(|path| [(*path, "GET"), (*path, "HEAD")]) {
        for conditions in conditions {
            let mut headers = vec![("x-request-id", "same")];
            headers.extend_from_slice(conditions);
            let lane = server.request(method, path, &headers);
            headers.push(NOT_FOR_THE_LANE);
            let actix = server.request(method, path, &headers);
            assert_eq!(essence(&lane), essence(&actix), "{method} {path} {conditions:?}");
        }
    }
}

#[test]
fn http_1_0_is_answered_alike() {
    let place = Place::published();
    let server = place.serve();
    for connection in ["", "connection: keep-alive\r\n", "connection: close\r\n"] {
        let answers = ["", "trailer: x\r\n"].map(|odd| {
            let mut client = Connection::open(server.address).unwrap();
            let request = format!("GET {DIGITS} HTTP/1.0\r\nx-request-id: same\r\n{connection}{odd}\r\n");
            client.send(request.as_bytes()).unwrap();
            essence(&client.read_answer("GET").unwrap())
        });
        assert_eq!(answers[0], answers[1], "{connection:?}");
    }
}

/// What costs with every request: sockets, files, and asking whether a socket is full.
const CALLS: &str = "trace=%network,sendfile,poll,pread64,openat";

/// strace on a running server: a line in a file for each system call.
struct Trace {
    process: Child,
    file: PathBuf,
}

impl Trace {
    fn of(server: &Server, file: PathBuf) -> Self {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-e", "signal=none", "-e", CALLS, "-p", &server.id().to_string(), "-o"]).arg(&file);
        let trace = Self { process: command.spawn().expect("strace runs (.ci/install test)"), file };
        wait_until("strace sees what the server does", || {
            server.get("/healthz");
            trace.calls() > 0
        });
        trace
    }

    fn calls(&self) -> usize {
        std::fs::read(&self.file).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count()
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_request_costs_a_read_and_one_or_two_sends() {
    const REQUESTS: usize = 200;
    let place = Place::published();
    place.write("big/big.wav", media::wav(200, 7));
    place.publish("big", "big").expect(0);
    let server = place.serve_with(&[
        "--log-level",
        "warn",
        "--set",
        "http.workers=1",
        "--set",
        "cache.pointer_fresh_ms=3600000",
    ]);
    let trace = Trace::of(&server, place.path("calls.txt"));
    let etag = server.get(MANIFEST).header("etag").expect("an entity tag").to_owned();
    for (what, path, headers, cost) in [
        ("a manifest", MANIFEST, vec![], 2),
        ("its 304", MANIFEST, vec![("if-none-match", etag.as_str())], 2),
        ("a range of 64 KiB", "/tags/big/media/big.wav", vec![("range", "bytes=4096-69631")], 3),
    ] {
        let mut connection = Connection::open(server.address).unwrap();
        let mut ask = || {
            connection.send_request("GET", path, &headers).unwrap();
            connection.read_answer("GET").unwrap()
        };
        assert!([200, 206, 304].contains(&ask().status), "{what}");
        let before = trace.calls();
        for _ in 0..REQUESTS {
            ask();
        }
        let calls = trace.calls() - before;
        // A tenth more for a socket that is full; a little less, as what strace saw last may not be written yet.
        assert!((cost * REQUESTS * 9 / 10..=cost * REQUESTS * 11 / 10).contains(&calls), "{what}: {calls} calls");
    }
}

#[test]
fn readers_that_take_nothing_hold_no_memory_to_speak_of() {
    const READERS: u64 = 200;
    let place = Place::published();
    place.write("big/big.wav", media::wav(4000, 7));
    place.publish("big", "big").expect(0);
    let server = place.serve_with(&["--log-level", "warn"]);
    server.get_with("/tags/big/media/big.wav", &[("range", "bytes=0-9")]);
    let before_kib = server.resident_kib();
    let readers: Vec<Connection> = (0..READERS)
        .map(|_| {
            let mut reader = Connection::open(server.address).unwrap();
            reader.send_request("GET", "/tags/big/media/big.wav", &[]).unwrap();
            assert_eq!(reader.read_head().unwrap().status, 200);
            reader
        })
        .collect();
    let grown_kib = server.resident_kib().saturating_sub(before_kib);
    assert!(grown_kib < READERS * 24, "{grown_kib} KiB for {READERS} readers");
    drop(readers);
}
