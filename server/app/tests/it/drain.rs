//! The end of a server: running downloads finish, nothing new begins, and the exit code says that all went well.

use crate::support::http::Connection;
use crate::support::{Place, Server, media, wait_until};

/// Larger than what the sockets of both sides hold, so that the download cannot finish before it is read.
fn with_long_download(arguments: &[&str]) -> (Place, Server, Vec<u8>) {
    let place = Place::new();
    let bytes = media::wav(4000, 7);
    place.write("big/big.wav", &bytes);
    place.publish("big", "big").expect(0);
    let server = place.serve_with(arguments);
    (place, server, bytes)
}

fn begin_download(server: &Server) -> Connection {
    let mut connection = Connection::open(server.address).unwrap();
    connection.send_request("GET", "/tags/big/media/big.wav", &[("x-request-id", "slow")]).unwrap();
    assert_eq!(connection.read_head().unwrap().status, 200);
    connection
}

#[test]
fn a_running_download_finishes_after_sigterm() {
    let (_place, mut server, bytes) = with_long_download(&["--set", "http.drain_delay_seconds=2"]);
    let mut download = begin_download(&server);
    server.signal("TERM");
    wait_until("readiness says so", || {
        let ready = server.get("/readyz");
        ready.status == 503 && ready.text() == "draining\n"
    });
    assert_eq!(server.get("/healthz").status, 200, "it lives");
    wait_until("no new connection is accepted", || Connection::open(server.address).is_err());
    let received = download.read_exactly(bytes.len()).unwrap();
    assert!(received == bytes, "every byte arrives");
    assert!(server.wait().success());
    assert_eq!(server.logged("slow")["bytes_sent"], bytes.len());
}

#[test]
fn a_download_that_takes_too_long_is_cut_when_the_time_is_over() {
    let limits = ["--set", "http.drain_delay_seconds=0", "--set", "http.shutdown_timeout_seconds=1"];
    let (_place, mut server, bytes) = with_long_download(&limits);
    let mut download = begin_download(&server);
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(download.read_exactly(bytes.len()).is_err(), "the client can tell that something is missing");
}

#[test]
fn an_idle_connection_does_not_hold_up_the_end() {
    let place = Place::new();
    let mut server =
        place.serve_with(&["--set", "http.shutdown_timeout_seconds=50", "--set", "http.drain_delay_seconds=0"]);
    let mut idle = Connection::open(server.address).unwrap();
    idle.send_request("GET", "/healthz", &[]).unwrap();
    assert_eq!(idle.read_answer("GET").unwrap().status, 200);
    let begun = std::time::Instant::now();
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(begun.elapsed().as_secs() < 40, "it did not wait for the whole time-out");
    assert!(idle.is_closed());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (_place, mut server, _) = with_long_download(&["--set", "http.shutdown_timeout_seconds=50"]);
    let _download = begin_download(&server);
    server.signal("INT");
    wait_until("it drains", || server.stderr().contains("draining"));
    // Signals within half a second are the same wish.
    std::thread::sleep(std::time::Duration::from_millis(700));
    let begun = std::time::Instant::now();
    server.signal("INT");
    server.wait();
    assert!(begun.elapsed().as_secs() < 40);
}
