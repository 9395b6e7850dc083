//! What keeps house, over the API: begun, followed, listed, refused, and ended with the server.

use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::api::{call, expect_problem, token};
use crate::support::{Place, Server, media, wait_until};

/// Begins a job and waits until it does not run any more.
fn run(server: &Server, token: &str, order: &Value) -> Value {
    let begun = call(server, token, "POST", "/api/jobs", Some(order));
    assert_eq!(begun.status, 202, "{begun:?}");
    let address = begun.header("location").unwrap().to_owned();
    assert_eq!(address, format!("/api/jobs/{}", begun.json()["id"].as_str().unwrap()));
    let mut job = Value::Null;
    wait_until("the job has ended", || {
        job = call(server, token, "GET", &address, None).json();
        job["state"] != "running"
    });
    job
}

/// A place whose tag lets all but its newest release go, with four of them.
fn place_with_old_releases() -> Place {
    let place = Place::published();
    place.run(&["limits", "course", "--keep-releases", "1"]).expect(0);
    for seed in 1..=3 {
        place.write("course/01-first/03-more.wav", media::wav(1, 40 + seed));
        place.publish("course", "course").expect(0);
    }
    place
}

fn largest_blob(place: &Place) -> PathBuf {
    let folders = std::fs::read_dir(place.path("stowaway-data/store/blobs")).unwrap();
    let blobs = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    blobs.map(|blob| blob.unwrap().path()).max_by_key(|blob| blob.metadata().unwrap().len()).unwrap()
}

#[test]
fn a_gc_counts_first_then_removes_and_all_of_it_is_listed() {
    let place = place_with_old_releases();
    let admin = token(&place, &["admin"]);
    let server = place.serve_with(&["--set", "gc.grace_seconds=0"]);
    let counted = run(&server, &admin, &json!({"kind": "gc"}));
    assert_eq!((&counted["state"], &counted["kind"]), (&json!("done"), &json!("gc")), "{counted}");
    assert_eq!(counted["parameters"], json!({"delete": false, "graceSeconds": 0}));
    assert_eq!((&counted["report"]["dryRun"], &counted["report"]["releasesRetired"]), (&json!(true), &json!(2)));
    assert_eq!(server.get("/tags/course/releases/2/manifest.json").status, 200, "nothing was retired");

    let retired = run(&server, &admin, &json!({"kind": "gc", "delete": true}));
    assert_eq!((&retired["report"]["dryRun"], &retired["report"]["releasesRetired"]), (&json!(false), &json!(2)));
    let swept = run(&server, &admin, &json!({"kind": "gc", "delete": true}));
    assert_eq!(swept["report"]["objects"]["blob"]["count"], 1, "{swept}");
    assert!(swept["report"]["removed"]["bytes"].as_u64() > Some(0), "{swept}");
    assert_eq!(server.get("/tags/course/releases/1/manifest.json").status, 410);
    assert_eq!(server.get("/tags/course/manifest.json").status, 200);

    // One that a command ran is listed too.
    place.run(&["scrub"]).expect(0);
    let first = call(&server, &admin, "GET", "/api/jobs?limit=2", None).json();
    let kinds: Vec<&Value> = first["jobs"].as_array().unwrap().iter().map(|job| &job["kind"]).collect();
    assert_eq!(kinds, [&json!("scrub"), &json!("gc")], "newest first");
    let rest = format!("/api/jobs?after={}", first["next"].as_str().unwrap());
    let rest = call(&server, &admin, "GET", &rest, None).json();
    let ids: Vec<&Value> = rest["jobs"].as_array().unwrap().iter().map(|job| &job["id"]).collect();
    assert_eq!(ids, [&retired["id"], &counted["id"]]);
    assert_eq!(rest.get("next"), None);
}

#[test]
fn a_scrub_names_what_is_damaged_and_a_list_leaves_the_names_out() {
    let place = Place::published();
    let admin = token(&place, &["admin"]);
    let server = place.serve();
    let clean = run(&server, &admin, &json!({"kind": "scrub", "tag": "course"}));
    assert_eq!((&clean["report"]["damaged"], &clean["parameters"]), (&json!(0), &json!({"tag": "course"})), "{clean}");
    let blob = std::fs::File::options().write(true).open(largest_blob(&place)).unwrap();
    blob.write_all_at(b"spoiled", 1000).unwrap();
    let found = run(&server, &admin, &json!({"kind": "scrub"}));
    assert_eq!((&found["state"], &found["report"]["damaged"]), (&json!("done"), &json!(1)), "{found}");
    let damage = &found["report"]["damage"][0];
    assert!(damage["neededBy"][0].as_str().unwrap().starts_with("course 1 "), "{damage}");
    let listed = call(&server, &admin, "GET", "/api/jobs?limit=1", None).json();
    let report = &listed["jobs"][0]["report"];
    assert_eq!((&report["damaged"], report.get("damage")), (&json!(1), None), "{listed}");
}

#[test]
fn a_job_ends_with_its_server_and_goes_on_when_it_is_begun_again() {
    let place = Place::published();
    let admin = token(&place, &["admin"]);
    let mut server = place.serve();
    // At a byte a second it reads for days.
    let order = json!({"kind": "scrub", "bytesPerSecond": 1});
    let begun = call(&server, &admin, "POST", "/api/jobs", Some(&order));
    assert_eq!((begun.status, &begun.json()["state"]), (202, &json!("running")), "{begun:?}");
    let running = |server: &Server| call(server, &admin, "GET", "/api/stats", None).json()["runningJobs"].clone();
    assert_eq!(running(&server), json!(["scrub"]));
    let refused = call(&server, &admin, "POST", "/api/jobs", Some(&json!({"kind": "scrub"})));
    expect_problem(&refused, 409, "job-running");
    assert_eq!(refused.json()["job"], begun.json()["id"]);
    let by_command = place.run(&["scrub"]).expect(1).stderr;
    assert!(by_command.contains("a scrub runs already"), "{by_command}");
    let other = run(&server, &admin, &json!({"kind": "gc"}));
    assert_eq!(other["state"], "done", "another kind does not wait: {other}");

    server.signal("TERM");
    assert!(server.wait().success());
    let server = place.serve();
    let ended = call(&server, &admin, "GET", begun.header("location").unwrap(), None).json();
    assert_eq!((&ended["state"], ended["ended"].is_string()), (&json!("interrupted"), true), "{ended}");
    assert_eq!(running(&server), json!([]));
    let again = run(&server, &admin, &json!({"kind": "scrub"}));
    assert_eq!((&again["state"], &again["report"]["damaged"]), (&json!("done"), &json!(0)), "{again}");
}

#[test]
fn what_cannot_be_a_job_is_refused_by_what_is_wrong_with_it() {
    let place = Place::published();
    let (admin, publisher) = (token(&place, &["admin"]), token(&place, &["publish:"]));
    let server = place.serve();
    for (method, path, body) in [
        ("GET", "/api/jobs", None),
        ("GET", "/api/jobs/00000000-0000-0000-0000-000000000000", None),
        ("POST", "/api/jobs", Some(json!({"kind": "gc"}))),
    ] {
        expect_problem(&call(&server, &publisher, method, path, body.as_ref()), 403, "scope-missing");
    }
    for (body, says) in [
        (json!({}), "missing field `kind`"),
        (json!({"kind": "dust"}), "unknown variant `dust`"),
        (json!({"kind": "gc", "tag": "course"}), "unknown field `tag`"),
        (json!({"kind": "scrub", "delete": true}), "unknown field `delete`"),
        (json!({"kind": "scrub", "tag": "A"}), "tag"),
        (json!({"kind": "scrub", "bytesPerSecond": 0}), "at least 1"),
        (json!({"kind": "scrub", "bytesPerSecond": 1.5}), "is not a whole number"),
    ] {
        let answer = call(&server, &admin, "POST", "/api/jobs", Some(&body));
        expect_problem(&answer, 400, "bad-body");
        assert!(answer.json()["detail"].as_str().unwrap().contains(says), "{answer:?}");
    }
    for bad in ["limit=0", "after=x", "after=00000000_0000_0000_0000_000000000000", "page=1"] {
        expect_problem(&call(&server, &admin, "GET", &format!("/api/jobs?{bad}"), None), 400, "bad-query");
    }
    for id in ["x", "00000000-0000-0000-0000-000000000000"] {
        expect_problem(&call(&server, &admin, "GET", &format!("/api/jobs/{id}"), None), 404, "job-not-found");
    }
    let listed = call(&server, &admin, "GET", "/api/jobs", None).json();
    assert_eq!(listed, json!({"jobs": []}), "nothing was begun");
}
