//! Slow readers: they cost neither memory nor a busy loop, and their neighbours do not wait.

use std::time::Instant;

use rstest::rstest;

use crate::{
    client::Client,
    origin::{Kind, Origin, bytes_of, file_of},
};

fn counter(text: &str, name: &str) -> u64 {
    let value = text.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("{name} in {text}")).parse().unwrap()
}

#[test]
fn reader_that_stops_costs_nothing_until_it_goes_on() {
    let len = 32 * 1024 * 1024;
    let origin = Origin::start(file_of(len));
    let mut client = Client::connect_narrow(origin.address);
    client.send(&format!("GET /file/0/{len} HTTP/1.1\r\nHost: test\r\n\r\n"));
    client.head();
    // Another client's answers are the clock: a worker that span would not have answered them, or not counted so few.
    let mut other = Client::connect(origin.address);
    for _ in 0..500 {
        assert_eq!(other.text("/plain"), "plain");
    }
    assert!(client.body(len) == bytes_of(0, len));
    let counters = client.text("/counters");
    let (sends, full) = (counter(&counters, "file_sends"), counter(&counters, "socket_full"));
    assert!(full > 0, "a narrow client fills the socket: {counters}");
    assert!(sends <= full * 2 + 32, "one send for each time the socket had room: {counters}");
    assert!(counter(&counters, "flushes") <= sends * 3, "and no flush without cause: {counters}");
}

#[test]
fn many_slow_readers_share_one_file_and_hold_no_buffers() {
    let len = 16 * 1024 * 1024;
    let file = file_of(1);
    file.set_len(len).unwrap();
    let origin = Origin::start(file);
    let before = resident_bytes();
    let mut clients: Vec<Client> = (0..100).map(|_| Client::connect_narrow(origin.address)).collect();
    for client in &mut clients {
        client.send(&format!("GET /file/0/{len} HTTP/1.1\r\nHost: test\r\n\r\n"));
    }
    for client in &mut clients {
        assert_eq!(client.head().content_length(), len);
    }
    assert_eq!(origin.holders(), 100);
    let grown = resident_bytes().saturating_sub(before);
    // Other tests of this process allocate too; buffering the bodies would be 1.6 GB.
    assert!(grown < 400 * 1024 * 1024, "{grown} bytes for 100 slow readers");
}

#[rstest]
#[case::actix(Kind::Wire)]
#[case::lane(Kind::Lane)]
fn fast_large_body_lets_its_neighbours_go_first(#[case] kind: Kind) {
    let len = 512 * 1024 * 1024;
    let file = file_of(1);
    file.set_len(len).unwrap();
    let origin = Origin::start_as(kind, file);
    let mut large = Client::connect(origin.address);
    large.send(&format!("GET /file/0/{len} HTTP/1.1\r\nHost: test\r\n\r\n"));
    let reader = std::thread::spawn(move || {
        assert_eq!(large.head().content_length(), len);
        for _ in 0..512 {
            large.body(1024 * 1024);
        }
        (Instant::now(), large)
    });
    let mut small = Client::connect(origin.address);
    assert_eq!(small.text("/plain"), "plain");
    let answered = Instant::now();
    let (finished, _large) = reader.join().unwrap();
    assert!(answered < finished, "a small answer waited for a body of 512 MiB");
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
