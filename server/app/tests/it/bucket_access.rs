//! Buckets that are not only ours: objects adopted from them, and readers sent to them.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::object_stores::{Kind, ObjectStoreServer};
use crate::support::{Outcome, Place, Server, media, wait_until};

/// An object store that refuses everything in S3's words, for as long as the test process runs.
fn refusing(status: &'static str, code: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            // All requests here are short; the other end may leave at any time.
            let _ = connection.read(&mut [0; 16 * 1024]);
            let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>No.</Message></Error>");
            let _ = write!(
                connection,
                "HTTP/1.1 {status}\r\ncontent-type: application/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    endpoint
}

#[test]
fn what_a_store_refuses_for_is_named_with_what_to_do() {
    for (status, code, told) in [
        ("403 Forbidden", "RequestTimeTooSkewed", "set the clock"),
        ("403 Forbidden", "InvalidAccessKeyId", "check the credentials"),
        ("403 Forbidden", "SignatureDoesNotMatch", "check the credentials"),
        ("404 Not Found", "NoSuchBucket", "make the bucket"),
    ] {
        let place = Place::published();
        let endpoint = format!("storage.endpoint={}", refusing(status, code));
        let settings = ["--set", &endpoint, "--set", "storage.url=s3://media", "--set", "storage.retries=0"];
        let commands = [
            vec!["serve", "--listen", "127.0.0.1:0"],
            vec!["publish", "course", "--tag", "course"],
            vec!["gc", "--delete"],
            vec!["scrub"],
        ];
        for command in commands {
            let all = [command.as_slice(), settings.as_slice()].concat();
            let mut command = place.command(&all);
            command.envs([("AWS_ACCESS_KEY_ID", "sample"), ("AWS_SECRET_ACCESS_KEY", "sample-secret")]);
            let said = Outcome::from(command.output().unwrap()).expect(1).stderr;
            assert!(said.contains(code) && said.contains(&format!("try: {told}")), "{all:?}: {said}");
        }
        place.run(&["scrub"]).expect(0);
        place.run(&[&["usage"], settings.as_slice()].concat()).expect(0);
    }
    let Some(remote) = Remote::new("") else { return };
    let said = remote.run(&["adopt", "x", "--tag", "x", "--set", "storage.url=s3://elsewhere/x"]).expect(1).stderr;
    assert!(said.contains("NoSuchBucket") && said.contains("try: make the bucket"), "{said}");
}

/// A place configured for a bucket of moto.
struct Remote {
    place: Place,
    store: ObjectStoreServer,
}

impl Remote {
    fn new(settings: &str) -> Option<Self> {
        let store = ObjectStoreServer::start(Kind::Moto)?;
        let place = Place::new();
        let (url, endpoint) = (store.url("base"), store.endpoint());
        place.write(
            "stowaway.toml",
            format!("[storage]\nurl = \"{url}\"\nendpoint = \"{endpoint}\"\nretries = 1\n{settings}\n"),
        );
        Some(Self { place, store })
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.place.command(arguments).envs(self.store.environment()).output().unwrap().into()
    }

    fn serve(&self) -> Server {
        let mut command = self.place.command(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]);
        command.envs(self.store.environment());
        Server::start(command)
    }

    /// The address of the only recording.
    fn sound(server: &Server) -> String {
        let manifest = server.get("/tags/course/manifest.json").json();
        manifest["readingOrder"][0]["href"].as_str().unwrap().to_owned()
    }
}

#[test]
fn adopted_objects_are_served_and_one_that_changed_is_a_problem_that_names_it() {
    let Some(remote) = Remote::new("") else { return };
    let sound = media::wav(3, 1);
    remote.store.put("/media/base/old/01.wav", &sound);
    let adopted = remote.run(&["adopt", "old", "--tag", "course", "--json"]).expect(0).json();
    assert_eq!((&adopted["release"], &adopted["bytes_uploaded"]), (&1.into(), &0.into()));
    let server = remote.serve();
    let address = Remote::sound(&server);
    assert!(server.get(&address).body == sound);
    drop(server);
    std::fs::remove_dir_all(remote.place.path("stowaway-data/slices")).unwrap();
    remote.store.put("/media/base/old/01.wav", &media::wav(3, 2));
    let server = remote.serve();
    let refused = server.get(&address);
    assert_eq!((refused.status, refused.header("content-type")), (502, Some("application/problem+json")));
    assert_eq!(refused.json()["type"], "urn:problem-type:stowaway:object-changed");
    wait_until("the log names the object", || server.stderr().contains("old/01.wav was adopted"));
    let again = remote.run(&["adopt", &remote.store.url("base/old"), "--tag", "course"]).expect(0).stdout;
    assert!(again.contains("release 2"), "{again}");
    let said = remote.run(&["adopt", "s3://elsewhere/old", "--tag", "course"]).expect(2).stderr;
    assert!(said.contains("does not lie in the store") && said.contains("storage.url"), "{said}");
    let said = remote.run(&["adopt", "nowhere", "--tag", "course"]).expect(2).stderr;
    assert!(said.contains("no objects below"), "{said}");
    let said = remote.run(&["adopt", "old", "--tag", "course", "--scratch", "/nowhere"]).expect(0);
    assert!(said.stdout.contains("nothing changed"), "what is known needs no room: {said:?}");
}

#[test]
fn readers_of_blobs_are_sent_to_the_bucket_for_a_while_and_others_are_not() {
    let Some(remote) = Remote::new("redirect_seconds = 60") else { return };
    let sound = media::wav(3, 1);
    remote.place.write("course/01.wav", &sound);
    remote.place.write(
        "course/01.en.vtt",
        "WEBVTT\n\n00:00.000 --> 00:01.000\nHello, hello, hello, hello, hello, hello, hello.\n",
    );
    remote.run(&["publish", "course", "--tag", "course"]).expect(0);
    let server = remote.serve();
    let address = Remote::sound(&server);
    for (method, range) in [("GET", None), ("GET", Some("bytes=0-9")), ("HEAD", None)] {
        let headers: Vec<(&str, &str)> = range.map(|range| ("range", range)).into_iter().collect();
        let sent = server.request(method, &address, &headers);
        assert_eq!(sent.status, 307, "{method}");
        assert_eq!(sent.header("cache-control"), Some("no-store"));
        assert_eq!(sent.header("access-control-allow-origin"), Some("*"));
        let location = sent.header("location").unwrap();
        let (origin, path) = location.split_at(location.find("/media/").unwrap());
        assert_eq!(origin, remote.store.endpoint());
        assert!(path.contains("X-Amz-Expires=60") && path.contains("response-content-type=audio%2Fwav"), "{path}");
        let asked = range.map_or_else(String::new, |range| format!("Range: {range}\r\n"));
        let (head, body) = remote.store.ask(method, path, &asked);
        let status = if range.is_some() { "http/1.1 206" } else { "http/1.1 200" };
        assert!(head.starts_with(status), "{head}");
        assert!(method == "HEAD" || body == sound[..if range.is_some() { 10 } else { sound.len() }]);
    }
    let etag = server.get("/tags/course/media/01.wav").header("etag").unwrap().to_owned();
    assert_eq!(server.get_with(&address, &[("if-none-match", &etag)]).status, 304, "nothing has to be fetched");
    assert_eq!(server.get_with(&address, &[("range", "bytes=9999999-")]).status, 416);
    let pieces = address.replace("01.wav", "pieces/0");
    assert_eq!(server.get(&pieces).status, 200);
    let captions = server.get("/tags/course/manifest.json").json()["resources"][0]["href"].as_str().unwrap().to_owned();
    let coded = server.get_with(&captions, &[("accept-encoding", "br")]);
    assert!(coded.status == 200 || coded.status == 307);
    assert_eq!(coded.status == 200, coded.header("content-encoding") == Some("br"), "coded forms come from here");
}

#[test]
fn a_store_that_cannot_sign_is_refused_at_the_start() {
    let place = Place::published();
    let said =
        place.run(&["serve", "--listen", "127.0.0.1:0", "--set", "storage.redirect_seconds=60"]).expect(2).stderr;
    assert!(said.contains("signs no addresses") && said.contains("storage.redirect_seconds to 0"), "{said}");
    let said = place.run(&["config", "--set", "storage.redirect_seconds=604801"]).expect(2).stderr;
    assert!(said.contains("longer than a week"), "{said}");
}
