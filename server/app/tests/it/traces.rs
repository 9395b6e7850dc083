//! Traces really leave the process: a collector made of a socket receives an OTLP export.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use crate::support::{Place, wait_until};

/// Accepts exports until the test ends and passes on path and body of each.
fn collector() -> (u16, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut lines = Vec::new();
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
                    break;
                }
                lines.push(line.trim().to_lowercase());
            }
            let length = lines
                .iter()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |value| value.parse().unwrap());
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.get_mut().write_all(answer).unwrap();
            if sender.send((lines.first().cloned().unwrap_or_default(), body)).is_err() {
                return;
            }
        }
    });
    (port, receiver)
}

#[test]
fn a_request_continues_the_callers_trace_and_is_exported() {
    let (port, exports) = collector();
    let place = Place::published();
    let endpoint = format!("telemetry.otlp_endpoint=http://127.0.0.1:{port}");
    let mut server = place.serve_with(&["--set", &endpoint, "--set", "http.drain_delay_seconds=0"]);
    let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace_id}-00f067aa0ba902b7-01");
    let answer = server.get_with("/tags/course/manifest.json", &[("traceparent", &parent)]);
    assert_eq!(answer.header("x-request-id"), Some(trace_id), "logs and traces are found by one id");
    server.signal("TERM");
    assert!(server.wait().success(), "{}", server.stderr());
    let (request, body) = exports.recv_timeout(std::time::Duration::from_secs(30)).expect("an export before the end");
    assert!(request.starts_with("post /v1/traces "), "{request}");
    let contains = |needle: &[u8]| body.windows(needle.len()).any(|window| window == needle);
    assert!(contains(b"GET /tags/{tag}/manifest.json"), "the span's name is in the protobuf message");
    assert!(contains(&hex(trace_id)), "so is the trace id");
    assert!(contains(b"stowaway"), "so is the service name");
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn a_collector_that_is_away_hurts_nobody_and_is_in_the_log_once() {
    let place = Place::published();
    let mut server = place.serve_with(&[
        "--set",
        "telemetry.otlp_endpoint=http://127.0.0.1:9",
        "--set",
        "http.drain_delay_seconds=0",
    ]);
    assert_eq!(server.get("/tags/course/manifest.json").status, 200);
    let told = || server.stderr().matches("traces cannot be exported").count();
    wait_until("the log tells it", || told() > 0);
    server.get("/tags/course/manifest.json");
    server.signal("TERM");
    assert!(server.wait().success());
    assert_eq!(server.stderr().matches("traces cannot be exported").count(), 1, "{}", server.stderr());
}
