//! Several servers on one PostgreSQL and one bucket: the same answers from each, new releases on all, and what is served while the
//! database is away.

use std::time::Instant;

use serde_json::Value;
use stowaway_domain::href;

use crate::object_stores::{Kind, ObjectStoreServer};
use crate::postgres::Postgres;
use crate::support::{Outcome, Place, Server, media, wait_until};

/// A database and a bucket that places are configured for.
struct Shared {
    database: Postgres,
    store: ObjectStoreServer,
    url: String,
}

impl Shared {
    /// With a course that is published; `None` when a program is not on this machine.
    fn published() -> Option<Self> {
        let (store, database) = (ObjectStoreServer::start(Kind::Moto)?, block_on(Postgres::start())?);
        let url = block_on(database.new_database("fleet"));
        let shared = Self { database, store, url };
        let place = shared.place();
        media::course(&place.path("course"));
        shared.publish(&place).expect(0);
        Some(shared)
    }

    /// A folder of a machine's own. What it shares is elsewhere.
    fn place(&self) -> Place {
        let place = Place::new();
        let (storage, endpoint, database) = (self.store.url("fleet"), self.store.endpoint(), &self.url);
        place.write(
            "stowaway.toml",
            format!(
                "[storage]\nurl = \"{storage}\"\nendpoint = \"{endpoint}\"\nretries = 1\n\n[database]\nurl = \"{database}\"\n\n\
                 [cache]\nslice_bytes = 65536\nmax_bytes = 16777216\n"
            ),
        );
        place
    }

    fn run(&self, place: &Place, arguments: &[&str]) -> Outcome {
        place.command(arguments).envs(self.store.environment()).output().unwrap().into()
    }

    fn publish(&self, place: &Place) -> Outcome {
        self.run(place, &["publish", "course", "--tag", "course", "--json"])
    }

    fn serve(&self, place: &Place) -> Server {
        let mut command = place.command(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]);
        command.envs(self.store.environment());
        Server::start(command)
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// An address of every kind.
fn addresses(server: &Server) -> Vec<String> {
    let manifest = server.get("/tags/course/manifest.json").json();
    let release = &manifest["download"]["release"];
    let mut found: Vec<String> =
        ["/tags", "/tags?limit=1", "/tags/course/manifest.json", "/tags/course/latest.zip"].map(str::to_owned).to_vec();
    found.extend(
        ["zip", "meta4", "zip?selection=everything"].map(|ending| format!("/tags/course/releases/{release}.{ending}")),
    );
    found.extend(["manifest.json", "pieces.json"].map(|name| format!("/tags/course/releases/{release}/{name}")));
    for link in links(&manifest) {
        let digest = link["properties"]["digest"].as_str().unwrap().trim_start_matches("sha256:");
        found.push(link["href"].as_str().unwrap().to_owned());
        let path: Vec<String> =
            link["properties"]["path"].as_str().unwrap().split('/').map(href::encode_segment).collect();
        found.push(format!("/tags/course/media/{}", path.join("/")));
        found.extend(["pieces.json", "pieces/0", "pieces/0-0"].map(|piece| format!("/blobs/{digest}/{piece}")));
    }
    found.extend(["/sw.js", "/tags/none/manifest.json", "/tags/course/releases/99.zip"].map(str::to_owned));
    found
}

/// Every asset of a manifest.
pub(crate) fn links(node: &Value) -> Vec<&Value> {
    let inner: Vec<&Value> = match node {
        Value::Array(values) => values.iter().flat_map(links).collect(),
        Value::Object(members) => members.values().flat_map(links).collect(),
        _ => Vec::new(),
    };
    if node["properties"]["digest"].is_string() { std::iter::once(node).chain(inner).collect() } else { inner }
}

/// Fails unless both answer every kind of request to every kind of address with the same headers and bytes.
fn expect_the_same(one: &Server, other: &Server) {
    for address in addresses(one) {
        let first = one.get(&address);
        let etag = first.header("etag").unwrap_or("\"none\"").to_owned();
        let requests: [(&str, &[(&str, &str)]); 7] = [
            ("GET", &[]),
            ("HEAD", &[]),
            ("GET", &[("range", "bytes=10-19")]),
            ("GET", &[("range", "bytes=-5"), ("if-range", &etag)]),
            ("GET", &[("if-none-match", &etag)]),
            ("GET", &[("accept-encoding", "br")]),
            ("GET", &[("accept-encoding", "gzip"), ("want-repr-digest", "sha-256=1")]),
        ];
        for (method, headers) in requests {
            let (a, b) = (one.request(method, &address, headers), other.request(method, &address, headers));
            assert_eq!(a.stable_headers(), b.stable_headers(), "{method} {address} {headers:?}");
            assert!(a.body == b.body, "{method} {address} {headers:?}: other bytes");
        }
    }
}

/// Reads an answer in pieces, each from the other server than the one before.
fn read_by_turns(servers: [&Server; 2], address: &str) -> Vec<u8> {
    const STEP: usize = 50_000;
    let head = servers[0].request("HEAD", address, &[]);
    let size: usize = head.header("content-length").unwrap().parse().unwrap();
    let etag = head.header("etag").unwrap();
    let mut bytes = Vec::new();
    for (turn, first) in (0..size).step_by(STEP).enumerate() {
        let range = format!("bytes={first}-{}", (first + STEP).min(size) - 1);
        let part = servers[turn % 2].get_with(address, &[("range", &range), ("if-range", etag)]);
        assert_eq!(part.status, 206, "{range} of {address}");
        bytes.extend(part.body);
    }
    bytes
}

#[test]
fn two_servers_answer_the_same_and_what_is_published_beside_one_is_seen_on_both() {
    let Some(shared) = Shared::published() else { return };
    let places = [shared.place(), shared.place()];
    let [one, other] = [shared.serve(&places[0]), shared.serve(&places[1])];
    expect_the_same(&one, &other);
    for address in ["/tags/course/releases/1.zip", "/tags/course/media/01-first/02-long.wav"] {
        assert!(read_by_turns([&one, &other], address) == one.get(address).body, "{address}");
    }
    media::course(&places[0].path("course"));
    for release in 2..5_u8 {
        places[0].write("course/01-first/01-short.wav", media::wav(1, 40 + release));
        shared.publish(&places[0]).expect(0);
        let published = Instant::now();
        for server in [&one, &other] {
            let seen = || server.get("/tags/course/manifest.json").json()["download"]["release"] == release;
            wait_until("the release is seen", seen);
            let listed = || server.get("/tags").text().contains(&format!("\"release\":{release}"));
            wait_until("the catalogue has it", listed);
        }
        println!("release {release} was seen on both servers {:?} after publish had returned", published.elapsed());
    }
    expect_the_same(&one, &other);
}

/// What is known is served on, what is not is refused for a moment, and all of it ends by itself.
fn outage(away: impl Fn(&mut Postgres), back: impl Fn(&mut Postgres)) {
    let Some(mut shared) = Shared::published() else { return };
    let place = shared.place();
    let server = shared.serve(&place);
    let known = addresses(&server);
    let known: Vec<&String> =
        known.iter().filter(|address| !address.contains("none") && !address.contains("99")).collect();
    let encodings = [("accept-encoding", "br")];
    let before: Vec<_> = known.iter().map(|address| server.get_with(address, &encodings)).collect();
    assert_eq!(server.get("/readyz").status, 200);
    away(&mut shared.database);
    wait_until("it says that it is degraded", || server.get("/readyz").text().starts_with("degraded: the database"));
    assert_eq!(server.get("/readyz").status, 503);
    let asked = server.get("/readyz?degraded=ok");
    assert!(asked.status == 200 && asked.text().starts_with("degraded: "), "{asked:?}");
    assert_eq!(server.get("/healthz").status, 200);
    // More than once, and longer than pointers stay fresh.
    for _ in 0..3 {
        for (address, expected) in known.iter().zip(&before) {
            let answer = server.get_with(address, &encodings);
            assert_eq!(answer.stable_headers(), expected.stable_headers(), "{address}");
            assert!(answer.body == expected.body, "{address}: other bytes");
        }
    }
    let unknown = server.get("/tags/unknown/manifest.json");
    assert_eq!((unknown.status, unknown.header("content-type")), (503, Some("application/problem+json")));
    assert!(unknown.header("retry-after").is_some());
    assert!(unknown.json()["type"].as_str().unwrap().contains("database-unavailable"), "{unknown:?}");
    back(&mut shared.database);
    wait_until("it is ready again", || server.get("/readyz").status == 200);
    assert_eq!(server.get("/tags/unknown/manifest.json").status, 404);
    media::course(&place.path("course"));
    place.write("course/01-first/01-short.wav", media::wav(1, 99));
    shared.publish(&place).expect(0);
    wait_until("what is published is seen again", || {
        server.get("/tags/course/manifest.json").json()["download"]["release"] == 2
    });
}

#[test]
fn while_postgresql_is_killed_what_is_known_is_served_and_it_recovers_by_itself() {
    outage(Postgres::kill, |database| block_on(database.launch()));
}

#[test]
fn while_postgresql_is_silent_what_is_known_is_served_and_it_recovers_by_itself() {
    outage(|database| database.freeze(), |database| database.thaw());
}
