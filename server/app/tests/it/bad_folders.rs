//! Folders that cannot be published: each message names the file and the remedy, the exit code says whose turn it is, and
//! nothing is half-published.

use std::os::unix::fs::symlink;

use crate::support::{Place, media};

/// Publishes `folder` and shows what is said, without the path of the temporary folder.
#[track_caller]
fn refused(place: &Place, code: i32) -> String {
    let outcome = place.run(&["publish", "folder", "--tag", "bad"]).expect(code);
    assert_eq!(outcome.stdout, "");
    let releases = place.run(&["releases", "bad"]);
    assert_eq!(releases.code, Some(2), "nothing is published: {releases:?}");
    let root = place.path("");
    outcome.stderr.replace(root.to_str().expect("a text path"), "/place/")
}

fn with_lesson() -> Place {
    let place = Place::new();
    place.write("folder/01-lesson.wav", media::wav(1, 1));
    place
}

#[test]
fn an_empty_folder() {
    let place = Place::new();
    place.write("folder/.hidden", "x");
    insta::assert_snapshot!("empty_folder", refused(&place, 2));
}

#[test]
fn a_folder_that_is_not_there() {
    insta::assert_snapshot!("no_folder", refused(&Place::new(), 2));
}

#[test]
fn a_file_instead_of_a_folder() {
    let place = Place::new();
    place.write("folder", "x");
    insta::assert_snapshot!("file_instead_of_folder", refused(&place, 2));
}

#[test]
fn a_link_out_of_the_folder() {
    let place = with_lesson();
    place.write("secret.txt", "secret");
    symlink("../secret.txt", place.path("folder/notes.txt")).unwrap();
    insta::assert_snapshot!("link_out", refused(&place, 2));
}

#[test]
fn a_link_that_leads_nowhere() {
    let place = with_lesson();
    symlink("gone.txt", place.path("folder/notes.txt")).unwrap();
    insta::assert_snapshot!("broken_link", refused(&place, 2));
}

#[test]
fn names_that_deceive_or_escape() {
    for (name, character) in
        [("a\u{202e}3pm.txt", "U+202E"), ("a\nb.txt", "U+000A"), ("a\\..\\b.txt", "a\\\\..\\\\b.txt")]
    {
        let place = with_lesson();
        place.write(&format!("folder/{name}"), "x");
        let said = refused(&place, 2);
        assert!(said.contains(character) && said.contains("rename"), "{said}");
    }
}

#[test]
fn a_name_that_is_no_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = with_lesson();
    let name = std::ffi::OsStr::from_bytes(b"a\xff.txt");
    std::fs::write(place.path("folder").join(name), "x").unwrap();
    assert!(refused(&place, 2).contains("is not UTF-8: rename it"));
}

#[test]
fn a_file_that_is_not_what_its_name_says() {
    let place = with_lesson();
    place.write("folder/02-lesson.mp4", "this is no video");
    let said = refused(&place, 2);
    assert!(said.contains("02-lesson.mp4"), "{said}");
}

#[test]
fn a_tag_toml_with_an_unknown_key() {
    let place = with_lesson();
    place.write("folder/tag.toml", "title = \"x\"\nauhtor = \"y\"\n");
    let said = refused(&place, 2);
    assert!(said.contains("auhtor") && said.contains("line 2"), "{said}");
}

#[test]
fn a_tag_that_breaks_the_grammar() {
    let place = with_lesson();
    let outcome = place.run(&["publish", "folder", "--tag", "My Course"]).expect(2);
    insta::assert_snapshot!("bad_tag", outcome.stderr);
}

/// Root may read everything, so that the test becomes somebody else where it can.
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = with_lesson();
    let secret = place.write("folder/02-secret.wav", media::wav(1, 2));
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    let open_to_all = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(place.path(""), open_to_all).unwrap();
    let is_root = std::fs::read(&secret).is_ok();
    let publish = ["publish", "folder", "--tag", "bad"];
    let outcome: crate::support::Outcome = if is_root {
        // A copy, as the place where it was built may be closed to others.
        let binary = place.path("binary");
        std::fs::copy(env!("CARGO_BIN_EXE_stowaway"), &binary).unwrap();
        let mut command = std::process::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(binary);
        command.args(publish).current_dir(place.path("")).output().expect("setpriv runs").into()
    } else {
        place.run(&publish)
    };
    let said = outcome.expect(1).stderr;
    assert!(said.contains("02-secret.wav cannot be read"), "{said}");
    assert!(said.contains("because: "), "{said}");
}

#[test]
fn a_file_that_changes_while_it_is_published() {
    let place = with_lesson();
    let path = place.write("folder/02-growing.wav", media::wav(30, 2));
    // Something writes to the file all the time that the publish takes.
    let writing = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let until = std::sync::Arc::clone(&writing);
    let writer = std::thread::spawn(move || {
        use std::io::Write as _;
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        while until.load(std::sync::atomic::Ordering::Relaxed) {
            file.write_all(b"more").unwrap();
            std::thread::yield_now();
        }
    });
    let outcome = place.run(&["publish", "folder", "--tag", "bad"]);
    writing.store(false, std::sync::atomic::Ordering::Relaxed);
    writer.join().unwrap();
    let outcome = outcome.expect(1);
    assert!(outcome.stderr.contains("02-growing.wav changed while it was"), "{outcome:?}");
    place.run(&["releases", "bad"]).expect(2);
}
