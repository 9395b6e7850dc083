//! What attackers send, byte by byte: each gets its status and headers, costs no more bytes from storage than it may, and the next
//! good request is served, on the same connection where that is kept, and on a new one.

mod addresses;
mod framing;
mod poisoning;
mod ranges;
mod slow;
mod validators;

use crate::support::http::{Answer, Connection};
use crate::support::{Place, Server, wait_until};

/// An asset of a thousand digits.
const DIGITS: &str = "/tags/course/media/02-second/1000-digits.txt";
/// What honest clients ask for meanwhile, and how many bytes it has.
const HONEST: &str = "/tags/course/media/02-second/10-digits.txt";
const HONEST_BYTES: u64 = 10;

/// A server with the sample course, under attack.
struct Target {
    server: Server,
    _place: Place,
}

impl Target {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(arguments: &[&str]) -> Self {
        let place = Place::published();
        let server = place.serve_with(arguments);
        Self { server, _place: place }
    }

    /// Sends `raw` on a connection of its own, which must be answered, then lets honest clients ask; `storage_bytes` is exactly
    /// what the attack may have read.
    #[track_caller]
    fn attack(&self, raw: &[u8], storage_bytes: u64) -> Answer {
        let before = self.storage_bytes();
        let mut connection = Connection::open(self.server.address).unwrap();
        connection.send(raw).unwrap();
        let method = if raw.starts_with(b"HEAD ") { "HEAD" } else { "GET" };
        let shown = String::from_utf8_lossy(&raw[..raw.len().min(200)]).into_owned();
        let answer = connection.read_answer(method).unwrap_or_else(|error| panic!("{error}: {shown:?}"));
        let mut read = before + storage_bytes;
        wait_until(&format!("{read} bytes were read after {shown:?}"), || self.storage_bytes() == read);
        if answer.header("connection") == Some("close") {
            wait_until("the connection is closed", || connection.is_closed());
        } else {
            connection.send_request("GET", HONEST, &[]).unwrap();
            let next = connection.read_answer("GET").unwrap();
            assert_eq!((next.status, next.text().as_str()), (200, "0123456789"), "after {shown:?}");
            read += HONEST_BYTES;
        }
        self.still_serves();
        read += HONEST_BYTES;
        wait_until("honest requests read what they need", || self.storage_bytes() == read);
        answer
    }

    /// The same as a request with `headers`, sent twice: the second time with a header about trailers, which means nothing here but
    /// that the HTTP layer decides with all its care. Both answers are the same.
    #[track_caller]
    fn attack_with(&self, method: &str, path: &str, headers: &[(&str, &str)], storage_bytes: u64) -> Answer {
        let answer = self.attack(request(method, path, headers).as_bytes(), storage_bytes);
        let careful: Vec<(&str, &str)> = headers.iter().copied().chain([("trailer", "none")]).collect();
        let again = self.attack(request(method, path, &careful).as_bytes(), storage_bytes);
        assert_eq!(again.stable_headers(), answer.stable_headers(), "{method} {path} {headers:?}");
        assert!(again.body == answer.body, "{method} {path} {headers:?}: another body");
        answer
    }

    /// Sends `raw`, which may go without an answer, and reads until the server closes.
    #[track_caller]
    fn attack_until_closed(&self, raw: &[u8]) -> Vec<u16> {
        let mut connection = Connection::open(self.server.address).unwrap();
        // The server may close before it has everything.
        let sent = connection.send(raw);
        let mut statuses = Vec::new();
        while let Ok(answer) = connection.read_answer("GET") {
            statuses.push(answer.status);
        }
        assert!(sent.is_err() || connection.is_closed(), "{statuses:?}, and then more bytes");
        self.still_serves();
        statuses
    }

    #[track_caller]
    fn still_serves(&self) {
        let answer = self.server.get(HONEST);
        assert_eq!((answer.status, answer.text().as_str()), (200, "0123456789"));
    }

    /// All bytes read from the store so far.
    fn storage_bytes(&self) -> u64 {
        self.sum_of("stowaway_store_read_bytes_total")
    }

    /// The sum of a metric over its labels.
    fn sum_of(&self, name: &str) -> u64 {
        let metrics = self.server.get("/metrics").text();
        let values =
            metrics.lines().filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])));
        values.map(|line| line.rsplit(' ').next().and_then(|value| value.parse::<u64>().ok()).expect("a number")).sum()
    }

    /// The address of a blob of the course, by the path of its asset.
    fn blob(&self, path: &str) -> String {
        let manifest = self.server.get("/tags/course/manifest.json").json();
        let lists = ["readingOrder", "resources"]
            .into_iter()
            .flat_map(|list| manifest[list].as_array().cloned().unwrap_or_default());
        let mut queue: Vec<serde_json::Value> = lists.collect();
        while let Some(link) = queue.pop() {
            if link["properties"]["path"] == path {
                return link["href"].as_str().unwrap().to_owned();
            }
            queue.extend(link["children"].as_array().cloned().unwrap_or_default());
        }
        panic!("no {path} in {manifest}")
    }
}

/// A request as bytes.
fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\nhost: stowaway.example\r\n{lines}\r\n")
}

/// A problem document that no cache keeps.
#[track_caller]
fn assert_problem(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{what}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
}
