//! `stowaway export`: what a plain web server answers from the folder is what this server answers.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use stowaway_domain::href;

use crate::support::http::{self, Answer};
use crate::support::{Place, wait_until};

/// A real nginx that serves a folder with the exported snippet.
struct Nginx {
    process: Child,
    address: std::net::SocketAddr,
}

impl Nginx {
    fn serve(place: &Place, site: &Path) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (own, site) = (place.path("nginx"), site.display());
        std::fs::create_dir(&own).unwrap();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};\n", own.join(kind).display()));
        let configuration = format!(
            "daemon off;\nmaster_process off;\npid {own}/pid;\nerror_log {own}/error.log;\nevents {{ }}\n\
             http {{\naccess_log off;\n{temporary}server {{ listen {address}; root \"{site}\"; \
             include \"{site}/.stowaway/nginx.conf\"; }}\n}}\n",
            own = own.display(),
            temporary = temporary.concat(),
        );
        let file = place.write("nginx/nginx.conf", configuration);
        let process = Command::new(program())
            .args(["-c", file.to_str().unwrap(), "-e", own.join("error.log").to_str().unwrap()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut nginx = Self { process, address };
        wait_until("nginx listens", || {
            let ended = nginx.process.try_wait().unwrap();
            let said = || std::fs::read_to_string(own.join("error.log")).unwrap_or_default();
            assert!(ended.is_none(), "nginx ended: {}", said());
            std::net::TcpStream::connect(address).is_ok()
        });
        nginx
    }

    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        http::request(self.address, "GET", path, headers)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    places
        .map(|place| place.join("nginx"))
        .find(|program| program.is_file())
        .expect("nginx is installed: .ci/install test")
}

/// Files of a listener whose names end as files of the program do, or whose bytes look like a page of it.
fn write_look_alikes(place: &Place) {
    for (name, text) in [
        ("s.js", "alert(1);"),
        ("S.JS", "alert(2);"),
        ("s.mjs", "alert(3);"),
        ("s.css", "body { display: none }"),
        ("page.xhtml", "<!DOCTYPE html><html xmlns=\"http://www.w3.org/1999/xhtml\"><body>Page.</body></html>"),
        ("said.xhtml", "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><body>Page.</body></html>"),
        ("s.webmanifest", "{}"),
        ("s.wasm.txt", "Text."),
        ("s.map", "{}"),
    ] {
        place.write(&format!("course/look-alikes/{name}"), text);
    }
}

/// The addresses of the client's files in an exported site.
fn client_files(site: &Path, below: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(site.join(below)).into_iter().flatten().map(Result::unwrap) {
        let path = format!("{below}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() { found.extend(client_files(site, &path)) } else { found.push(format!("/{path}")) }
    }
    found
}

/// Every address that a manifest names, and its own.
fn addresses(manifest: &Value) -> Vec<String> {
    let mut found = vec!["/tags".to_owned(), "/tags/course/manifest.json".to_owned()];
    found.push(format!("/tags/course/releases/{}/manifest.json", manifest["download"]["release"]));
    let mut queue: Vec<&Value> =
        ["links", "readingOrder", "resources"].iter().flat_map(|list| links(manifest, list)).collect();
    while let Some(link) = queue.pop() {
        queue.extend(["children", "alternate"].iter().flat_map(|list| links(link, list)));
        let href = link["href"].as_str().unwrap();
        if !href.contains('#') {
            found.push(href.to_owned());
        }
        found.extend(link["properties"]["pieces"].as_str().map(str::to_owned));
    }
    found.push(manifest["download"]["pieces"]["href"].as_str().unwrap().to_owned());
    found.sort();
    found.dedup();
    found
}

fn links<'a>(of: &'a Value, list: &str) -> Vec<&'a Value> {
    of[list].as_array().map(|links| links.iter().collect()).unwrap_or_default()
}

#[test]
fn nginx_answers_from_the_folder_what_this_server_answers() {
    let place = Place::published();
    write_look_alikes(&place);
    place.publish("course", "course").expect(0);
    let exported = place.run(&["export", "site", "--all", "--json"]).expect(0).json();
    assert_eq!((&exported["tags"][0]["tag"], &exported["tags"][0]["release"]), (&"course".into(), &2.into()));
    let (server, nginx) = (place.serve(), Nginx::serve(&place, &place.path("site")));
    let manifest = server.get("/tags/course/manifest.json").json();
    let addresses = addresses(&manifest);
    assert!(addresses.len() > 10, "{addresses:?}");
    let own = ["/", "/play", "/downloads", "/sw.js"].map(str::to_owned);
    for address in addresses.iter().chain(&own).chain(&client_files(&place.path("site"), "client")) {
        let (ours, theirs) = (server.get(address), nginx.get(address, &[]));
        if ours.status == 404 {
            // This binary was built without the client.
            assert!(ours.text().contains("built without the client"), "{address}: {}", ours.text());
            continue;
        }
        assert_eq!((ours.status, theirs.status), (200, 200), "{address}");
        assert!(ours.body == theirs.body, "{address}");
        let same = [
            "content-type",
            "cache-control",
            "last-modified",
            "access-control-allow-origin",
            "content-security-policy",
            "content-disposition",
            "x-content-type-options",
            "accept-ranges",
            "service-worker-allowed",
        ];
        for name in same {
            // There is one catalogue for all, and a Metalink's address may answer something else one day.
            if name == "last-modified" && address == "/tags" {
                continue;
            }
            assert_eq!(theirs.header(name), ours.header(name), "{name} of {address}");
        }
    }
    let sound = addresses.iter().find(|address| address.ends_with(".wav")).unwrap();
    let range = nginx.get(sound, &[("range", "bytes=10-19")]);
    assert_eq!((range.status, range.body.len()), (206, 10));
    assert_eq!(nginx.get("/.stowaway/nginx.conf", &[]).status, 404);
    assert_eq!(nginx.get(&sound.replace("/blobs/", "/blobs/../blobs/x"), &[]).status, 404);
}

/// Every alias of the current release.
fn aliases(manifest: &Value) -> Vec<String> {
    let mut found = vec!["/tags/course/latest.zip".to_owned()];
    let mut queue: Vec<&Value> = ["readingOrder", "resources"].iter().flat_map(|list| links(manifest, list)).collect();
    while let Some(link) = queue.pop() {
        queue.extend(["children", "alternate"].iter().flat_map(|list| links(link, list)));
        let path = link["properties"]["path"].as_str();
        found.extend(path.map(|path| href::media(&"course".parse().unwrap(), &path.parse().unwrap())));
    }
    found
}

/// What nginx answers at the aliases that this server knows, against what this server answers.
fn expect_the_same_aliases(server: &crate::support::Server, nginx: &Nginx, at_least: usize) {
    let aliases = aliases(&server.get("/tags/course/manifest.json").json());
    assert!(aliases.len() >= at_least, "{aliases:?}");
    for address in &aliases {
        let (ours, theirs) = (server.get(address), nginx.get(address, &[]));
        assert_eq!((ours.status, theirs.status), (200, 200), "{address}");
        assert!(ours.body == theirs.body, "{address}");
        for name in
            ["content-type", "cache-control", "last-modified", "content-security-policy", "x-content-type-options"]
        {
            assert_eq!(theirs.header(name), ours.header(name), "{name} of {address}");
        }
        assert_eq!(theirs.header("access-control-allow-origin"), Some("*"), "{address}");
        let kept = [("if-none-match", theirs.header("etag").unwrap())];
        assert_eq!(nginx.get(address, &kept).status, 304, "{address}");
    }
    // The number of the release is not known to a folder.
    let said = nginx.get("/tags/course/latest.zip", &[]);
    assert_eq!(said.header("content-disposition"), Some("attachment; filename=\"course-latest.zip\""));
}

#[test]
fn stable_aliases_follow_the_current_release_behind_nginx_too() {
    let place = Place::published();
    for (name, text) in [
        ("notes/100% #1? über uns.txt", "Notes."),
        ("notes/index.html", "<p>Notes.</p>"),
        ("notes/picture.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("going.txt", "Going."),
        ("a/b.txt", "In a folder."),
    ] {
        place.write(&format!("course/{name}"), text);
    }
    write_look_alikes(&place);
    place.publish("course", "course").expect(0);
    let first = place.run(&["export", "site", "--all", "--json"]).expect(0).json();
    let (server, nginx) = (place.serve(), Nginx::serve(&place, &place.path("site")));
    expect_the_same_aliases(&server, &nginx, 19);
    for absent in
        ["/tags/course/media/notes", "/tags/course/media/notes/", "/tags/course/media/", "/tags/course/media/x"]
    {
        assert_eq!((server.get(absent).status, nginx.get(absent, &[]).status), (404, 404), "{absent}");
    }

    let unchanged = nginx.get("/tags/course/media/notes/index.html", &[]);
    std::fs::remove_file(place.path("course/going.txt")).unwrap();
    std::fs::remove_dir_all(place.path("course/a")).unwrap();
    place.write("course/a", "A file where a folder was.");
    place.write("course/notes/100% #1? über uns.txt", "Notes of more words.");
    place.publish("course", "course").expect(0);
    let dry = place.run(&["export", "site", "--all", "--json", "--dry-run"]).expect(0).json();
    let second = place.run(&["export", "site", "--all", "--json"]).expect(0).json();
    assert_eq!((&dry["files_written"], &dry["files_removed"]), (&second["files_written"], &second["files_removed"]));
    assert_eq!((&first["files_removed"], &second["files_removed"]), (&0.into(), &2.into()));
    crate::support::wait_until("the server has the new release", || {
        server.get("/tags/course/manifest.json").json()["download"]["release"] == 3
    });
    expect_the_same_aliases(&server, &nginx, 18);
    for gone in ["/tags/course/media/going.txt", "/tags/course/media/a/b.txt"] {
        assert_eq!((server.get(gone).status, nginx.get(gone, &[]).status), (404, 404), "{gone}");
    }
    let same = nginx.get("/tags/course/media/notes/index.html", &[]);
    assert_eq!(same.header("etag"), unchanged.header("etag"));
    let again = place.run(&["export", "site", "--all", "--json"]).expect(0).json();
    assert_eq!((&again["files_written"], &again["files_removed"]), (&0.into(), &0.into()));

    let bare = place.run(&["export", "site", "--all", "--no-aliases"]).expect(0).stdout;
    assert!(bare.contains(" removed"), "{bare}");
    for gone in ["/tags/course/latest.zip", "/tags/course/media/notes/index.html"] {
        assert_eq!(nginx.get(gone, &[]).status, 404, "{gone}");
    }
}

#[test]
fn an_export_says_what_it_would_write_and_refuses_what_makes_no_sense() {
    let place = Place::published();
    let said = place.run(&["export", "site", "--tag", "course", "--dry-run"]).expect(0).stdout;
    assert!(said.contains("would be written to site"), "{said}");
    assert!(!place.path("site").exists());
    let said = place.run(&["export", "site", "--tag", "nothing"]).expect(2).stderr;
    assert!(said.contains("no tag nothing"), "{said}");
    let said = place.run(&["export", "stowaway-data/store", "--all"]).expect(2).stderr;
    assert!(said.contains("is the store itself") && said.contains("try: "), "{said}");
    let said = place.run(&["export", "site"]).expect(2).stderr;
    assert!(said.contains("--all"), "{said}");
    let said = place.run(&["export", "ftp://example.org/x", "--all"]).expect(2).stderr;
    assert!(said.contains("s3://bucket/prefix"), "{said}");
    place.write("file", "x");
    let said = place.run(&["export", "file/site", "--all"]).expect(1).stderr;
    assert!(said.contains("of the site cannot be") && said.contains("try: "), "{said}");
    place.run(&["export", "site", "--all"]).expect(0);
    let first = std::fs::File::open(place.path("site/.stowaway/lock")).unwrap();
    first.lock().unwrap();
    let said = place.run(&["export", "site", "--all"]).expect(1).stderr;
    let folder = place.path("site").display().to_string();
    assert!(said.contains("another export writes into") && said.contains(&folder) && said.contains("try: "), "{said}");
}
