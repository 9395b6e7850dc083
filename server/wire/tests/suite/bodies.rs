//! What arrives is what was promised: slices, mixtures, nothing at all, and the far end of huge files.

use std::{io::Write as _, os::unix::fs::FileExt as _};

use rstest::rstest;

use crate::{
    client::Client,
    origin::{Kind, Origin, bytes_of, file_of},
};

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn slice_arrives_with_its_headers_and_exact_length(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(300_000));
    let mut client = Client::connect(origin.address);
    let (head, body) = client.get("/file/1000/200000");
    assert_eq!(head.status, 200);
    assert_eq!(head.content_length(), 200_000);
    assert_eq!(head.header("x-test"), Some("yes"));
    assert_eq!(head.header("transfer-encoding"), None);
    assert!(head.header("date").is_some());
    assert!(body == bytes_of(1000, 200_000));
    assert_eq!(origin.next_sent(), 200_000);
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn head_answers_like_get_without_a_body(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(5000));
    let mut client = Client::connect(origin.address);
    client.send("HEAD /file/10/4000 HTTP/1.1\r\nHost: test\r\n\r\n");
    let head = client.head();
    let names = |head: &crate::client::Head| {
        head.headers.iter().map(|(name, _)| name.clone()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(head.content_length(), 4000);
    assert_eq!(origin.next_sent(), 0);
    let (got, body) = client.get("/file/10/4000");
    assert_eq!(names(&got), names(&head));
    assert!(body == bytes_of(10, 4000), "the answer after HEAD begins where it should");
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn empty_bodies_leave_the_connection_usable(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(100));
    let mut client = Client::connect(origin.address);
    for _ in 0..3 {
        let (head, body) = client.get("/empty");
        assert_eq!((head.content_length(), body.len()), (0, 0));
        assert_eq!(client.get("/file/50/0").1.len(), 0);
        assert!(client.get("/file/0/100").1 == bytes_of(0, 100));
    }
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn bytes_and_slices_mix_in_one_body(#[case] kind: Kind) {
    let origin = Origin::start_as(kind, file_of(40_000));
    let mut client = Client::connect(origin.address);
    for parts in [1, 2, 10_000] {
        let expected: Vec<u8> = (0..parts)
            .flat_map(|part: u64| [format!("<{part:06}>").into_bytes(), bytes_of(part * 4, 4)].concat())
            .collect();
        let (head, body) = client.get(&format!("/mixed/{parts}"));
        assert_eq!(head.content_length(), parts * 12);
        assert!(body == expected, "{parts} parts");
        assert_eq!(origin.next_sent(), parts * 12);
    }
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn offsets_beyond_four_gibibytes_are_exact(#[case] kind: Kind) {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"start").unwrap();
    let far = 5 * 1024 * 1024 * 1024_u64;
    file.write_all_at(&bytes_of(0, 70_000), far).unwrap();
    let origin = Origin::start_as(kind, file);
    let mut client = Client::connect(origin.address);
    assert!(client.get(&format!("/file/{}/60000", far + 10_000)).1 == bytes_of(10_000, 60_000));
    let (_, across) = client.get(&format!("/file/{}/10", far - 5));
    assert_eq!(across[..5], [0; 5]);
    assert_eq!(across[5..], bytes_of(0, 5));
}

#[test]
fn body_longer_than_four_gibibytes_is_promised_and_sent() {
    let len = 4 * 1024 * 1024 * 1024_u64 + 12_345;
    let file = tempfile::tempfile().unwrap();
    file.set_len(len).unwrap();
    let origin = Origin::start(file);
    let mut client = Client::connect(origin.address);
    client.send(&format!("GET /file/0/{len} HTTP/1.1\r\nHost: test\r\n\r\n"));
    assert_eq!(client.head().content_length(), len);
    client.skip(len);
    assert_eq!(origin.next_sent(), len);
    assert_eq!(client.text("/plain"), "plain");
}
