//! Who may do what: tokens made by the command and by the API, their scopes, and their end.

use serde_json::json;

use crate::support::Place;
use crate::support::api::{call, expect_problem, send, token};

#[test]
fn a_token_says_who_it_is() {
    let place = Place::new();
    let token = token(&place, &["publish:my-", "read:"]);
    let server = place.serve();
    let answer = call(&server, &token, "GET", "/api/whoami", None);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("private, no-store"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let me = answer.json();
    assert_eq!(me["name"], "test");
    assert_eq!(me["scopes"], json!(["publish:my-", "read:"]));
    assert!(token.starts_with(&format!("sw_{}_", me["id"].as_str().unwrap())));
    assert!(me["expires"].is_string(), "tokens expire unless they are asked not to: {me}");
    let head = call(&server, &token, "HEAD", "/api/whoami", None);
    assert_eq!((head.status, head.header("content-length")), (200, answer.header("content-length")));
}

#[test]
fn without_a_good_token_there_is_nothing() {
    let place = Place::new();
    let token = token(&place, &["admin"]);
    let server = place.serve();
    let none = server.get("/api/whoami");
    expect_problem(&none, 401, "token-missing");
    assert_eq!(none.header("www-authenticate"), Some("Bearer realm=\"stowaway\""));
    let mut wrong = token.clone();
    let last = wrong.pop().unwrap();
    wrong.push(if last == 'a' { 'b' } else { 'a' });
    for bad in [wrong.as_str(), "sw_", "sw_00000000000_0000000000000000000000000000000000000000000"] {
        let answer = call(&server, bad, "GET", "/api/whoami", None);
        expect_problem(&answer, 401, "token-unknown");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"stowaway\", error=\"invalid_token\""));
    }
    let twice = [("authorization", "Bearer x"), ("authorization", token.as_str())];
    expect_problem(&send(&server, "GET", "/api/whoami", &twice, b""), 401, "token-missing");
    assert_eq!(call(&server, &token, "GET", "/api/whoami", None).status, 200);
}

#[test]
fn who_lacks_the_scope_is_told_which_and_nothing_else() {
    let place = Place::new();
    let token = token(&place, &["publish:my-"]);
    let server = place.serve();
    for (method, path, body) in [
        ("GET", "/api/tokens", None),
        ("POST", "/api/tokens", Some(json!({"name": "x", "scopes": ["admin"]}))),
        ("DELETE", "/api/tokens/00000000000", None),
    ] {
        let answer = call(&server, &token, method, path, body.as_ref());
        expect_problem(&answer, 403, "scope-missing");
        assert_eq!(answer.json()["scope"], "admin");
        let challenge = "Bearer realm=\"stowaway\", error=\"insufficient_scope\", scope=\"admin\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    }
}

#[test]
fn tokens_are_made_listed_and_revoked_over_the_api() {
    let place = Place::new();
    let admin = token(&place, &["admin"]);
    let server = place.serve();
    let new = json!({"name": "ci", "scopes": ["publish:show"], "expires": "12h"});
    let made = call(&server, &admin, "POST", "/api/tokens", Some(&new));
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let (secret, id) = (made["token"].as_str().unwrap(), made["id"].as_str().unwrap());
    assert_eq!(call(&server, secret, "GET", "/api/whoami", None).json()["name"], "ci");

    let first = call(&server, &admin, "GET", "/api/tokens?limit=1", None).json();
    assert_eq!(first["tokens"][0]["id"], id, "newest first");
    let next = format!("/api/tokens?limit=1&after={}", first["next"]);
    let second = call(&server, &admin, "GET", &next, None).json();
    assert_eq!(second["tokens"][0]["name"], "test");
    assert_eq!(second.get("next"), None);
    assert!(!first.to_string().contains(&secret[15..]), "a list tells no secrets");

    let revoked = call(&server, &admin, "DELETE", &format!("/api/tokens/{id}"), None);
    assert_eq!(revoked.status, 200);
    let since = revoked.json()["revoked"].clone();
    let refused = call(&server, secret, "GET", "/api/whoami", None);
    expect_problem(&refused, 401, "token-revoked");
    assert_eq!(refused.json()["revoked"], since);
    let again = call(&server, &admin, "DELETE", &format!("/api/tokens/{id}"), None);
    assert_eq!(again.json()["revoked"], since, "the first time counts");
    expect_problem(&call(&server, &admin, "DELETE", "/api/tokens/00000000000", None), 404, "token-not-found");
    expect_problem(&call(&server, &admin, "DELETE", "/api/tokens/x", None), 404, "token-not-found");
}

#[test]
fn the_command_lists_and_revokes_what_the_server_then_refuses() {
    let place = Place::new();
    let token = token(&place, &["admin"]);
    let server = place.serve();
    assert_eq!(call(&server, &token, "GET", "/api/whoami", None).status, 200);
    let id = token.split('_').nth(1).unwrap();
    let listed: serde_json::Value =
        serde_json::from_str(&place.run(&["token", "list", "--json"]).expect(0).stdout).unwrap();
    assert_eq!(listed[0]["id"], id);
    assert!(place.run(&["token", "revoke", id]).expect(0).stdout.contains("is refused since"));
    expect_problem(&call(&server, &token, "GET", "/api/whoami", None), 401, "token-revoked");
    let unknown = place.run(&["token", "revoke", "nobody"]).expect(2);
    assert!(unknown.stderr.contains("there is no token \"nobody\""), "{}", unknown.stderr);
}

#[test]
fn a_token_that_cannot_be_made_is_refused_by_name() {
    let place = Place::new();
    for (arguments, says) in [
        (&["--name", "x", "--scope", "write:a"][..], "\"write:a\" is no scope"),
        (&["--name", "x", "--scope", "publish:A"], "the prefix of the scope \"publish:A\" begins no tag"),
        (&["--name", "", "--scope", "admin"], "a token's name has 1 to 100 characters"),
        (&["--name", "x", "--scope", "admin", "--expires", "soon"], "\"soon\" is no lifetime"),
    ] {
        let refused = place.run(&[&["token", "create"], arguments].concat()).expect(2);
        assert!(refused.stderr.contains(says), "{}", refused.stderr);
    }
    assert!(!place.path("stowaway-data").exists(), "nothing was made for it");
    let list = place.run(&["token", "list"]).expect(2);
    assert!(list.stderr.contains("there is no"), "{}", list.stderr);
    assert!(!place.path("stowaway-data").exists(), "who only looks makes nothing");
}

#[test]
fn a_bad_body_is_refused_by_what_is_wrong_with_it() {
    let place = Place::new();
    let token = token(&place, &["admin"]);
    let server = place.serve();
    for (body, says) in [
        (r#"{"name": "x"}"#, "missing field `scopes`"),
        (r#"{"name": "x", "scopes": []}"#, "a token has 1 to 32 scopes"),
        (r#"{"name": "x", "scopes": ["write:"]}"#, "is no scope"),
        (r#"{"name": "x", "scopes": ["admin"], "for": 1}"#, "unknown field `for`"),
        (r#"{"name": " ", "scopes": ["admin"]}"#, "a token's name has"),
        (r#"{"name": "x", "scopes": ["admin"], "expires": "0d"}"#, "is no lifetime"),
        ("{", "EOF while parsing"),
    ] {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let answer = send(&server, "POST", "/api/tokens", &headers, body.as_bytes());
        expect_problem(&answer, 400, "bad-body");
        assert!(answer.json()["detail"].as_str().unwrap().contains(says), "{answer:?}");
    }
    let authorization = format!("Bearer {token}");
    let text = [("authorization", authorization.as_str()), ("content-type", "text/plain")];
    expect_problem(&send(&server, "POST", "/api/tokens", &text, b"{}"), 415, "unsupported-media-type");
    for bad in ["limit=0", "limit=201", "limit=x", "after=x", "limit=1&limit=2", "page=1"] {
        let answer = call(&server, &token, "GET", &format!("/api/tokens?{bad}"), None);
        expect_problem(&answer, 400, "bad-query");
    }
}
