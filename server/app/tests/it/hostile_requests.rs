//! Requests that no honest client sends: each gets its answer or loses its connection, and the next one is served.

use crate::support::http::Connection;
use crate::support::{Place, Server, wait_until};

#[track_caller]
fn still_serves(server: &Server) {
    assert_eq!(server.get("/tags/course/media/02-second/10-digits.txt").status, 200);
}

#[test]
fn requests_that_are_no_http_lose_their_connection_only() {
    let place = Place::published();
    let server = place.serve();
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "a".repeat(300_000));
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: 1\r\n".repeat(500));
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ] {
        let mut connection = Connection::open(server.address).unwrap();
        // The server may have closed before everything was sent.
        let _ = connection.send(bytes);
        if let Ok(answer) = connection.read_head() {
            assert!(
                (400..500).contains(&answer.status),
                "{:?}: {}",
                String::from_utf8_lossy(&bytes[..20.min(bytes.len())]),
                answer.status
            );
        }
    }
    still_serves(&server);
    wait_until("the good request is logged", || server.access_log().iter().any(|event| event["status"] == 200));
    assert!(!server.stderr().contains("ERROR"), "strangers fill no log with errors: {}", server.stderr());
}

#[test]
fn a_body_that_nobody_asked_for_is_not_taken_in() {
    let place = Place::published();
    let server = place.serve();
    for method in ["POST", "GET"] {
        let mut connection = Connection::open(server.address).unwrap();
        let length = ("content-length", "100000000000");
        connection.send_request(method, "/tags/course/media/02-second/10-digits.txt", &[length]).unwrap();
        let answer = connection.read_answer(method).unwrap();
        assert_eq!(answer.status, if method == "GET" { 200 } else { 405 });
        // It is not read on for ever, nor taken for a next request.
        let chunk = vec![b'G'; 1 << 20];
        wait_until("the connection is closed", || connection.send(&chunk).is_err());
    }
    still_serves(&server);
}

#[test]
fn requests_one_after_the_other_and_at_once_share_a_connection() {
    let place = Place::published();
    let server = place.serve();
    let mut connection = Connection::open(server.address).unwrap();
    let path = "/tags/course/media/02-second/1000-digits.txt";
    for range in ["bytes=0-9", "bytes=10-19", "bytes=20-29"] {
        connection.send_request("GET", path, &[("range", range)]).unwrap();
    }
    for _ in 0..3 {
        let answer = connection.read_answer("GET").unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (206, "0123456789"));
    }
    connection.send_request("HEAD", path, &[]).unwrap();
    assert_eq!(connection.read_answer("HEAD").unwrap().header("content-length"), Some("1000"));
    connection.send_request("GET", path, &[("if-none-match", "*")]).unwrap();
    assert_eq!(connection.read_answer("GET").unwrap().status, 304);
}

#[test]
fn a_client_that_sends_its_head_too_slowly_is_disconnected() {
    let place = Place::published();
    let server = place.serve_with(&["--set", "http.request_head_timeout_seconds=1"]);
    let mut connection = Connection::open(server.address).unwrap();
    connection.send(b"GET / HT").unwrap();
    // 408 or nothing, but the end.
    let _ = connection.read_head();
    wait_until("the connection is closed", || connection.is_closed());
    still_serves(&server);
}

#[test]
fn a_client_that_takes_no_bytes_is_disconnected() {
    let place = Place::published();
    place.write("big/big.wav", crate::support::media::wav(4000, 7));
    place.publish("big", "big").expect(0);
    let server = place.serve_with(&["--set", "http.write_idle_seconds=1"]);
    let mut connection = Connection::open(server.address).unwrap();
    connection.send_request("GET", "/tags/big/media/big.wav", &[("x-request-id", "stalled")]).unwrap();
    assert_eq!(connection.read_head().unwrap().status, 200);
    let event = server.logged("stalled");
    assert!(event["bytes_sent"].as_u64() < event["bytes_planned"].as_u64(), "{event}");
    still_serves(&server);
}
