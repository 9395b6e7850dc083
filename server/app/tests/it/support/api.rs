//! A client of the administration API.

use serde_json::Value;

use super::http::{Answer, Connection};
use super::{Place, Server};

/// Makes a token with these scopes, by the command.
pub(crate) fn token(place: &Place, scopes: &[&str]) -> String {
    let mut arguments = vec!["token", "create", "--name", "test", "--json"];
    arguments.extend(scopes.iter().flat_map(|scope| ["--scope", scope]));
    let made = place.run(&arguments).expect(0);
    let made: Value = serde_json::from_str(&made.stdout).expect("it is JSON");
    made["token"].as_str().expect("it has a token").to_owned()
}

/// One request with a token and, if there is one, a JSON body.
#[track_caller]
pub(crate) fn call(server: &Server, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let authorization = format!("Bearer {token}");
    let mut headers = vec![("authorization", authorization.as_str())];
    let body = body.map(ToString::to_string).unwrap_or_default();
    if !body.is_empty() {
        headers.push(("content-type", "application/json"));
    }
    send(server, method, path, &headers, body.as_bytes())
}

/// One request with exactly these headers and this body, on a connection of its own.
#[track_caller]
pub(crate) fn send(server: &Server, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut connection = Connection::open(server.address).expect("the server accepts");
    let length = body.len().to_string();
    let mut headers = headers.to_vec();
    headers.extend([("connection", "close"), ("content-length", length.as_str())]);
    connection.send_request(method, path, &headers).expect("the request can be sent");
    connection.send(body).expect("the body can be sent");
    connection.read_answer(method).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}

/// Checks status and problem code of a refusal, and what all of them have.
#[track_caller]
pub(crate) fn expect_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{answer:?}");
    let problem = answer.json();
    assert_eq!(problem["type"], format!("urn:problem-type:stowaway:{code}"), "{problem}");
    assert_eq!(problem["status"], status, "{problem}");
}
