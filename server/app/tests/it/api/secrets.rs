//! Secrets are shown once and kept nowhere: not in logs, not in the database, not in errors.

use crate::support::Place;
use crate::support::api::{call, expect_problem, token};
use crate::support::{Server, wait_until};

#[test]
fn no_log_line_and_no_file_holds_a_secret() {
    let place = Place::new();
    let token = token(&place, &["publish:a"]);
    let server = place.serve_with(&["--log-level", "trace,actix_http=trace,sqlx=trace,h2=trace"]);
    let secret = token.rsplit('_').next().unwrap();
    let misspelt = format!("{token}x");
    assert_eq!(call(&server, &token, "GET", "/api/whoami", None).status, 200);
    expect_problem(&call(&server, &token, "GET", "/api/tokens", None), 403, "scope-missing");
    expect_problem(&call(&server, &misspelt, "GET", "/api/whoami", None), 401, "token-unknown");
    wait_for_log(&server, 3);
    let log = server.stderr();
    assert!(log.contains("/api/whoami"), "the requests are logged");
    for half in [&secret[..20], &secret[23..]] {
        assert!(!log.contains(half), "{}", log.lines().find(|line| line.contains(half)).unwrap_or_default());
    }
    for entry in std::fs::read_dir(place.path("stowaway-data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(20).any(|window| window == &secret.as_bytes()[..20]);
            assert!(!found, "{} holds the secret", path.display());
        }
    }
}

#[test]
fn the_access_log_and_metrics_have_the_api_by_its_patterns() {
    let place = Place::new();
    let token = token(&place, &["admin"]);
    let server = place.serve();
    let answer = call(&server, &token, "DELETE", "/api/tokens/00000000000", None);
    let event = server.logged(answer.header("x-request-id").unwrap());
    assert_eq!(event["route"], "/api/tokens/{id}");
    assert_eq!((event["method"].as_str(), event["status"].as_u64()), (Some("DELETE"), Some(404)));
    assert_eq!(event["bytes_sent"].as_u64(), Some(answer.body.len() as u64));
    call(&server, &token, "GET", "/api/nothing/there", None);
    let metrics = server.get("/metrics").text();
    assert!(metrics.contains(r#"route="/api/tokens/{id}",method="DELETE",status="404""#), "{metrics}");
    assert!(!metrics.contains("nothing"), "unknown addresses share one label");
}

#[test]
fn the_last_use_is_noted_once_a_minute() {
    let place = Place::new();
    let token = token(&place, &["admin"]);
    let server = place.serve();
    let last_used = || {
        let listed = call(&server, &token, "GET", "/api/tokens", None).json();
        listed["tokens"][0]["lastUsed"].as_str().map(str::to_owned)
    };
    wait_until("the use is noted", || last_used().is_some());
    let first = last_used();
    for _ in 0..20 {
        assert_eq!(last_used(), first);
    }
}

fn wait_for_log(server: &Server, requests: usize) {
    let of_api = |event: &serde_json::Value| event["path"].as_str().is_some_and(|path| path.starts_with("/api/"));
    wait_until("the requests are logged", || {
        server.access_log().iter().filter(|event| of_api(event)).count() >= requests
    });
}
