//! What the commands print, for people and for programs.

use crate::bad_set_up::sql;
use crate::support::{Place, media};

#[test]
fn publishing_again_says_that_nothing_changed() {
    let place = Place::published();
    let again = place.run(&["publish", "course", "--tag", "course"]).expect(0);
    assert_eq!(again.stdout, "course: nothing changed, release 1 stays\n");
    assert_eq!(place.publish("course", "course").expect(0).json()["changed"], false);
    assert_eq!(again.stderr, "", "no progress bar where there is no terminal");
}

#[test]
fn a_changed_folder_makes_the_next_release_and_tells_its_price() {
    let place = Place::published();
    // A few bytes in the middle of the long lesson: most of its pieces stay.
    let mut long = std::fs::read(place.path("course/01-first/02-long.wav")).unwrap();
    let size = long.len() as u64;
    long[2_000_000] ^= 1;
    place.write("course/01-first/02-long.wav", long);
    let published = place.publish("course", "course").expect(0).json();
    assert_eq!(published["release"], 2);
    assert_eq!(published["bytes_uploaded"], size);
    let fetch = published["bytes_to_fetch_from_previous"].as_u64().unwrap();
    assert!(fetch > 0 && fetch < size, "{published}");

    let difference = place.run(&["diff", "course", "1", "2", "--json"]).expect(0).json();
    assert_eq!(difference["changed"], serde_json::json!(["01-first/02-long.wav"]));
    assert_eq!(difference["bytes_to_fetch"], fetch);
    assert_eq!((&difference["added"], &difference["removed"]), (&serde_json::json!([]), &serde_json::json!([])));
}

#[test]
fn releases_are_listed_newest_first() {
    let place = Place::published();
    place.write("course/02-second/03-new.wav", media::wav(1, 5));
    place.publish("course", "course").expect(0);
    let listed = place.run(&["releases", "course", "--json"]).expect(0).json();
    let numbers: Vec<_> =
        listed.as_array().unwrap().iter().map(|entry| (&entry["release"], &entry["current"])).collect();
    assert_eq!(format!("{numbers:?}"), "[(Number(2), Bool(true)), (Number(1), Bool(false))]");
    let table = place.run(&["releases", "course"]).expect(0).stdout;
    assert!(table.contains("2 (current)"), "{table}");
    let said = place.run(&["releases", "nothing"]).expect(2).stderr;
    insta::assert_snapshot!("no_such_tag", said.replace(place.path("").to_str().unwrap(), "/place/"));
    let said = place.run(&["diff", "course", "1", "9"]).expect(2).stderr;
    insta::assert_snapshot!("no_such_release", said);
}

#[test]
fn a_tag_with_many_releases_is_listed_to_the_first_in_one_list() {
    let place = Place::published();
    let columns = "release_sha256, manifest_sha256, manifest_bytes, pieces_sha256, pieces_bytes, modified, summary";
    sql(
        &place,
        &format!(
            "WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 1203) \
             INSERT INTO releases (tag, number, {columns}) SELECT tag, n, {columns} FROM releases, n"
        ),
    );
    sql(&place, "UPDATE tags SET current_release = 1203, last_release = 1203");
    let listed = place.run(&["releases", "course", "--json"]).expect(0).json();
    let numbers = listed.as_array().unwrap().iter().map(|entry| entry["release"].as_u64().unwrap());
    assert!(numbers.eq((1..=1203).rev()));
    let table = place.run(&["releases", "course"]).expect(0).stdout;
    let (header, rows) = table.split_once('\n').unwrap();
    assert_eq!(
        (header.matches("RELEASE").count(), rows.matches("RELEASE").count(), rows.lines().count()),
        (1, 0, 1203)
    );
    let place_of = |row: &str| row.find(listed[0]["modified"].as_str().unwrap());
    assert_eq!(place_of(rows), header.find("PUBLISHED"), "{table}");
    assert!(rows.lines().all(|row| place_of(row) == place_of(rows)), "columns are below one another");
}

#[test]
fn commands_that_only_read_make_nothing_and_say_where_they_looked() {
    let place = Place::new();
    for command in [&["releases", "course"][..], &["diff", "course", "1", "2"]] {
        let said = place.run(command).expect(2).stderr;
        insta::assert_snapshot!("nothing_published", said.replace(place.path("").to_str().unwrap(), "/place/"));
        assert!(!place.path("stowaway-data").exists(), "{command:?}");
    }
}

#[test]
fn the_effective_configuration_shows_where_each_value_comes_from() {
    let place = Place::new();
    place.write("stowaway.toml", "public_title = \"Mine\"\n[database]\nurl = \"postgres://me:secret@localhost/x\"\n");
    let mut command = place.command(&["config", "--json", "--set", "http.workers=3"]);
    let outcome: crate::support::Outcome =
        command.env("STOWAWAY_LOG__FORMAT", "json").output().expect("the binary runs").into();
    assert!(!outcome.stdout.contains("secret"), "passwords are not shown");
    let entries = outcome.expect(0).json();
    let entry = |key: &str| {
        let found = entries.as_array().unwrap().iter().find(|entry| entry["key"] == key).unwrap();
        (found["value"].to_string(), found["source"].as_str().unwrap().to_owned())
    };
    assert_eq!(entry("public_title"), ("\"Mine\"".to_owned(), "stowaway.toml, line 1".to_owned()));
    assert_eq!(entry("log.format"), ("\"json\"".to_owned(), "environment variable STOWAWAY_LOG__FORMAT".to_owned()));
    assert_eq!(entry("http.workers"), ("3".to_owned(), "flag --set http.workers".to_owned()));
    assert_eq!(entry("listen"), ("\"127.0.0.1:8080\"".to_owned(), "default".to_owned()));
}

#[test]
fn every_command_has_help_with_an_example() {
    let place = Place::new();
    for command in ["demo", "serve", "publish", "releases", "diff", "config"] {
        let help = place.run(&[command, "--help"]).expect(0).stdout;
        assert!(help.contains(&format!("stowaway {command}")) && help.contains("Example"), "{help}");
    }
}
