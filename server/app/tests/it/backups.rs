//! The database lost and made again, from a backup: every address answers as before.

use crate::fleet::links;
use crate::support::http::Answer;
use crate::support::{Outcome, Place, Server, media};

const DATABASE: &str = "stowaway-data/stowaway.db";
/// A lesson of the first release only.
const GONE: &str = "course/02-second/01-\u{dc}ber 100%.wav";

/// Two releases of a course, of which the second lacks a lesson of the first and has another renamed.
fn place() -> Place {
    let place = Place::published();
    std::fs::remove_file(place.path(GONE)).unwrap();
    std::fs::rename(place.path("course/01-first/01-short.wav"), place.path("course/01-first/03-short.wav")).unwrap();
    place.publish("course", "course").expect(0);
    place
}

/// Answers of every kind, of both releases.
fn answers(server: &Server) -> Vec<(String, Answer)> {
    let mut paths: Vec<String> =
        ["/tags", "/tags/course/manifest.json", "/tags/course/latest.zip"].map(str::to_owned).to_vec();
    for release in 1..=2 {
        let at = format!("/tags/course/releases/{release}");
        paths.extend([".zip", ".meta4", "/manifest.json", "/pieces.json"].map(|end| format!("{at}{end}")));
        let manifest = server.get(&format!("{at}/manifest.json")).json();
        for href in manifest["download"]["selections"][0]["hrefs"].as_array().unwrap() {
            let href = href.as_str().unwrap();
            paths.push(href.to_owned());
            if let Some(blob) = href.strip_prefix("/blobs/").and_then(|rest| rest.split('/').next()) {
                paths.extend(["pieces.json", "pieces/0"].map(|piece| format!("/blobs/{blob}/{piece}")));
            }
        }
    }
    let codings = ["identity", "br", "zstd"];
    let ask = |path: &String, coding: &str| server.get_with(path, &[("accept-encoding", coding)]);
    paths.iter().flat_map(|path| codings.map(|coding| (format!("{path} {coding}"), ask(path, coding)))).collect()
}

/// Takes the database away, makes it again, and compares every answer and what the next publish makes of the lessons.
pub(crate) fn expect_the_same_after(place: &Place, make_again: impl Fn(&Place) -> Outcome) {
    let server = place.serve();
    let before = answers(&server);
    drop(server);
    for file in [DATABASE, "stowaway-data/stowaway.db-wal", "stowaway-data/stowaway.db-shm"] {
        // The last two are there only while somebody has the first open.
        let _ = std::fs::remove_file(place.path(file));
    }
    make_again(place).expect(0);
    let server = place.serve();
    for ((what, before), (_, after)) in before.iter().zip(answers(&server)) {
        assert_eq!(before.stable_headers(), after.stable_headers(), "{what}");
        assert!(before.body == after.body, "{what}: other bytes");
    }
    let unchanged = place.publish("course", "course").expect(0).json();
    assert_eq!(
        (&unchanged["changed"], &unchanged["release"]),
        (&false.into(), &2.into()),
        "lessons have their identifiers"
    );
    // A lesson that was gone and comes back is the one that it was.
    place.write(GONE, media::wav(2, 3));
    assert_eq!(place.publish("course", "course").expect(0).json()["release"], 3);
    let identifier = |release: u64| {
        let manifest = server.get(&format!("/tags/course/releases/{release}/manifest.json")).json();
        let links = links(&manifest);
        let lesson = links.iter().find(|link| GONE.ends_with(link["properties"]["path"].as_str().unwrap())).unwrap();
        lesson["properties"]["identifier"].as_str().unwrap().to_owned()
    };
    assert_eq!(identifier(1), identifier(3));
}

#[test]
fn a_backup_that_is_restored_gives_the_same_answers() {
    let place = place();
    let server = place.serve();
    let said = place.run(&["backup", "b/../stowaway.backup", "--json"]);
    assert_eq!(said.code, Some(1), "there is no folder b: {said:?}");
    assert!(said.stderr.contains("cannot be written"), "{said:?}");
    let backup = place.run(&["backup", "stowaway.backup", "--json"]).expect(0).json();
    assert!(backup["rows"].as_u64().unwrap() > 20, "{backup}");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(place.path("stowaway.backup")).unwrap());
    assert_eq!(mode & 0o077, 0, "it holds hashes of tokens");
    let piped = place.run(&["backup", "-"]).expect(0);
    assert_eq!(piped.stdout.as_bytes(), std::fs::read(place.path("stowaway.backup")).unwrap());
    drop(server);
    expect_the_same_after(&place, |place| place.run(&["restore", "stowaway.backup"]));
}

#[test]
fn a_database_that_is_made_again_from_the_store_gives_the_same_answers() {
    let place = place();
    // What a publish has left that died before its commit is no release.
    place.write("course/05-never.wav", media::wav(1, 77));
    let mut dies = place.command(&["publish", "course", "--tag", "course"]);
    let died: Outcome = dies.env("STOWAWAY_FAULT_AT", "manifest-stored").output().unwrap().into();
    assert_eq!(died.code, None, "{died:?}");
    std::fs::remove_file(place.path("course/05-never.wav")).unwrap();
    expect_the_same_after(&place, |place| place.run(&["restore", "--from-store"]));
}

#[test]
fn a_publish_that_died_before_its_record_is_recorded_by_the_next() {
    let place = Place::published();
    std::fs::remove_file(place.path(GONE)).unwrap();
    let mut dies = place.command(&["publish", "course", "--tag", "course"]);
    let died: Outcome = dies.env("STOWAWAY_FAULT_AT", "committed").output().unwrap().into();
    assert_eq!(died.code, None, "{died:?}");
    assert_eq!(place.publish("course", "course").expect(0).json()["changed"], false);
    expect_the_same_after(&place, |place| place.run(&["restore", "--from-store"]));
}

#[test]
fn a_damaged_record_is_named_and_the_rest_is_made_again() {
    let place = place();
    let records = place.path("stowaway-data/store/releases/course/1");
    let record = std::fs::read_dir(records).unwrap().map(|entry| entry.unwrap().path());
    let record = record.into_iter().find(|path| path.extension().is_some_and(|end| end == "jsonl")).unwrap();
    std::fs::write(&record, "nothing").unwrap();
    let refused = place.run(&["restore", "--from-store"]).expect(2);
    assert!(refused.stderr.contains("is not empty"), "{refused:?}");
    let rebuilt = place.run(&["restore", "--from-store", "--force", "--json"]).expect(1);
    assert_eq!((&rebuilt.json()["tags"], &rebuilt.json()["releases"]), (&1.into(), &1.into()));
    assert!(rebuilt.stderr.contains("releases/course/1/record-") && rebuilt.stderr.contains("try: "), "{rebuilt:?}");
    let server = place.serve();
    assert_eq!(server.get("/tags/course/manifest.json").json()["download"]["release"], 2);
    assert_eq!(server.get("/tags/course/releases/1/manifest.json").status, 404);
}

#[test]
fn what_cannot_be_restored_is_named_with_what_to_do_and_changes_nothing() {
    let place = place();
    place.run(&["backup", "good"]).expect(0);
    let text = std::fs::read_to_string(place.path("good")).unwrap();
    place.write("cut-off", &text[..text.len() / 2]);
    place.write("other", "no backup");
    let releases = place.run(&["releases", "course", "--json"]).expect(0).stdout;
    for (file, force, words) in [
        ("good", false, "is not empty"),
        ("cut-off", true, "damaged"),
        ("other", true, "no backup of Stowaway"),
        ("nowhere", true, "cannot be read"),
    ] {
        let mut arguments = vec!["restore", file];
        arguments.extend(force.then_some("--force"));
        let said = place.run(&arguments).expect(2).stderr;
        assert!(said.contains(words), "{file}: {said}");
        assert_eq!(place.run(&["releases", "course", "--json"]).expect(0).stdout, releases, "{file}");
    }
    let replaced = place.run(&["restore", "good", "--force", "--json"]).expect(0).json();
    assert!(replaced["rows"].as_u64().unwrap() > 20);
    assert_eq!(place.run(&["releases", "course", "--json"]).expect(0).stdout, releases);
}
