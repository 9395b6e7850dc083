//! `stowaway demo`: a binary and nothing else becomes a site with two things to download.

use crate::support::{Place, Server};

#[test]
fn a_binary_alone_serves_the_samples_and_leaves_nothing_behind() {
    let place = Place::new();
    let mut command = place.command(&["demo", "--listen", "127.0.0.1:0"]);
    command.env("TMPDIR", place.path(""));
    let mut server = Server::start(command);
    let catalogue = server.get("/tags").json();
    let titles: Vec<&str> = catalogue["publications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["metadata"]["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Field Recording", "Signal Lost"]);
    crate::support::wait_until("it says what to do", || server.stdout().contains("Ctrl-C"));
    assert!(server.stdout().contains(&format!("curl http://{}/tags/field-recording/manifest.json", server.address)));
    assert_eq!(server.stderr(), "", "nothing but what a person needs");
    server.signal("INT");
    assert!(server.wait().success());
    assert_eq!(std::fs::read_dir(place.path("")).unwrap().count(), 0, "the temporary folder is gone");
}

#[test]
fn the_data_is_kept_where_it_is_wanted() {
    let place = Place::new();
    for _ in 0..2 {
        let mut server = Server::start(place.command(&["demo", "--listen", "127.0.0.1:0", "--data", "kept"]));
        assert_eq!(server.get("/tags/signal-lost/manifest.json").json()["download"]["release"], 1);
        server.signal("TERM");
        assert!(server.wait().success());
    }
    assert!(place.path("kept/stowaway.db").exists() && place.path("kept/store/blobs").exists());
}

#[test]
fn pages_worker_and_library_are_inside_or_the_binary_says_how_to_build_them() {
    let place = Place::new();
    let server = place.serve();
    let page = server.get("/");
    if !std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../client-sw/dist/index.html").exists() {
        assert_eq!(page.status, 404);
        assert!(page.text().contains("run make build"), "{}", page.text());
        return;
    }
    for (path, media_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/play", "text/html; charset=utf-8"),
        ("/play?tag=a&item=b", "text/html; charset=utf-8"),
        ("/downloads", "text/html; charset=utf-8"),
        ("/admin", "text/html; charset=utf-8"),
        ("/client/admin/admin.js", "text/javascript; charset=utf-8"),
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/client/stowaway.js", "text/javascript; charset=utf-8"),
        ("/client/stowaway-sw.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)), "{path}");
        let again = server.get_with(path, &[("if-none-match", answer.header("etag").unwrap())]);
        assert_eq!(again.status, 304, "{path}");
    }
    insta::assert_snapshot!("page_headers", without_content(&page.stable_headers()));
    insta::assert_snapshot!("console_headers", without_content(&server.get("/admin").stable_headers()));
    insta::assert_snapshot!("worker_headers", without_content(&server.get("/sw.js").stable_headers()));
    assert_eq!(server.get("/client/none.js").status, 404);
}

/// Headers that do not change with the content of the file.
fn without_content(headers: &str) -> String {
    let of_content = ["content-length", "etag", "last-modified", "repr-digest"];
    let stays = |line: &&str| !of_content.iter().any(|name| line.starts_with(name));
    headers.lines().filter(stays).collect::<Vec<_>>().join("\n")
}
