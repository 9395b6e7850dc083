//! What this crate relies on in actix-http's dispatcher. Should an update of it break one of these, do not relax the
//! test: the connection would hang, interleave or spend more system calls than it saves.

use crate::{
    client::Client,
    origin::{Origin, bytes_of, file_of},
};

/// The counters of a fresh connection after `paths` were asked for one after the other.
fn counters_after(paths: &[&str]) -> String {
    let origin = Origin::start(file_of(4_000_000));
    let mut client = Client::connect(origin.address);
    for path in paths {
        client.get(path);
    }
    client.text("/counters")
}

#[test]
fn small_range_costs_one_write_for_its_head_and_one_send_for_its_file() {
    assert_eq!(
        counters_after(&["/file/0/60000"]),
        "buffer_writes=1 file_sends=1 bytes_sends=0 socket_full=0 yields=0 corks=0 flushes=1"
    );
}

#[test]
fn costs_of_a_range_do_not_grow_along_a_connection() {
    let paths = vec!["/file/0/60000"; 50];
    assert_eq!(
        counters_after(&paths),
        "buffer_writes=50 file_sends=50 bytes_sends=0 socket_full=0 yields=0 corks=0 flushes=50"
    );
}

#[test]
fn ordinary_answer_costs_one_write() {
    assert_eq!(
        counters_after(&["/plain", "/plain", "/plain"]),
        "buffer_writes=3 file_sends=0 bytes_sends=0 socket_full=0 yields=0 corks=0 flushes=0"
    );
}

#[test]
fn each_segment_costs_one_send() {
    assert_eq!(
        counters_after(&["/mixed/5"]),
        "buffer_writes=1 file_sends=5 bytes_sends=5 socket_full=0 yields=0 corks=0 flushes=1"
    );
}

#[test]
fn a_long_body_is_let_go_before_the_next_head() {
    let counters = counters_after(&["/file/0/3000000", "/plain"]);
    assert!(counters.contains("corks=2"), "{counters}");
}

/// The order that matters: poll the body, write the head, flush; on every wake-up until the body has ended.
#[test]
fn dispatcher_writes_the_head_before_it_flushes_and_flushes_until_the_body_ends() {
    let origin = Origin::start(file_of(4_000_000));
    let mut client = Client::connect_narrow(origin.address);
    client.send("GET /file/0/4000000 HTTP/1.1\r\nHost: test\r\n\r\n");
    let head = client.head();
    assert_eq!((head.status, head.content_length()), (200, 4_000_000));
    assert!(client.body(4_000_000) == bytes_of(0, 4_000_000), "a dispatcher that flushes only once would hang here");
    assert_eq!(client.text("/plain"), "plain", "a dispatcher that is not woken at the body's end would hang here");
}

/// More than the dispatcher's write buffer in heads before a file: it flushes in the middle of polling.
#[test]
fn full_write_buffer_before_a_file_keeps_the_order() {
    let origin = Origin::start(file_of(100_000));
    let mut client = Client::connect(origin.address);
    let mut requests = "HEAD /file/0/9 HTTP/1.1\r\nHost: test\r\n\r\n".repeat(500);
    requests.push_str("GET /file/7/90000 HTTP/1.1\r\nHost: test\r\n\r\nGET /plain HTTP/1.1\r\nHost: test\r\n\r\n");
    client.send(&requests);
    for _ in 0..500 {
        assert_eq!(client.head().content_length(), 9);
    }
    let len = client.head().content_length();
    assert!(client.body(len) == bytes_of(7, 90_000));
    let len = client.head().content_length();
    assert_eq!(client.body(len), b"plain");
}
