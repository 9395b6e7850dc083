//! Requests that two programs in a row would cut at different places. Whoever sends one gets at most one answer and loses the
//! connection; what was hidden in it is never taken for a request.

use super::{DIGITS, Target, assert_problem};
use crate::support::http::Connection;

/// Where a hidden request would show up in the log.
const SMUGGLED: &str = "/smuggled";

fn smuggled() -> String {
    format!("GET {SMUGGLED} HTTP/1.1\r\nhost: x\r\n\r\n")
}

#[track_caller]
fn assert_nothing_smuggled(target: &Target) {
    // The log is written in order of a connection's requests, so once this is there, everything before it would be.
    target.server.get_with(DIGITS, &[("x-request-id", "after-the-attack")]);
    target.server.logged("after-the-attack");
    let log = target.server.access_log();
    assert!(log.iter().all(|event| event["path"] != SMUGGLED), "{log:?}");
}

#[test]
fn bodies_of_two_lengths_are_refused() {
    let target = Target::new();
    for (name, headers) in [
        ("both lengths", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
        ("both lengths, other order", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
        ("two lengths", "Content-Length: 0\r\nContent-Length: 44\r\n"),
        ("one length twice", "Content-Length: 3\r\nContent-Length: 3\r\n"),
        ("a list of lengths", "Content-Length: 0, 44\r\n"),
        ("a negative length", "Content-Length: -1\r\n"),
        ("a signed length", "Content-Length: +3\r\n"),
        ("a length in hex", "Content-Length: 0x3\r\n"),
        ("an endless length", "Content-Length: 18446744073709551616\r\n"),
        ("an unknown coding", "Transfer-Encoding: xchunked\r\n"),
        ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
        ("a space before the colon", "Transfer-Encoding : chunked\r\n"),
        ("a control character in the coding", "Transfer-Encoding: \x0bchunked\r\n"),
        ("a folded coding", "Transfer-Encoding:\r\n chunked\r\n"),
    ] {
        for method in ["GET", "POST"] {
            let raw = format!("{method} {DIGITS} HTTP/1.1\r\nhost: x\r\n{headers}\r\n0\r\n\r\n{}", smuggled());
            let statuses = target.attack_until_closed(raw.as_bytes());
            assert_eq!(statuses, [400], "{name}, {method}");
        }
    }
    assert_nothing_smuggled(&target);
}

/// A body is never read as the next request: the connection ends with the answer.
#[test]
fn a_body_that_looks_like_a_request_is_none() {
    let target = Target::new();
    let hidden = smuggled();
    for (method, status) in [("GET", 200), ("POST", 405), ("PUT", 405)] {
        let raw =
            format!("{method} {DIGITS} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{hidden}", hidden.len() + 10);
        assert_eq!(target.attack_until_closed(raw.as_bytes()), [status], "{method}");
        let length = hidden.len();
        let chunked = format!(
            "{method} {DIGITS} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{hidden}\r\n0\r\n\r\n"
        );
        assert_eq!(target.attack_until_closed(chunked.as_bytes()), [status], "{method}, chunked");
    }
    assert_nothing_smuggled(&target);
}

/// Nobody reads it, and nobody waits for its end.
#[test]
fn a_body_that_never_ends_does_not_hold_its_connection() {
    let target = Target::new();
    for (method, status) in [("GET", 200), ("HEAD", 200), ("POST", 405)] {
        for body in ["content-length: 65535\r\n\r\nbeginning", "transfer-encoding: chunked\r\n\r\nffff\r\nbeginning"] {
            let raw = format!("{method} {DIGITS} HTTP/1.1\r\nhost: x\r\n{body}");
            let mut connection = Connection::open(target.server.address).unwrap();
            connection.send(raw.as_bytes()).unwrap();
            let answer = connection.read_answer(method).unwrap();
            assert_eq!(answer.status, status, "{method}, {body}");
            assert!(connection.is_closed(), "{method}, {body}");
        }
    }
    target.still_serves();
}

#[test]
fn heads_that_are_read_in_two_ways_are_refused() {
    let target = Target::new();
    for (name, raw) in [
        ("a folded line", format!("GET {DIGITS} HTTP/1.1\r\nhost: x\r\nx: a\r\n b\r\n\r\n")),
        ("a first line that is folded", format!("GET {DIGITS} HTTP/1.1\r\n host: x\r\n\r\n")),
        ("two hosts", format!("GET {DIGITS} HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n")),
        ("no host", format!("GET {DIGITS} HTTP/1.1\r\n\r\n")),
        ("a line without a colon", format!("GET {DIGITS} HTTP/1.1\r\nhost: x\r\nnothing\r\n\r\n")),
        ("a header without a name", format!("GET {DIGITS} HTTP/1.1\r\nhost: x\r\n: v\r\n\r\n")),
        ("a space in a name", format!("GET {DIGITS} HTTP/1.1\r\nhost: x\r\na b: v\r\n\r\n")),
        ("tabs for spaces", format!("GET\t{DIGITS} HTTP/1.1\r\nhost: x\r\n\r\n")),
        ("a space in the path", "GET /tags/a b HTTP/1.1\r\nhost: x\r\n\r\n".to_owned()),
        ("no version", format!("GET {DIGITS}\r\n\r\n")),
        ("a version to come", format!("GET {DIGITS} HTTP/1.2\r\nhost: x\r\n\r\n")),
        ("another version", format!("GET {DIGITS} HTTP/2.0\r\nhost: x\r\n\r\n")),
        ("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        (
            "a chunked body in HTTP/1.0",
            format!("GET {DIGITS} HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        ("TLS", "\x16\x03\x01\x02\r\n\r\n".to_owned()),
        ("zeros", "\0\0\0\0\r\n\r\n".to_owned()),
    ] {
        assert_eq!(target.attack_until_closed(raw.as_bytes()), [400], "{name}");
    }
    assert_nothing_smuggled(&target);
}

#[test]
fn heads_that_are_too_large_are_refused() {
    let target = Target::new();
    let large = format!("GET {DIGITS} HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "a".repeat(16 * 1024));
    assert_eq!(target.attack(large.as_bytes(), 1000).status, 200, "16 KiB are much, and no attack");
    let long_path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(16 * 1024));
    assert_eq!(target.attack(long_path.as_bytes(), 0).status, 404);
    let too_large = format!("GET {DIGITS} HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "a".repeat(300 * 1024));
    let too_many = format!("GET {DIGITS} HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: 1\r\n".repeat(500));
    let endless = format!("GET {DIGITS} HTTP/1.1\r\nhost: x\r\nx: {}", "a".repeat(4 << 20));
    for raw in [too_large, too_many, endless] {
        let statuses = target.attack_until_closed(raw.as_bytes());
        assert!(statuses.len() <= 1 && statuses.iter().all(|status| [400, 431].contains(status)), "{statuses:?}");
    }
}

/// RFC 9112 §3.2: an absolute address is a proxy's way to say it, and means this server all the same.
#[test]
fn an_absolute_address_is_answered_as_its_path() {
    let target = Target::new();
    let absolute =
        target.attack(format!("GET http://evil.example{DIGITS} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes(), 1000);
    assert_eq!((absolute.status, absolute.body.len()), (200, 1000));
    for odd in ["evil.example:80", "*", "http://", "http://evil.example/nothing"] {
        let raw = format!("GET {odd} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let statuses = target.attack_until_closed(raw.as_bytes());
        assert!(matches!(*statuses, [400 | 404]), "{odd}: {statuses:?}");
    }
}

/// Nobody is tunnelled through, echoed to, or moved to another protocol.
#[test]
fn methods_and_upgrades_that_others_obey_are_not() {
    let target = Target::new();
    for method in ["CONNECT", "TRACE", "DEBUG", "get", "G", "SEARCH"] {
        let raw = format!("{method} {DIGITS} HTTP/1.1\r\nhost: x\r\ncookie: secret=1\r\nconnection: close\r\n\r\n");
        let mut connection = Connection::open(target.server.address).unwrap();
        connection.send(raw.as_bytes()).unwrap();
        let answer = connection.read_answer("GET").unwrap();
        assert!([400, 404, 405].contains(&answer.status), "{method}: {}", answer.status);
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret"), "{method} echoes");
    }
    for upgrade in ["h2c", "websocket", "TLS/1.0"] {
        let raw = format!(
            "GET {DIGITS} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: {upgrade}\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n"
        );
        let mut connection = Connection::open(target.server.address).unwrap();
        connection.send(raw.as_bytes()).unwrap();
        let answer = connection.read_answer("GET").unwrap();
        assert_eq!((answer.status, answer.body.len()), (200, 1000), "{upgrade}");
        assert_eq!(answer.header("connection"), Some("close"), "{upgrade}");
    }
    target.still_serves();
}

#[test]
fn garbage_behind_a_good_request_does_not_spoil_its_answer() {
    let target = Target::new();
    for garbage in ["\0\x01garbage\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
        let good = format!("GET {DIGITS} HTTP/1.1\r\nhost: x\r\nrange: bytes=0-1\r\n\r\n");
        assert_eq!(
            target.attack_until_closed(format!("{good}{good}{garbage}").as_bytes()),
            [206, 206, 400],
            "{garbage:?}"
        );
    }
}

/// A list that says `close` somewhere is the end of the connection, whoever answers; behind a read nothing is a request any more.
#[test]
fn a_connection_ends_wherever_in_its_options_close_is() {
    let target = Target::new();
    for options in ["close", "keep-alive, close", "close,te", "te\r\nconnection: Close", "x, , CLOSE"] {
        for (method, status, behind) in [("GET", 200, smuggled()), ("POST", 405, String::new())] {
            let raw = format!("{method} {DIGITS} HTTP/1.1\r\nhost: x\r\nconnection: {options}\r\n\r\n{behind}");
            assert_eq!(target.attack_until_closed(raw.as_bytes()), [status], "{method}, {options:?}");
        }
    }
    assert_nothing_smuggled(&target);
}

#[test]
fn what_is_no_request_gets_a_problem_that_nobody_keeps() {
    let target = Target::new();
    for garbage in [
        "\0\x01garbage\r\n\r\n",
        "GET\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    ] {
        let mut connection = Connection::open(target.server.address).unwrap();
        connection.send(garbage.as_bytes()).unwrap();
        let answer = connection.read_answer("GET").unwrap();
        assert_problem(&answer, 400, garbage);
        assert_eq!(answer.header("connection"), Some("close"), "{garbage:?}");
        assert!(connection.is_closed(), "{garbage:?}");
    }
    target.still_serves();
}
