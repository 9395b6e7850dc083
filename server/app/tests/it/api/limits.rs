//! What one client may cost: wrong tokens, too many requests, bodies that are too large, too slow or never read.

use serde_json::json;

use crate::support::Place;
use crate::support::api::{call, expect_problem, send, token};
use crate::support::http::Connection;

#[test]
fn an_address_that_guesses_is_shut_out_and_known_tokens_go_on() {
    let place = Place::new();
    let (known, stranger) = (token(&place, &["admin"]), token(&place, &["admin"]));
    let server = place.serve_with(&["--set", "api.wrong_tokens_per_minute=3"]);
    assert_eq!(call(&server, &known, "GET", "/api/whoami", None).status, 200);
    for _ in 0..3 {
        expect_problem(&call(&server, "sw_guess", "GET", "/api/whoami", None), 401, "token-unknown");
    }
    let refused = call(&server, "sw_guess", "GET", "/api/whoami", None);
    expect_problem(&refused, 429, "rate-limited");
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() >= 60);
    expect_problem(&call(&server, &stranger, "GET", "/api/whoami", None), 429, "rate-limited");
    assert_eq!(call(&server, &known, "GET", "/api/whoami", None).status, 200, "nobody locks others out");
    assert_eq!(server.get("/tags").status, 200, "reads have nothing to do with it");
}

#[test]
fn a_token_that_asks_too_often_is_told_when_to_come_back() {
    let place = Place::new();
    let (busy, other) = (token(&place, &["admin"]), token(&place, &["admin"]));
    let server = place.serve_with(&["--set", "api.requests_per_second=1"]);
    let refused =
        (0..100).map(|_| call(&server, &busy, "GET", "/api/whoami", None)).find(|answer| answer.status != 200);
    let refused = refused.expect("a hundred requests take less than a hundred seconds");
    expect_problem(&refused, 429, "rate-limited");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(call(&server, &other, "GET", "/api/whoami", None).status, 200);
}

#[test]
fn bodies_are_bounded() {
    let place = Place::new();
    let token = token(&place, &["admin"]);
    let server = place.serve_with(&["--set", "api.body_timeout_seconds=1"]);
    let large = json!({"name": "x".repeat(70_000), "scopes": ["admin"]});
    expect_problem(&call(&server, &token, "POST", "/api/tokens", Some(&large)), 413, "body-too-large");

    let mut slow = Connection::open(server.address).unwrap();
    let authorization = format!("Bearer {token}");
    let headers =
        [("authorization", authorization.as_str()), ("content-type", "application/json"), ("content-length", "10")];
    slow.send_request("POST", "/api/tokens", &headers).unwrap();
    expect_problem(&slow.read_answer("POST").unwrap(), 408, "body-timeout");
}

#[test]
fn a_body_that_is_not_read_ends_the_connection_and_not_the_answer() {
    let place = Place::new();
    let server = place.serve();
    // Refused before its endless body is looked at.
    let mut endless = Connection::open(server.address).unwrap();
    endless.send_request("POST", "/api/tokens", &[("transfer-encoding", "chunked")]).unwrap();
    endless.send(b"5\r\nhello\r\n").unwrap();
    expect_problem(&endless.read_answer("POST").unwrap(), 401, "token-missing");
    assert!(endless.is_closed());
    // One that was read whole leaves the connection open.
    let token = token(&place, &["admin"]);
    let authorization = format!("Bearer {token}");
    let mut kept = Connection::open(server.address).unwrap();
    let body = json!({"name": "x", "scopes": ["read:"]}).to_string();
    let length = body.len().to_string();
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("content-length", length.as_str()),
    ];
    for _ in 0..2 {
        kept.send_request("POST", "/api/tokens", &headers).unwrap();
        kept.send(body.as_bytes()).unwrap();
        assert_eq!(kept.read_answer("POST").unwrap().status, 201);
    }
}

#[test]
fn what_there_is_not_is_told_as_everywhere() {
    let place = Place::new();
    let token = token(&place, &["admin"]);
    let server = place.serve();
    expect_problem(&call(&server, &token, "GET", "/api/nothing", None), 404, "address-not-found");
    expect_problem(&server.get("/api/nothing"), 401, "token-missing");
    let wrong = call(&server, &token, "PUT", "/api/tokens", None);
    expect_problem(&wrong, 405, "method-not-allowed");
    assert_eq!(wrong.header("allow"), Some("GET, HEAD, POST"));
    let preflight = [("origin", "https://elsewhere.example"), ("access-control-request-method", "POST")];
    let answer = send(&server, "OPTIONS", "/api/tokens", &preflight, b"");
    expect_problem(&answer, 405, "method-not-allowed");
    assert_eq!(answer.header("access-control-allow-origin"), None, "other origins get nothing");
}
