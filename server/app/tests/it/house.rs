//! Keeping house from the command line: gc, scrub, usage, limits and watching a folder.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;
use std::process::Stdio;

use crate::support::{Outcome, Place, media, wait_until};

fn stored_blobs(place: &Place) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(place.path("stowaway-data/store/blobs")).unwrap() {
        found.extend(std::fs::read_dir(entry.unwrap().path()).unwrap().map(|blob| blob.unwrap().path()));
    }
    found
}

#[test]
fn gc_says_what_it_would_remove_and_removes_it_when_told() {
    let place = Place::published();
    place.run(&["limits", "course", "--keep-releases", "1"]).expect(0);
    for seed in 1..=3 {
        place.write("course/01-first/03-more.wav", media::wav(1, 40 + seed));
        place.publish("course", "course").expect(0);
    }
    let blobs = stored_blobs(&place).len();
    let dry = place.run(&["gc", "--grace", "0"]).expect(0).stdout;
    assert!(
        dry.starts_with("0 objects (0 B) can be removed") && dry.contains("2 old releases would be retired"),
        "{dry}"
    );
    place.run(&["gc", "--grace", "0", "--delete"]).expect(0);
    // Retired a moment ago by the database's clock; the next run finds the grace over.
    let dry = place.run(&["gc", "--grace", "0", "--json"]).expect(0).json();
    assert_eq!((&dry["dry_run"], dry["objects"]["blob"]["count"].as_u64()), (&true.into(), Some(1)), "{dry}");
    assert_eq!(stored_blobs(&place).len(), blobs);
    let done = place.run(&["gc", "--grace", "0", "--delete", "--json"]).expect(0).json();
    assert_eq!(done["objects"]["blob"], dry["objects"]["blob"]);
    assert_eq!(stored_blobs(&place).len(), blobs - 1);
    let said = place.run(&["gc", "--grace", "0", "--delete"]).expect(0).stdout;
    assert!(said.starts_with("0 objects (0 B) removed"), "{said}");

    let server = place.serve();
    let gone = server.get("/tags/course/releases/1/manifest.json");
    assert_eq!(gone.status, 410);
    assert!(gone.text().contains("urn:problem-type:stowaway:release-retired"), "{}", gone.text());
    assert_eq!(server.get("/tags/course/releases/4/manifest.json").status, 200);
}

#[test]
fn a_scrub_fails_while_damage_remains_and_names_who_needs_it() {
    let place = Place::published();
    let clean = place.run(&["scrub", "--json"]).expect(0).json();
    assert_eq!(clean["damaged"], 0);
    let blob = stored_blobs(&place).into_iter().max_by_key(|path| path.metadata().unwrap().len()).unwrap();
    let file = std::fs::File::options().write(true).open(&blob).unwrap();
    file.write_all_at(b"spoiled", 1000).unwrap();
    let damaged = place.run(&["scrub"]).expect(1);
    assert!(
        damaged.stdout.contains("its digest is") && damaged.stdout.contains("needed by course 1 "),
        "{}",
        damaged.stdout
    );
    assert!(damaged.stderr.contains("publish the folders"), "{}", damaged.stderr);
    place.publish("course", "course").expect(0);
    place.run(&["scrub"]).expect(0);
    let missing = place.run(&["scrub", "--repair-from", "file:///nowhere/at/all"]).expect(1).stderr;
    assert!(missing.contains("--repair-from"), "{missing}");
}

/// Whether the process has a handler for SIGINT.
fn handles_interrupts(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() & (1 << 1) != 0
}

#[test]
fn a_scrub_that_waits_for_its_bandwidth_ends_at_a_signal() {
    let place = Place::published();
    let mut command = place.command(&["scrub", "--bytes-per-second", "1000"]);
    let mut slow = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until("it listens for signals", || handles_interrupts(slow.id()));
    let status = std::process::Command::new("kill").args(["-INT", &slow.id().to_string()]).status().unwrap();
    assert!(status.success());
    wait_until("it has ended", || slow.try_wait().unwrap().is_some());
    let said = Outcome::from(slow.wait_with_output().unwrap()).expect(1).stderr;
    assert!(said.contains("running it again goes on"), "{said}");
    assert_eq!(place.run(&["scrub", "--json"]).expect(0).json()["blobs"], stored_blobs(&place).len());
}

#[test]
fn usage_and_limits_are_told_and_a_quota_refuses() {
    let place = Place::published();
    let usage = place.run(&["usage", "--json"]).expect(0).json();
    let bytes = usage[0]["bytes"].as_u64().unwrap();
    assert_eq!((usage[0]["tag"].as_str(), usage[0]["exclusive_bytes"].as_u64()), (Some("course"), Some(bytes)));
    assert_eq!(place.run(&["usage", "course", "--json"]).expect(0).json(), usage);
    place.run(&["usage", "nothing"]).expect(2);
    let set = place.run(&["limits", "course", "--quota-bytes", &bytes.to_string(), "--json"]).expect(0).json();
    assert_eq!((&set["quota_bytes"], &set["keep_releases"]), (&bytes.into(), &0.into()));
    place.write("course/01-first/03-more.wav", media::wav(1, 9));
    let refused = place.publish("course", "course").expect(1).stderr;
    assert!(refused.contains("do not fit") && refused.contains("nothing was published"), "{refused}");
    let wrong = place.run(&["limits", "course", "--keep-days", "soon"]).expect(2).stderr;
    assert!(wrong.contains("--keep-days") && wrong.contains("default"), "{wrong}");
    place.run(&["limits", "course", "--quota-bytes", "default"]).expect(0);
    place.publish("course", "course").expect(0);
}

#[test]
fn a_watched_folder_is_published_when_it_has_settled_until_a_signal() {
    let place = Place::published();
    let mut watching = place
        .command(&["publish", "course", "--tag", "course", "--watch", "--json", "--set", "publish.settle_ms=200"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut errors = BufReader::new(watching.stderr.take().unwrap()).lines();
    let mut next = || -> String { lines.next().unwrap().unwrap() };
    assert!(next().contains("\"changed\":false"), "it was published before");
    place.write("course/01-first/03-more.wav", media::wav(1, 9));
    let line = next();
    assert!(line.contains("\"release\":2"), "{line}");
    // One that fails is said, and the next change tried.
    place.write("course/01-first/04-broken.mp4", "no film at all");
    assert!(errors.any(|line| line.unwrap().contains("not published")));
    std::fs::remove_file(place.path("course/01-first/04-broken.mp4")).unwrap();
    place.write("course/01-first/05-more.wav", media::wav(1, 10));
    let line = next();
    assert!(line.contains("\"release\":3"), "{line}");
    let status = std::process::Command::new("kill").args(["-TERM", &watching.id().to_string()]).status().unwrap();
    assert!(status.success());
    assert_eq!(watching.wait().unwrap().code(), Some(0));
}

#[test]
fn commands_that_keep_house_make_nothing_where_nothing_is() {
    let place = Place::new();
    for command in [&["gc"][..], &["scrub"], &["usage"], &["limits", "course"]] {
        let said = place.run(command).expect(2).stderr;
        assert!(said.contains("nothing was published here"), "{said}");
        assert!(!place.path("stowaway-data").exists(), "{command:?}");
    }
    let place = Place::published();
    std::fs::rename(place.path("stowaway-data/store"), place.path("moved")).unwrap();
    for command in [&["gc"][..], &["scrub"], &["releases", "course"]] {
        let said = place.run(command).expect(1).stderr;
        assert!(said.contains("storage.url"), "{said}");
        assert!(!place.path("stowaway-data/store").exists(), "{command:?}");
    }
}

#[test]
fn a_text_whose_coded_forms_are_lost_is_sent_as_it_is() {
    let place = Place::new();
    media::course(&place.path("course"));
    let text = format!("WEBVTT\n\n{}", "00:00.000 --> 00:01.000\nNoise.\n\n".repeat(50));
    place.write("course/01-first/01-short.en.vtt", &text);
    place.publish("course", "course").expect(0);
    std::fs::remove_dir_all(place.path("stowaway-data/store/variants")).unwrap();
    let server = place.serve();
    for _ in 0..2 {
        let address = "/tags/course/media/01-first/01-short.en.vtt";
        let answer = server.get_with(address, &[("accept-encoding", "br, gzip")]);
        assert_eq!((answer.status, answer.header("content-encoding")), (200, None));
        assert_eq!(answer.text(), text);
    }
    let metrics = server.get("/metrics").text();
    assert!(metrics.contains("stowaway_coded_forms_lost_total 2"), "{metrics}");
}
