//! Databases that refuse: each is named, with what to do, and nothing is half done.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::fleet::block_on;
use crate::postgres::Postgres;
use crate::support::{Outcome, Place, media, wait_until};

#[test]
fn a_wrong_password_and_a_database_that_is_not_there_are_named_with_what_to_do() {
    let Some(server) = block_on(Postgres::start()) else { return };
    let place = Place::new();
    for (url, words, remedy) in [
        (
            server.url("guarded:secret", "postgres"),
            "password authentication failed for user \"guarded\"",
            "user and password",
        ),
        (server.url("postgres", "nowhere"), "database \"nowhere\" does not exist", "create that database"),
    ] {
        for arguments in [vec!["serve", "--listen", "127.0.0.1:0"], vec!["releases", "course"]] {
            let said = place.run(&[&arguments[..], &["--database-url", &url]].concat()).expect(1).stderr;
            assert!(said.contains(words) && said.contains(remedy), "{said}");
            assert!(!said.contains("secret"), "{said}");
        }
    }
}

#[test]
fn a_database_that_another_program_keeps_locked_is_named_and_reading_goes_on() {
    let place = Place::published();
    let server = place.serve();
    let script = "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\nc.execute('BEGIN IMMEDIATE')\nprint('locked',flush=True)\nsys.stdin.read()";
    let mut holder = Command::new("python3")
        .args(["-c", script])
        .arg(place.path("stowaway-data/stowaway.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "locked");
    place.write("course/01-first/01-short.wav", media::wav(1, 9));
    let refused: Outcome = place.publish("course", "course").expect(1);
    assert!(refused.stderr.contains("database is locked") && refused.stderr.contains("another program"), "{refused:?}");
    let refused = place.run(&["gc"]).expect(1).stderr;
    assert!(refused.contains("database is locked") && refused.contains("another program"), "{refused}");
    assert_eq!(server.get("/readyz").status, 200);
    assert_eq!(server.get("/tags/course/manifest.json").json()["download"]["release"], 1);
    drop(holder.stdin.take());
    holder.wait().unwrap();
    assert_eq!(place.publish("course", "course").expect(0).json()["release"], 2);
    wait_until("readers see it", || server.get("/tags/course/manifest.json").json()["download"]["release"] == 2);
}

#[test]
fn a_database_that_cannot_be_written_is_named_by_what_keeps_house() {
    let place = Place::published();
    let url = format!("sqlite:{}?mode=ro", place.path("stowaway-data/stowaway.db").display());
    for command in [&["gc"][..], &["scrub"], &["limits", "course", "--keep-releases", "3"]] {
        let refused = place.run(&[command, &["--database-url", &url]].concat()).expect(1).stderr;
        assert!(
            refused.contains("readonly database") && refused.contains("try: let this user write"),
            "{command:?}: {refused}"
        );
    }
    let jobs = place.run(&["gc", "--json"]).expect(0).json();
    assert_eq!(jobs["dry_run"], true, "nothing of it is left behind");
}
