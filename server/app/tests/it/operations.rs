//! What the operator sees: health, readiness, metrics, the access log and its ids.

use crate::support::http::{self, Connection};
use crate::support::{Place, wait_until};

#[test]
fn a_server_that_can_serve_is_healthy_and_ready() {
    let place = Place::new();
    let server = place.serve();
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.text().as_str()), (200, text));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn the_log_tells_the_cause_of_an_error() {
    let place = Place::published();
    let server = place.serve();
    std::fs::rename(place.path("stowaway-data/store"), place.path("away")).unwrap();
    assert_eq!(server.get("/readyz").status, 503);
    let event = server.said("not ready");
    let said = event["error"].as_str().unwrap();
    assert!(said.starts_with("the store does not answer: ") && said.contains("No such file"), "{said}");
}

#[test]
fn metrics_have_their_names_and_count_what_was_sent() {
    let place = Place::published();
    let server = place.serve();
    let mut kept = Connection::open(server.address).unwrap();
    kept.send_request("GET", "/healthz", &[]).unwrap();
    kept.read_answer("GET").unwrap();
    for _ in 0..3 {
        server.get_with("/tags/course/media/02-second/1000-digits.txt", &[("range", "bytes=0-99")]);
    }
    server.get("/nothing");
    let route = r#"route="/tags/{tag}/media/{path}""#;
    let expected = [
        format!("stowaway_http_response_bytes_total{{{route}}} 300"),
        format!(r#"stowaway_http_requests_total{{{route},method="GET",status="206"}} 3"#),
        r#"stowaway_http_requests_total{route="unknown",method="GET",status="404"} 1"#.to_owned(),
        format!("stowaway_http_request_duration_seconds_count{{{route}}} 3"),
        r#"stowaway_store_read_bytes_total{kind="blob"} 300"#.to_owned(),
        r#"stowaway_store_operations_total{operation="read",outcome="ok"} 3"#.to_owned(),
        format!(r#"stowaway_build_info{{version="{}"}} 1"#, env!("CARGO_PKG_VERSION")),
        // The kept one and the one that asks.
        "stowaway_http_connections 2\n".to_owned(),
    ];
    // An answer is counted when its body is dropped, which may be after its last byte has arrived.
    wait_until("every line is there", || {
        let metrics = server.get("/metrics").text();
        let missing: Vec<&String> = expected.iter().filter(|line| !metrics.contains(line.as_str())).collect();
        missing.is_empty()
    });
}

#[test]
fn the_access_log_tells_what_was_sent_and_not_only_what_was_planned() {
    let place = Place::published();
    let server = place.serve();
    let path = "/tags/course/media/02-second/1000-digits.txt";
    server.get_with(path, &[("range", "bytes=0-99"), ("x-request-id", "part")]);
    let event = server.logged("part");
    for (name, value) in [
        ("method", "GET".into()),
        ("path", path.into()),
        ("route", "/tags/{tag}/media/{path}".into()),
        ("status", 206.into()),
        ("range", "bytes=0-99".into()),
        ("bytes_sent", 100.into()),
        ("bytes_planned", 100.into()),
    ] {
        let value: serde_json::Value = value;
        assert_eq!(event[name], value, "{name} in {event}");
    }
    assert!(event["duration_ms"].is_u64(), "{event}");
    server.request("HEAD", path, &[("x-request-id", "head")]);
    assert_eq!(server.logged("head")["bytes_sent"], 0);
}

#[test]
fn a_client_that_leaves_is_logged_with_what_it_got() {
    let place = Place::published();
    let server = place.serve();
    let mut connection = Connection::open(server.address).unwrap();
    connection.send_request("GET", "/tags/course/media/01-first/02-long.wav", &[("x-request-id", "left")]).unwrap();
    connection.read_exactly(100_000).unwrap();
    drop(connection);
    let event = server.logged("left");
    let (sent, planned) = (event["bytes_sent"].as_u64().unwrap(), event["bytes_planned"].as_u64().unwrap());
    assert!((100_000..planned).contains(&(sent + 1000)), "{event}");
}

#[test]
fn every_answer_has_an_id_and_a_sane_one_is_taken_over() {
    let place = Place::new();
    let server = place.serve();
    let own = server.get("/healthz");
    assert!(own.header("x-request-id").is_some_and(|id| id.len() > 20));
    let taken = server.get_with("/healthz", &[("x-request-id", "abc-123")]);
    assert_eq!(taken.header("x-request-id"), Some("abc-123"));
    let forged = server.get_with("/healthz", &[("x-request-id", "a\" forged=\"1")]);
    assert_ne!(forged.header("x-request-id"), Some("a\" forged=\"1"));
}

#[test]
fn an_admin_listener_takes_the_metrics_off_the_public_address() {
    let place = Place::new();
    let server = place.serve_with(&["--admin-listen", "127.0.0.1:0"]);
    wait_until("the admin address is known", || server.stdout().contains("Metrics and health on"));
    let line = server.stdout();
    let admin =
        line.lines().find_map(|line| line.strip_prefix("Metrics and health on http://")).unwrap().parse().unwrap();
    assert_eq!(server.get("/metrics").status, 404);
    assert!(http::request(admin, "GET", "/metrics", &[]).text().contains("stowaway_build_info"));
    assert_eq!(http::request(admin, "GET", "/readyz", &[]).status, 200);
    assert_eq!(http::request(admin, "GET", "/tags", &[]).status, 404);
    assert_eq!(http::request(admin, "POST", "/metrics", &[]).status, 405);
}
