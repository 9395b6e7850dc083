//! What goes wrong under way: nothing is padded, nothing leaks, and nobody else notices.

use rstest::rstest;

use crate::{
    client::{Client, eventually},
    origin::{Kind, Origin, bytes_of, file_of},
};

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn client_that_leaves_in_mid_body_releases_file_and_task(#[case] kind: Kind) {
    let len = 64 * 1024 * 1024;
    let file = file_of(1);
    file.set_len(len).unwrap();
    let origin = Origin::start_as(kind, file);
    let mut client = Client::connect_narrow(origin.address);
    client.send(&format!("GET /file/0/{len} HTTP/1.1\r\nHost: test\r\n\r\n"));
    client.head();
    assert_eq!(origin.holders(), 1, "the body holds the file while it is being sent");
    drop(client);
    let sent = origin.next_sent();
    assert!(sent < len, "{sent} bytes cannot all have left");
    eventually("the file is released", || origin.holders() == 0);
    assert_eq!(Client::connect(origin.address).text("/plain"), "plain");
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn file_cut_underneath_ends_the_connection_after_its_last_byte(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(100_000));
    let mut client = Client::connect(origin.address);
    client.send("GET /file/90000/20000 HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.head().content_length(), 20_000);
    assert!(client.rest() == bytes_of(90_000, 10_000), "no padding, and the bytes that exist are right");
    assert_eq!(origin.next_sent(), 10_000);
    assert_eq!(origin.holders(), 0);
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn file_cut_while_the_client_is_slow_ends_the_connection(#[case] kind: Kind) {
    let len = 16 * 1024 * 1024;
    let origin = Origin::start_as(kind, file_of(len));
    let mut client = Client::connect_narrow(origin.address);
    client.send(&format!("GET /file/0/{len} HTTP/1.1\r\nHost: test\r\n\r\n"));
    client.head();
    origin.file.set_len(len / 2).unwrap();
    let got = client.rest();
    assert!((got.len() as u64) < len);
    assert_eq!(origin.next_sent(), got.len() as u64);
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn file_that_begins_after_its_end_sends_a_head_and_nothing_else(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(10));
    let mut client = Client::connect(origin.address);
    client.send("GET /file/10/5 HTTP/1.1\r\nHost: test\r\n\r\nGET /plain HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.head().content_length(), 5);
    assert!(client.rest().is_empty(), "the next answer must not be taken for the body");
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn segments_that_do_not_add_up_abort_the_connection(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(10));
    let mut client = Client::connect(origin.address);
    client.send("GET /short-segments HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.head().content_length(), 100);
    assert_eq!(client.rest(), b"far too little");

    let mut client = Client::connect(origin.address);
    client.send("GET /long-segments HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.head().content_length(), 4);
    assert_eq!(client.rest(), b"fits");
}

#[test]
fn hundreds_of_clients_that_leave_leave_nothing_behind() {
    let len = 8 * 1024 * 1024;
    let file = file_of(1);
    file.set_len(len).unwrap();
    let origin = Origin::start(file);
    let before = open_descriptors();
    for _ in 0..200 {
        let mut client = Client::connect(origin.address);
        client.send(&format!("GET /file/0/{len} HTTP/1.1\r\nHost: test\r\n\r\n"));
        client.head();
    }
    eventually("every body is dropped", || origin.holders() == 0);
    eventually("every descriptor is closed", || open_descriptors() <= before + 60);
}

/// Other tests of this process open some too, but never by the hundred.
fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
