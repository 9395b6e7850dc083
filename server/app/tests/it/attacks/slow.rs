//! Clients that take their time, with the real `slowhttptest`: their connections end, and others are served meanwhile.

use std::process::{Child, Command, Stdio};

use super::{DIGITS, Target};
use crate::support::http::Connection;
use crate::support::{media, wait_until};

/// More than would fit if each took a thread or a share of a small pool.
const ATTACKERS: &str = "200";

/// `slowhttptest` at work; ended with the test.
struct Attack(Child);

impl Attack {
    fn begin(target: &Target, path: &str, mode: &[&str]) -> Self {
        let address = format!("http://{}{path}", target.server.address);
        let common = ["-c", ATTACKERS, "-r", ATTACKERS, "-l", "120", "-p", "5", "-v", "0", "-u", &address];
        let mut command = Command::new("slowhttptest");
        command.args(mode).args(common).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("slowhttptest is installed: .ci/install test"))
    }

    fn is_over(&mut self) -> bool {
        self.0.try_wait().expect("the process can be asked").is_some()
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn impatient() -> Target {
    Target::with(&["--set", "http.request_head_timeout_seconds=1", "--set", "http.write_idle_seconds=1"])
}

/// Serves honest clients until the attack has been seen and every one of its connections is gone.
#[track_caller]
fn outlives(target: &Target, attack: &mut Attack) {
    let connections = || target.sum_of("stowaway_http_connections");
    wait_until("the attack is on", || connections() > 20 || attack.is_over());
    target.still_serves();
    // The one that asks is left.
    wait_until("the attackers are gone", || {
        target.still_serves();
        connections() <= 1
    });
    target.still_serves();
}

#[test]
fn heads_that_never_end_are_cut_off() {
    let target = impatient();
    outlives(&target, &mut Attack::begin(&target, DIGITS, &["-H", "-i", "10", "-x", "24"]));
}

#[test]
fn bodies_that_never_end_are_not_waited_for() {
    let target = impatient();
    outlives(&target, &mut Attack::begin(&target, DIGITS, &["-B", "-i", "10", "-s", "100000", "-x", "24"]));
}

#[test]
fn a_thousand_ranges_from_two_hundred_clients_are_answered() {
    let target = impatient();
    outlives(&target, &mut Attack::begin(&target, DIGITS, &["-R", "-a", "0", "-b", "3000"]));
}

/// A trickle is no reader: it takes a few bytes now and then to hold what a listener could have.
#[test]
fn readers_that_take_nothing_are_disconnected() {
    let target = impatient();
    let path = "/tags/course/media/01-first/02-long.wav";
    let mut attack = Attack::begin(&target, path, &["-X", "-w", "64", "-y", "128", "-n", "20", "-z", "1", "-k", "1"]);
    outlives(&target, &mut attack);
}

#[test]
fn a_slow_but_honest_listener_gets_every_byte() {
    let target = impatient();
    let mut connection = Connection::open(target.server.address).unwrap();
    connection.send(format!("GET {DIGITS} HTTP/1.1\r\n").as_bytes()).unwrap();
    connection.send(b"host: x\r\n\r\n").unwrap();
    let answer = connection.read_answer("GET").unwrap();
    assert!(answer.body == media::digits(1000));
}
