//! Bodies that the connection sends from files: right beside other answers, and broken off, never padded, when a file is damaged.

use crate::support::http::Connection;
use crate::support::{Place, Server, media, wait_until};

const DIGITS: &str = "/tags/course/media/02-second/1000-digits.txt";

/// Cuts the stored file of `len` bytes to `kept`.
fn cut(place: &Place, len: u64, kept: u64) {
    let mut folders = vec![place.path("stowaway-data/store/blobs")];
    let mut cut = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.metadata().unwrap().len() == len {
                std::fs::OpenOptions::new().write(true).open(entry).unwrap().set_len(kept).unwrap();
                cut += 1;
            }
        }
    }
    assert_eq!(cut, 1, "one file has {len} bytes");
}

fn assert_counted(server: &Server, line: &str) {
    wait_until(line, || server.get("/metrics").text().contains(line));
}

#[test]
fn a_file_that_was_cut_off_is_a_problem_and_not_a_broken_answer() {
    let place = Place::published();
    cut(&place, 1000, 500);
    let server = place.serve();
    // Also for bytes that are still there: nobody knows what they are.
    for range in ["bytes=0-99", "bytes=600-699", "bytes=0-9,990-999"] {
        let answer = server.get_with(DIGITS, &[("range", range)]);
        assert_eq!(answer.status, 500, "{range}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    let of = &server.said("a read failed")["span"];
    assert_eq!((&of["method"], &of["path"]), (&"GET".into(), &DIGITS.into()), "and to whom it was said: {of}");
    assert_counted(&server, r#"stowaway_store_operations_total{operation="read",outcome="error"} 3"#);
}

#[test]
fn a_file_that_is_cut_while_it_is_open_breaks_the_answer_off_and_is_logged() {
    let place = Place::published();
    let server = place.serve();
    assert_eq!(server.get(DIGITS).body, media::digits(1000));
    cut(&place, 1000, 500);
    let mut connection = Connection::open(server.address).unwrap();
    connection.send_request("GET", DIGITS, &[("x-request-id", "cut")]).unwrap();
    assert_eq!(connection.read_head().unwrap().status, 200);
    assert_eq!(connection.read_exactly(500).unwrap(), media::digits(1000)[..500]);
    assert!(connection.is_closed(), "nothing is made up for what is missing");
    let event = server.logged("cut");
    assert_eq!((event["bytes_sent"].as_u64(), event["bytes_planned"].as_u64()), (Some(500), Some(1000)));
    wait_until("the log says why", || server.stderr().contains("an answer broke off"));
    assert_eq!(server.get(DIGITS).status, 500, "from now on it is known before the head");
}

#[test]
fn answers_from_files_and_from_memory_follow_one_another_on_a_connection() {
    let place = Place::published();
    let server = place.serve();
    let mut connection = Connection::open(server.address).unwrap();
    // All at once, so that each is decoded while the one before is being answered.
    for (method, path, range) in [
        ("HEAD", DIGITS, ""),
        ("GET", DIGITS, "bytes=10-19"),
        ("GET", "/tags/course/manifest.json", ""),
        ("GET", DIGITS, "bytes=0-1,998-999"),
        ("HEAD", DIGITS, ""),
        ("GET", DIGITS, ""),
    ] {
        let headers = if range.is_empty() { vec![] } else { vec![("range", range)] };
        connection.send_request(method, path, &headers).unwrap();
    }
    let head = connection.read_answer("HEAD").unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, Some("1000")));
    assert_eq!(connection.read_answer("GET").unwrap().body, media::digits(1000)[10..20]);
    assert_eq!(connection.read_answer("GET").unwrap().status, 200);
    let parts = connection.read_answer("GET").unwrap();
    assert!(parts.header("content-type").is_some_and(|kind| kind.starts_with("multipart/byteranges")));
    assert_eq!(connection.read_answer("HEAD").unwrap().header("content-length"), Some("1000"));
    assert_eq!(connection.read_answer("GET").unwrap().body, media::digits(1000));
    // Ten, two times two and a thousand: what stands between parts is not read from the store.
    assert_counted(&server, r#"stowaway_store_read_bytes_total{kind="blob"} 1014"#);
}
