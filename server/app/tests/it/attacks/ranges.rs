//! `Range` headers that are meant to cost more than they ask for.

use super::{DIGITS, Target, assert_problem};
use crate::support::http::Connection;
use crate::support::wait_until;

#[test]
fn a_thousand_ranges_cost_one_whole_answer() {
    let target = Target::new();
    for list in [format!("bytes={}0-", "0-,".repeat(1000)), format!("bytes={}0-0", "0-0,".repeat(299)), apache_killer()]
    {
        for name in ["range", "Range", "Request-Range"] {
            let answer = target.attack_with("GET", DIGITS, &[(name, &list)], 1000);
            assert_eq!((answer.status, answer.body.len()), (200, 1000), "{name}");
            assert_eq!(answer.header("content-range"), None);
        }
    }
}

/// As the tool of 2011 sent it.
fn apache_killer() -> String {
    let ranges: Vec<String> = (0..1300).map(|last| format!("5-{last}")).collect();
    format!("bytes=0-,{}", ranges.join(","))
}

#[test]
fn request_range_is_no_range() {
    let target = Target::new();
    let both = [("request-range", "bytes=0-,0-,0-"), ("range", "bytes=990-")];
    let answer = target.attack_with("GET", DIGITS, &both, 10);
    assert_eq!((answer.status, answer.header("content-range")), (206, Some("bytes 990-999/1000")));
}

#[test]
fn what_is_no_range_is_ignored_and_what_does_not_exist_is_refused_unread() {
    let target = Target::new();
    for ignored in [
        "bytes=",
        "bytes=,,,",
        "bytes=5-1",
        "bytes=a-b",
        "bytes=0-1-2",
        "bytes=--1",
        "bytes 0-1",
        "items=0-1",
        "bytes=0-1;q=1",
        "bytes=0x0-0x1",
    ] {
        let answer = target.attack_with("GET", DIGITS, &[("range", ignored)], 1000);
        assert_eq!((answer.status, answer.header("content-length")), (200, Some("1000")), "{ignored}");
    }
    let huge = format!("bytes={}-", "9".repeat(5000));
    for outside in ["bytes=-0", "bytes=1000-", "bytes=18446744073709551616-", "bytes=1000-1000,2000-,-0", huge.as_str()]
    {
        let answer = target.attack_with("GET", DIGITS, &[("range", outside)], 0);
        assert_problem(&answer, 416, outside);
        assert_eq!(answer.header("content-range"), Some("bytes */1000"), "{outside}");
    }
}

#[test]
fn what_is_read_is_what_was_asked_for() {
    let target = Target::new();
    let sixteen: Vec<String> = (0..16).map(|index| format!("{0}-{0}", index * 20)).collect();
    let sixteen = format!("bytes={}", sixteen.join(","));
    for (range, bytes) in [
        ("bytes=0-0", 1),
        ("bytes=0-18446744073709551616", 1000),
        ("bytes=-18446744073709551616", 1000),
        ("bytes=900-909,0-9", 20),
        ("bytes=10-19,0-9", 20),
        ("bytes=0-9,5-14,0-9,0-9", 15),
        ("bytes=999-999,5000-", 1),
        (sixteen.as_str(), 16),
    ] {
        let answer = target.attack_with("GET", DIGITS, &[("range", range)], bytes);
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()), "{range}");
    }
    for more_than_there_is in ["bytes=0-,0-", "bytes=0-999,1-998", "bytes=0-499,500-999"] {
        let answer = target.attack_with("GET", DIGITS, &[("range", more_than_there_is)], 1000);
        assert_eq!((answer.status, answer.body.len()), (200, 1000), "{more_than_there_is}");
    }
}

#[test]
fn ranges_mean_nothing_to_other_methods() {
    let target = Target::new();
    let answer = target.attack_with("HEAD", DIGITS, &[("range", "bytes=0-0")], 0);
    assert_eq!(
        (answer.status, answer.header("content-length"), answer.header("content-range")),
        (200, Some("1000"), None)
    );
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"] {
        let answer = target.attack_with(method, DIGITS, &[("range", "bytes=0-0")], 0);
        assert_problem(&answer, 405, method);
        assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"), "{method}");
    }
}

/// `RangeAmp`: one byte of a large asset, past every cache, from many at once.
#[test]
fn one_byte_of_a_large_asset_costs_one_byte_however_it_is_asked() {
    let target = Target::new();
    let path = "/tags/course/media/01-first/02-long.wav";
    let before = target.storage_bytes();
    let mut connections: Vec<Connection> = (0..100).map(|_| Connection::open(target.server.address).unwrap()).collect();
    for (index, connection) in connections.iter_mut().enumerate() {
        connection.send_request("GET", &format!("{path}?x={index}"), &[("range", "bytes=0-0")]).unwrap();
    }
    for connection in &mut connections {
        let answer = connection.read_answer("GET").unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (206, &b"R"[..]));
    }
    wait_until("a hundred bytes were read", || target.storage_bytes() == before + 100);
    target.still_serves();

    // Where the bytes never change, a query would only be a way past the edge.
    let blob = target.blob("01-first/02-long.wav");
    for query in ["?x=1", "?", "?=", "?%78=1", "?x=1&x=2&range=0-0"] {
        let answer =
            target.attack_with("GET", &format!("{blob}{query}"), &[("range", "bytes=0-0")], u64::from(query == "?"));
        if query == "?" {
            assert_eq!(answer.status, 206, "an empty query says nothing");
        } else {
            assert_problem(&answer, 400, query);
        }
    }
}
