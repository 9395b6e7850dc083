//! The OpenAPI document against the server: what it says is there, and every answer that it promises can happen.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::api::{call, send, token};
use crate::support::http::{Answer, Connection};
use crate::support::{Place, Server};

#[test]
fn the_document_is_open_to_everybody_and_the_same_everywhere() {
    let place = Place::new();
    let server = place.serve();
    let served = server.get("/api/openapi.json");
    assert_eq!((served.status, served.header("content-type")), (200, Some("application/json")));
    assert_eq!(served.json()["openapi"], "3.1.0");
    let printed = place.run(&["openapi"]).expect(0).stdout;
    assert_eq!(printed, served.text());
}

/// An operation of the document, and a status that it promises.
struct Promise {
    method: String,
    path: String,
    status: u16,
    has_body: bool,
    has_query: bool,
}

fn promises(document: &Value) -> Vec<Promise> {
    let mut promises = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            // What these answer is tried in `uploads/`, where there are uploads.
            if operation["tags"] == json!(["uploads"]) || operation["tags"] == json!(["publishing"]) {
                continue;
            }
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for status in operation["responses"].as_object().unwrap().keys() {
                promises.push(Promise {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    status: status.parse().unwrap(),
                    has_body: operation.get("requestBody").is_some(),
                    has_query: parameters.iter().any(|parameter| parameter["in"] == "query"),
                });
            }
        }
    }
    promises
}

/// What the promises are tried on.
struct Scene {
    place: Place,
    server: Server,
    admin: String,
}

impl Scene {
    fn new(arguments: &[&str]) -> Self {
        let place = Place::published();
        place.write("course/02-more.txt", "one more");
        place.publish("course", "course").expect(0);
        let admin = token(&place, &["admin"]);
        let server = place.serve_with(arguments);
        Self { place, server, admin }
    }

    /// The address with names of what is there, or of what is not.
    fn address(&self, promise: &Promise, is_there: bool) -> String {
        let tag = if is_there { "course" } else { "nobody" };
        let token = self.admin.split('_').nth(1).unwrap();
        let id = match (promise.path.as_str(), is_there) {
            ("/api/jobs/{id}", true) => self.newest_job(),
            (_, true) => token.to_owned(),
            (_, false) => "00000000000".to_owned(),
        };
        let address = promise.path.replace("{tag}", tag).replace("{id}", &id);
        if promise.path.ends_with("/diff") { format!("{address}?from=1&to=2") } else { address }
    }

    /// The job that was begun last; where none was, or the server does not tell, what is none.
    fn newest_job(&self) -> String {
        let listed = call(&self.server, &self.admin, "GET", "/api/jobs?limit=1", None).json();
        listed["jobs"][0]["id"].as_str().unwrap_or("none").to_owned()
    }

    fn body(promise: &Promise) -> Option<Value> {
        let body = if promise.path.ends_with("/rollback") {
            json!({"release": 1})
        } else if promise.path.ends_with("/jobs") {
            // At a byte a second it runs for days, and no other may.
            json!({"kind": "scrub", "bytesPerSecond": 1})
        } else {
            json!({"name": "x", "scopes": ["read:"]})
        };
        promise.has_body.then_some(body)
    }

    fn ask(&self, token: &str, promise: &Promise, is_there: bool) -> Answer {
        call(&self.server, token, &promise.method, &self.address(promise, is_there), Self::body(promise).as_ref())
    }

    /// With one more header, or another content type and body.
    fn ask_with(&self, promise: &Promise, header: (&str, &str), body: &str) -> Answer {
        let authorization = format!("Bearer {}", self.admin);
        let headers = [("authorization", authorization.as_str()), header];
        send(&self.server, &promise.method, &self.address(promise, true), &headers, body.as_bytes())
    }

    fn ask_and_stop_in_the_body(&self, promise: &Promise) -> Answer {
        let authorization = format!("Bearer {}", self.admin);
        let mut connection = Connection::open(self.server.address).unwrap();
        let headers =
            [("authorization", authorization.as_str()), ("content-type", "application/json"), ("content-length", "9")];
        connection.send_request(&promise.method, &self.address(promise, true), &headers).unwrap();
        connection.read_answer(&promise.method).unwrap()
    }

    /// Runs statements on the database behind the server's back.
    fn damage(&self, sql: &str) {
        let program = "import sqlite3, sys; sqlite3.connect('stowaway-data/stowaway.db').executescript(sys.argv[1])";
        let ran = Command::new("python3").args(["-c", program, sql]).current_dir(self.place.path(".")).status();
        assert!(ran.unwrap().success());
    }
}

/// Does what makes the server answer with the status of a promise.
fn keep(scene: &Scene, promise: &Promise) -> Answer {
    let Scene { admin, .. } = scene;
    let json_type = ("content-type", "application/json");
    match promise.status {
        200 | 201 | 202 | 409 => scene.ask(admin, promise, true),
        400 if promise.has_body => scene.ask_with(promise, json_type, "{}"),
        400 if promise.has_query => {
            let address = format!("{}?bogus=1", scene.address(promise, true).split('?').next().unwrap());
            call(&scene.server, admin, &promise.method, &address, None)
        }
        401 => scene.ask("sw_wrong", promise, true),
        403 => scene.ask(&token(&scene.place, &["read:zebra"]), promise, true),
        404 => scene.ask(admin, promise, false),
        408 => scene.ask_and_stop_in_the_body(promise),
        412 => {
            let authorization = format!("Bearer {admin}");
            let headers = [("authorization", authorization.as_str()), ("if-match", "\"x\""), json_type];
            let body = Scene::body(promise).map(|body| body.to_string()).unwrap_or_default();
            send(&scene.server, &promise.method, &scene.address(promise, true), &headers, body.as_bytes())
        }
        413 => scene.ask_with(promise, json_type, &"1".repeat(70_000)),
        415 => scene.ask_with(promise, ("content-type", "text/plain"), "{}"),
        other => panic!("no test knows how {} {} could answer {other}", promise.method, promise.path),
    }
}

#[test]
fn every_documented_answer_can_happen() {
    let scene = Scene::new(&["--set", "api.body_timeout_seconds=1", "--set", "api.wrong_tokens_per_minute=1000"]);
    let document = scene.server.get("/api/openapi.json").json();
    let (later, now): (Vec<Promise>, Vec<Promise>) =
        promises(&document).into_iter().partition(|promise| matches!(promise.status, 429 | 500 | 503));
    assert!(now.len() > 30, "{}", now.len());
    // What revokes the token that all of this is done with comes last.
    let (last, first): (Vec<&Promise>, Vec<&Promise>) =
        now.iter().partition(|promise| promise.status == 200 && promise.path == "/api/tokens/{id}");
    for promise in first.into_iter().chain(last) {
        let answer = keep(&scene, promise);
        assert_eq!(answer.status, promise.status, "{} {}: {answer:?}", promise.method, promise.path);
    }
    drop(scene);

    let busy = Scene::new(&["--set", "api.requests_per_second=1"]);
    for promise in later.iter().filter(|promise| promise.status == 429) {
        let own = token(&busy.place, &["read:zebra"]);
        let refused = (0..100).map(|_| busy.ask(&own, promise, true)).find(|answer| answer.status == 429);
        assert!(refused.is_some(), "{} {}", promise.method, promise.path);
    }
    std::fs::remove_dir_all(busy.place.path("stowaway-data/store/releases")).unwrap();
    for promise in later.iter().filter(|promise| promise.status == 500) {
        let answer = busy.ask(&token(&busy.place, &["admin"]), promise, true);
        assert_eq!(answer.status, 500, "{} {}: {answer:?}", promise.method, promise.path);
    }
    busy.damage("ALTER TABLE tokens RENAME TO elsewhere");
    for promise in later.iter().filter(|promise| promise.status == 503) {
        let answer = busy.ask(&busy.admin, promise, true);
        assert_eq!(answer.status, 503, "{} {}: {answer:?}", promise.method, promise.path);
        assert!(!answer.text().contains("elsewhere") && !answer.text().contains("no such table"), "{answer:?}");
    }
}
