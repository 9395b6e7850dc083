//! What only the lane does: its costs, what it leaves to actix-web, and its limits.

use std::time::Duration;

use crate::{
    client::{Client, eventually},
    origin::{Kind, Origin, bytes_of, file_of},
};

fn origin(len: u64) -> Origin {
    Origin::start_as(Kind::Lane, file_of(len))
}

fn counters_after(paths: &[&str]) -> String {
    let origin = origin(4_000_000);
    let mut client = Client::connect(origin.address);
    for path in paths {
        assert_eq!(client.get(path).0.header("x-lane"), Some("yes"), "{path}");
    }
    client.text("/counters")
}

#[test]
fn bytes_at_hand_leave_with_their_head_in_one_send() {
    assert_eq!(
        counters_after(&["/text", "/text", "/text"]),
        "buffer_writes=3 file_sends=0 bytes_sends=0 socket_full=0 yields=0 corks=0 flushes=0"
    );
}

#[test]
fn a_range_costs_one_send_for_its_head_and_one_for_its_file() {
    let paths = vec!["/file/0/60000"; 50];
    assert_eq!(
        counters_after(&paths),
        "buffer_writes=50 file_sends=50 bytes_sends=0 socket_full=0 yields=0 corks=0 flushes=0"
    );
}

#[test]
fn a_long_body_is_corked_and_let_go_at_its_end() {
    let counters = counters_after(&["/file/0/3000000", "/file/0/60000", "/file/0/3000000"]);
    assert!(counters.contains("corks=4"), "{counters}");
}

#[test]
fn what_has_come_of_a_body_does_not_wait_for_what_has_not() {
    let counters = counters_after(&["/halves/1000000"]);
    assert!(counters.contains("corks=4"), "let go before it waits for the second half: {counters}");
}

#[test]
fn segments_that_are_found_on_the_way_arrive_in_order() {
    let origin = origin(40_000);
    let mut client = Client::connect(origin.address);
    for parts in [1, 2, 5000] {
        let expected: Vec<u8> = (0..parts)
            .flat_map(|part: u64| [format!("<{part:06}>").into_bytes(), bytes_of(part * 4, 4)].concat())
            .collect();
        assert!(client.get(&format!("/stream/{parts}")).1 == expected, "{parts}");
        assert_eq!(origin.next_sent(), parts * 12);
    }
}

#[test]
fn an_answer_may_come_later() {
    let origin = origin(100_000);
    let mut client = Client::connect(origin.address);
    client.send(&"GET /later/7/90000 HTTP/1.1\r\nHost: test\r\n\r\n".repeat(3));
    for _ in 0..3 {
        let len = client.head().content_length();
        assert!(client.body(len) == bytes_of(7, 90_000));
    }
}

#[test]
fn a_stream_that_fails_ends_the_connection_after_what_came_before() {
    let origin = origin(10);
    let mut client = Client::connect(origin.address);
    client.send("GET /failing HTTP/1.1\r\nHost: test\r\n\r\nGET /text HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.head().content_length(), 8);
    assert_eq!(client.rest(), b"fine");
    assert_eq!(origin.next_sent(), 4);
}

#[test]
fn the_rest_of_a_connection_is_actix_webs_from_the_first_request_that_is_not_the_lanes() {
    let origin = origin(1000);
    let mut client = Client::connect(origin.address);
    client.send(
        "GET /file/0/1000 HTTP/1.1\r\nHost: test\r\n\r\n\
         POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello\
         GET /file/1/900 HTTP/1.1\r\nHost: test\r\n\r\n",
    );
    assert_eq!(client.head().header("x-lane"), Some("yes"));
    client.body(1000);
    let head = client.head();
    assert_eq!(head.header("x-lane"), None);
    assert_eq!(client.body(head.content_length()), b"hello");
    assert_eq!(client.head().header("x-lane"), None, "it does not come back");
    assert!(client.body(900) == bytes_of(1, 900));
    assert_eq!(client.text("/peer"), client.address().to_string(), "what was remembered has gone along");
}

#[test]
fn heads_meant_to_smuggle_are_actix_webs_to_refuse() {
    let origin = origin(1000);
    let smuggled = "GET /file/0/7 HTTP/1.1\r\nHost: test\r\n\r\n";
    for fields in [
        format!("Host: test\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", smuggled.len()),
        "Host: test\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n".into(),
        "Host: test\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello".into(),
        "Host: test\r\nContent-Length: +5\r\n\r\nhello".into(),
        "Host: test\r\nHost: other\r\n\r\n".into(),
        "Host : test\r\n\r\n".into(),
        "\r\n".into(),
        // A body that is announced rightly is read as one: what is in it is no request.
        format!("Host: test\r\nContent-Length: {}\r\n\r\n", smuggled.len()),
    ] {
        let mut client = Client::connect(origin.address);
        client.send(&format!("GET /file/0/9 HTTP/1.1\r\n{fields}{smuggled}"));
        let answers = String::from_utf8_lossy(&client.rest_within(Duration::from_secs(1))).matches("HTTP/1.1 ").count();
        assert_eq!(answers, 1, "{fields:?} has one answer");
    }
}

#[test]
fn a_head_longer_than_the_lane_reads_is_actix_webs() {
    let origin = origin(1000);
    let mut client = Client::connect(origin.address);
    client.send(&format!("GET /file/0/9 HTTP/1.1\r\nHost: test\r\nX: {}\r\n\r\n", "a".repeat(20_000)));
    let head = client.head();
    assert_eq!((head.status, head.header("x-lane")), (200, None));
    assert!(client.body(9) == bytes_of(0, 9));
}

#[test]
fn a_head_may_come_in_pieces() {
    let origin = origin(1000);
    let mut client = Client::connect(origin.address);
    for _ in 0..2 {
        for piece in ["GET /fi", "le/3/9 HTTP/1.1\r", "\nHost: test\r\n", "\r", "\n"] {
            client.send(piece);
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(client.head().header("x-lane"), Some("yes"));
        assert!(client.body(9) == bytes_of(3, 9));
    }
}

#[test]
fn a_head_that_takes_too_long_is_told_so() {
    let origin = Origin::start_as(Kind::Impatient, file_of(10));
    let mut client = Client::connect(origin.address);
    client.text("/text");
    client.send("GET /fil");
    assert_eq!(client.head().status, 408);
    assert!(client.rest().is_empty());
}

#[test]
fn a_connection_that_stays_idle_is_closed_without_a_word() {
    let origin = Origin::start_as(Kind::Impatient, file_of(10));
    let mut client = Client::connect(origin.address);
    client.text("/text");
    assert!(client.rest().is_empty());
}

#[test]
fn a_reader_slower_than_the_rate_is_disconnected() {
    let len = 64 * 1024 * 1024;
    let file = file_of(1);
    file.set_len(len).unwrap();
    let origin = Origin::start_as(Kind::Impatient, file);
    let mut client = Client::connect_narrow(origin.address);
    client.send(&format!("GET /file/0/{len} HTTP/1.1\r\nHost: test\r\n\r\n"));
    client.head();
    // A little now and then: it never stands still for as long as a stall may last.
    eventually("the server gives up", || client.try_body(1024).is_err());
    assert!(origin.next_sent() < len);
    assert_eq!(origin.holders(), 0);
}
