//! Tags over the API: listed by scope, compared, rolled back and taken back, and what readers then see.

use serde_json::{Value, json};

use crate::support::api::{call, expect_problem, send, token};
use crate::support::{Place, Server, media, wait_until};

/// A place with two releases of `course`, and the tags `show-1` and `show-2`.
fn library() -> Place {
    let place = Place::published();
    place.write("course/02-more.txt", "one more");
    place.publish("course", "course").expect(0);
    media::course(&place.path("show"));
    for tag in ["show-1", "show-2"] {
        place.publish("show", tag).expect(0);
    }
    place
}

fn names(page: &Value) -> Vec<&str> {
    page["tags"].as_array().unwrap().iter().map(|tag| tag["tag"].as_str().unwrap()).collect()
}

/// The current release as readers see it, once the server has looked again.
#[track_caller]
fn wait_for_readers(server: &Server, tag: &str, release: u64) {
    wait_until("readers get the release", || {
        let manifest = server.get(&format!("/tags/{tag}/manifest.json"));
        manifest.status == 200 && manifest.json()["download"]["release"] == release
    });
}

#[test]
fn tags_are_listed_by_what_the_token_may_read() {
    let place = library();
    let all = token(&place, &["admin"]);
    let shows = token(&place, &["publish:show-2", "read:show"]);
    let nothing = token(&place, &["read:zebra"]);
    let server = place.serve();
    let page = call(&server, &all, "GET", "/api/tags", None).json();
    assert_eq!(names(&page), ["course", "show-1", "show-2"]);
    assert_eq!(page["tags"][0]["release"], 2);
    assert!(page["tags"][0]["downloadTotal"].as_u64().unwrap() > 0);
    assert_eq!(page.get("next"), None);
    assert_eq!(names(&call(&server, &shows, "GET", "/api/tags", None).json()), ["show-1", "show-2"]);
    assert_eq!(names(&call(&server, &nothing, "GET", "/api/tags", None).json()), [""; 0]);
    let mut seen = Vec::new();
    let mut address = "/api/tags?limit=1".to_owned();
    loop {
        let page = call(&server, &all, "GET", &address, None).json();
        seen.extend(names(&page).into_iter().map(str::to_owned));
        let Some(next) = page.get("next") else { break };
        address = format!("/api/tags?limit=1&after={}", next.as_str().unwrap());
    }
    assert_eq!(seen, ["course", "show-1", "show-2"]);
}

#[test]
fn who_may_not_read_a_tag_does_not_learn_that_it_exists() {
    let place = library();
    let stranger = token(&place, &["publish:other"]);
    let server = place.serve();
    for path in ["/api/tags/{tag}", "/api/tags/{tag}/releases", "/api/tags/{tag}/diff?from=1&to=2"] {
        let answers = ["course", "nobody"].map(|tag| {
            let answer = call(&server, &stranger, "GET", &path.replace("{tag}", tag), None);
            expect_problem(&answer, 403, "scope-missing");
            answer.text().replace(tag, "{tag}")
        });
        assert_eq!(answers[0], answers[1]);
    }
    for (method, path) in [("POST", "/api/tags/course/rollback"), ("DELETE", "/api/tags/course")] {
        let body = json!({"release": 1});
        let answer = call(&server, &stranger, method, path, (method == "POST").then_some(&body));
        expect_problem(&answer, 403, "scope-missing");
    }
    wait_for_readers(&server, "course", 2);
}

#[test]
fn releases_are_listed_and_compared() {
    let place = library();
    let (reader, admin) = (token(&place, &["read:course"]), token(&place, &["admin"]));
    let server = place.serve();
    let page = call(&server, &reader, "GET", "/api/tags/course/releases?limit=1", None).json();
    assert_eq!((&page["releases"][0]["release"], &page["releases"][0]["current"]), (&json!(2), &json!(true)));
    assert_eq!(page["next"], 2);
    let page = call(&server, &reader, "GET", "/api/tags/course/releases?limit=1&after=2", None).json();
    assert_eq!(page["releases"][0]["release"], 1);
    let manifest = page["releases"][0]["manifest"].as_str().unwrap();
    assert_eq!(server.get(manifest).status, 200);
    let difference = call(&server, &reader, "GET", "/api/tags/course/diff?from=1&to=2", None).json();
    assert_eq!(difference["added"], json!(["02-more.txt"]));
    let by_command = place.run(&["diff", "course", "1", "2", "--json"]).expect(0).json();
    assert_eq!(difference["bytesToFetch"], by_command["bytes_to_fetch"]);
    expect_problem(&call(&server, &reader, "GET", "/api/tags/course/diff?from=1&to=9", None), 404, "release-not-found");
    expect_problem(&call(&server, &reader, "GET", "/api/tags/course/diff?from=1", None), 400, "bad-query");
    expect_problem(&call(&server, &admin, "GET", "/api/tags/nobody/releases", None), 404, "tag-not-found");
}

#[test]
fn a_rollback_gives_readers_the_old_release_and_a_publish_goes_on_from_the_highest_number() {
    let place = library();
    let token = token(&place, &["publish:course"]);
    let server = place.serve();
    wait_for_readers(&server, "course", 2);
    let seen = call(&server, &token, "GET", "/api/tags/course", None);
    let etag = seen.header("etag").unwrap().to_owned();
    let back = json!({"release": 1});
    let moved = call(&server, &token, "POST", "/api/tags/course/rollback", Some(&back));
    assert_eq!((moved.status, &moved.json()["release"]), (200, &json!(1)));
    assert_ne!(moved.header("etag"), Some(etag.as_str()));
    wait_for_readers(&server, "course", 1);
    expect_problem(
        &call(&server, &token, "POST", "/api/tags/course/rollback", Some(&json!({"release": 9}))),
        404,
        "release-not-found",
    );
    // One who saw the tag before must look again.
    let authorization = format!("Bearer {token}");
    let headers =
        [("authorization", authorization.as_str()), ("content-type", "application/json"), ("if-match", etag.as_str())];
    let late = send(&server, "POST", "/api/tags/course/rollback", &headers, br#"{"release": 2}"#);
    expect_problem(&late, 412, "precondition-failed");
    assert_eq!(late.json()["etag"], moved.header("etag").unwrap());
    wait_for_readers(&server, "course", 1);
    place.write("course/03-new.txt", "new");
    assert_eq!(place.publish("course", "course").expect(0).json()["release"], 3);
    wait_for_readers(&server, "course", 3);
}

#[test]
fn a_tag_that_is_taken_back_is_gone_and_its_immutable_addresses_stay() {
    let place = library();
    let admin = token(&place, &["admin"]);
    let server = place.serve();
    let before = server.get("/tags/course/releases/2/manifest.json");
    let bundle = server.get("/tags/course/releases/2.zip");
    let answer = call(&server, &admin, "DELETE", "/api/tags/course", None);
    assert_eq!(answer.status, 200, "{answer:?}");
    let since = answer.json()["unpublished"].clone();
    wait_until("readers see that it is gone", || server.get("/tags/course/manifest.json").status == 410);
    for path in ["/tags/course/manifest.json", "/tags/course/latest.zip", "/tags/course/media/02-more.txt"] {
        let gone = server.get(path);
        assert_eq!((gone.status, gone.header("cache-control")), (410, Some("no-store")), "{path}");
        assert_eq!(gone.json()["unpublished"], since);
    }
    wait_until("the catalogue leaves it out", || !server.get("/tags").text().contains("\"tag\":\"course\""));
    assert_eq!(server.get("/tags/course/releases/2/manifest.json").body, before.body);
    assert_eq!(server.get("/tags/course/releases/2.zip").body, bundle.body);
    let again = call(&server, &admin, "DELETE", "/api/tags/course", None);
    assert_eq!(again.json()["unpublished"], since, "the first time counts");
    let listed = call(&server, &admin, "GET", "/api/tags", None).json();
    assert_eq!(listed["tags"][0]["unpublished"], since, "who administers sees it");
    // The same folder again is a release, not "nothing changed": that is how it is offered again.
    assert_eq!(place.publish("course", "course").expect(0).json()["release"], 3);
    wait_for_readers(&server, "course", 3);
    expect_problem(&call(&server, &admin, "DELETE", "/api/tags/nobody", None), 404, "tag-not-found");
}

#[test]
fn what_is_stored_is_counted_once_and_by_tag() {
    let place = library();
    let (admin, reader) = (token(&place, &["admin"]), token(&place, &["read:course"]));
    let server = place.serve();
    let stats = call(&server, &admin, "GET", "/api/stats", None).json();
    assert_eq!((&stats["tags"], &stats["unpublishedTags"], &stats["releases"]), (&json!(3), &json!(0), &json!(4)));
    let use_of = |tag: &str| call(&server, &admin, "GET", &format!("/api/tags/{tag}/use"), None).json();
    let course = use_of("course");
    assert_eq!((&course["releases"], &course["exclusiveBytes"]), (&json!(2), &json!("one more".len())));
    assert_eq!(use_of("show-1")["exclusiveBytes"], 0, "it is all in show-2 as well");
    assert_eq!(stats["bytesStored"], course["bytesStored"], "the course has all that there is");
    assert_eq!(stats["blobs"], course["blobs"]);
    expect_problem(&call(&server, &reader, "GET", "/api/stats", None), 403, "scope-missing");
    assert_eq!(call(&server, &reader, "GET", "/api/tags/course/use", None).status, 200);
}

#[test]
fn the_commands_do_the_same() {
    let place = library();
    let server = place.serve();
    let moved = place.run(&["rollback", "course", "1"]).expect(0);
    assert_eq!(moved.stdout, "course: readers get release 1\n");
    wait_for_readers(&server, "course", 1);
    let same = place.run(&["rollback", "course", "1", "--json"]).expect(0).json();
    assert_eq!((&same["changed"], &same["release"]), (&json!(false), &json!(1)));
    assert!(place.run(&["unpublish", "course"]).expect(0).stdout.contains("not offered any more"));
    wait_until("readers see that it is gone", || server.get("/tags/course/manifest.json").status == 410);
    assert_eq!(place.run(&["releases", "course", "--json"]).expect(0).json()[0]["current"], false);
    place.run(&["rollback", "course", "2"]).expect(0);
    wait_for_readers(&server, "course", 2);
    assert!(place.run(&["rollback", "course", "7"]).expect(2).stderr.contains("the tag course has no release 7"));
    assert!(place.run(&["unpublish", "nobody"]).expect(2).stderr.contains("there is no tag nobody"));
}
