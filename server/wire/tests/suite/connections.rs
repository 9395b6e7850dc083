//! Many answers on one connection: keep-alive, pipelining, mixing, closing, and the end of the server.

use rstest::rstest;

use crate::{
    client::{Client, eventually},
    origin::{Kind, Origin, bytes_of, file_of},
};

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn connection_is_kept_for_files_and_ordinary_answers(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(100_000));
    let mut client = Client::connect(origin.address);
    for round in 0..20 {
        assert!(client.get(&format!("/file/{round}/90000")).1 == bytes_of(round, 90_000));
        assert_eq!(client.text("/plain"), "plain");
        client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
        let head = client.head();
        assert_eq!(client.body(head.content_length()), b"hello");
    }
}

#[test]
fn what_the_hook_remembers_is_there_for_every_request() {
    let origin = Origin::start(file_of(10));
    let mut client = Client::connect(origin.address);
    for _ in 0..2 {
        assert_eq!(client.text("/peer"), client.address().to_string());
    }
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn pipelined_requests_are_answered_in_order(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(200_000));
    let mut client = Client::connect(origin.address);
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
    let requests: String = (0..40).map(|n| get(&format!("/file/{n}/{}", 1 + n * 997)) + &get("/plain")).collect();
    client.send(&requests);
    for n in 0..40 {
        let len = client.head().content_length();
        assert_eq!(len, 1 + n * 997);
        assert!(client.body(len) == bytes_of(n, len), "answer {n}");
        let len = client.head().content_length();
        assert_eq!(client.body(len), b"plain");
    }
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn connection_close_ends_after_the_whole_body(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(3_000_000));
    let mut client = Client::connect(origin.address);
    client.send("GET /file/0/3000000 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    let head = client.head();
    assert_eq!(head.header("connection"), Some("close"));
    assert!(client.rest() == bytes_of(0, 3_000_000));
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn http_1_0_gets_a_length_and_a_close(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(100_000));
    let mut client = Client::connect(origin.address);
    client.send("GET /file/5/99000 HTTP/1.0\r\n\r\n");
    let head = client.head();
    assert_eq!(head.content_length(), 99_000);
    assert_eq!(head.header("transfer-encoding"), None);
    assert!(client.rest() == bytes_of(5, 99_000));
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn http_1_0_keep_alive_is_honoured(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(1000));
    let mut client = Client::connect(origin.address);
    for _ in 0..2 {
        client.send("GET /file/0/1000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assert_eq!(client.head().header("connection"), Some("keep-alive"));
        assert!(client.body(1000) == bytes_of(0, 1000));
    }
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn client_that_stops_sending_still_gets_the_whole_body(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(3_000_000));
    let mut client = Client::connect(origin.address);
    client.send("GET /file/0/3000000 HTTP/1.1\r\nHost: test\r\n\r\n");
    client.finish_sending();
    assert_eq!(client.head().content_length(), 3_000_000);
    assert!(client.rest() == bytes_of(0, 3_000_000));
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn draining_finishes_the_body_that_has_begun_and_refuses_new_connections(#[case] kind: Kind) {
    let len = 8_000_000;
    let origin = Origin::start_as(kind, file_of(len));
    let mut client = Client::connect_narrow(origin.address);
    let mut idle = Client::connect(origin.address);
    assert_eq!(idle.text("/plain"), "plain");
    client.send(&format!("GET /file/0/{len} HTTP/1.1\r\nHost: test\r\n\r\n"));
    assert_eq!(client.head().content_length(), len);
    drop(origin.handle.stop(true));
    assert!(idle.rest().is_empty(), "an idle connection is closed");
    eventually("new connections are refused", || std::net::TcpStream::connect(origin.address).is_err());
    assert!(client.body(len) == bytes_of(0, len));
    assert!(client.rest().is_empty(), "and then the connection ends");
    assert_eq!(origin.next_sent(), len);
}
