//! The same answers where the connection cannot send files: actix-web's own server, as with TLS and HTTP/2.

use crate::{
    client::Client,
    origin::{Kind, Origin, bytes_of, file_of},
};

#[test]
fn stock_server_answers_the_same() {
    let origin = Origin::start_as(Kind::Stock, file_of(300_000));
    let mut client = Client::connect(origin.address);
    let (head, body) = client.get("/file/1000/200000");
    assert_eq!((head.status, head.content_length()), (200, 200_000));
    assert_eq!(head.header("transfer-encoding"), None);
    assert!(body == bytes_of(1000, 200_000));
    assert_eq!(origin.next_sent(), 200_000);
    assert_eq!(client.get("/mixed/100").1.len(), 1200);
    assert_eq!(origin.next_sent(), 1200);
    assert_eq!(client.get("/empty").0.content_length(), 0);
}

#[test]
fn stock_server_answers_head_without_a_body() {
    let origin = Origin::start_as(Kind::Stock, file_of(5000));
    let mut client = Client::connect(origin.address);
    client.send("HEAD /file/0/5000 HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.head().content_length(), 5000);
    assert!(client.get("/file/0/5000").1 == bytes_of(0, 5000));
}

#[test]
fn stock_server_never_pads_a_file_that_was_cut() {
    let origin = Origin::start_as(Kind::Stock, file_of(100_000));
    let mut client = Client::connect(origin.address);
    client.send("GET /file/0/200000 HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.head().content_length(), 200_000);
    let got = client.rest();
    assert!(got.len() <= 100_000);
    assert!(got == bytes_of(0, got.len() as u64));
}

#[test]
fn stock_server_aborts_when_segments_do_not_add_up() {
    let origin = Origin::start_as(Kind::Stock, file_of(10));
    for (path, len, most) in [("/short-segments", 100, &b"far too little"[..]), ("/long-segments", 4, b"fits")] {
        let mut client = Client::connect(origin.address);
        client.send(&format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
        // The dispatcher may give up before it has sent even the head.
        assert!(client.try_head().is_none_or(|head| head.content_length() == len), "{path}");
        assert!(most.starts_with(&client.rest()), "{path}");
    }
}
