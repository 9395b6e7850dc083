//! Folders that cannot become a release: each is refused by the name of what is wrong, and nothing is stored.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::sync::Arc;

use stowaway_engine::publish::{NoProgress, PublishError, Published};

use super::scene::{Scene, assets, tag, wav};

/// A folder with one good lesson, so that only what a test adds can be at fault.
async fn good_folder() -> Scene {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(30_000, 1));
    scene
}

/// Publishes, expects to be refused as misuse with `words` in the message, and finds nothing stored.
async fn expect_refused(scene: &Scene, words: &[&str]) -> PublishError {
    let refused = scene.publish().await.unwrap_err();
    let message = refused.to_string();
    assert!(refused.is_misuse(), "{message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
    assert_eq!(scene.release_that_readers_see().await, None);
    assert!(scene.stored_files().is_empty(), "{:?}", scene.stored_files());
    refused
}

#[tokio::test]
async fn an_empty_folder_is_refused() {
    let scene = Scene::new().await;
    expect_refused(&scene, &["folder", "no files", "put audio or video"]).await;
    scene.write("tag.toml", "title = \"Nothing\"");
    scene.write(".hidden", "x");
    scene.write("01.mp4.part", "x");
    scene.write("deeper/Thumbs.db", "x");
    expect_refused(&scene, &["no files"]).await;
}

#[tokio::test]
async fn a_folder_without_lessons_is_refused() {
    let scene = Scene::new().await;
    scene.write("notes.txt", "x");
    expect_refused(&scene, &["audio or video"]).await;
}

#[tokio::test]
async fn a_folder_that_is_not_there_or_is_a_file_is_refused() {
    let scene = good_folder().await;
    for (name, words) in [("nowhere", "no folder"), ("folder/01.wav", "is not a folder")] {
        let folder = scene.directory.path().join(name);
        let refused = scene.publisher().publish(&folder, &tag(), Arc::new(NoProgress)).await.unwrap_err();
        assert!(refused.is_misuse() && refused.to_string().contains(words), "{refused}");
    }
}

#[tokio::test]
async fn what_is_left_out_is_not_published() {
    let scene = good_folder().await;
    for name in [".DS_Store", ".git/config", "02.wav.part", "02.wav.crdownload", "a.tmp", "01.wav~", "Thumbs.db"] {
        scene.write(name, "x");
    }
    scene.publish().await.unwrap();
    assert_eq!(assets(&scene.current_manifest().await).len(), 1);
}

#[tokio::test]
async fn lessons_come_in_natural_order() {
    let scene = Scene::new().await;
    for name in ["10.wav", "9.wav", "1.wav", "2.wav"] {
        scene.write(name, wav(9_000, name.len() as u64));
    }
    scene.publish().await.unwrap();
    let manifest = scene.current_manifest().await;
    let order = manifest.reading_order.iter().map(|link| link.properties.as_ref().unwrap().path.to_string());
    assert_eq!(order.collect::<Vec<_>>(), ["1.wav", "2.wav", "9.wav", "10.wav"]);
}

#[tokio::test]
async fn names_that_deceive_are_refused_by_name() {
    for (name, words) in [
        ("02\u{202e}3pm.wav", "U+202E"),
        ("02\n.wav", "U+000A"),
        ("02\u{7f}.wav", "U+007F"),
        ("02\\..\\x.wav", "segment"),
    ] {
        let scene = good_folder().await;
        scene.write(name, wav(9_000, 2));
        expect_refused(&scene, &[words, "rename"]).await;
    }
}

#[tokio::test]
async fn a_folder_whose_name_deceives_is_refused_too() {
    let scene = good_folder().await;
    scene.write("mod\u{200b}ule/01.wav", wav(9_000, 2));
    expect_refused(&scene, &["U+200B"]).await;
}

#[tokio::test]
async fn a_name_that_is_not_utf_8_is_refused() {
    let scene = good_folder().await;
    fs::write(scene.folder().join(OsStr::from_bytes(b"02-\xff.wav")), wav(9_000, 2)).unwrap();
    expect_refused(&scene, &["02-", "UTF-8", "rename"]).await;
}

#[tokio::test]
async fn a_path_longer_than_a_store_key_is_refused() {
    let scene = good_folder().await;
    scene.write(&format!("{}/01.wav", ["x".repeat(200).as_str(); 5].join("/")), wav(9_000, 2));
    expect_refused(&scene, &["bytes long"]).await;
}

#[tokio::test]
async fn links_that_lead_out_are_refused_by_name() {
    let scene = good_folder().await;
    let outside = scene.directory.path().join("secret.wav");
    fs::write(&outside, wav(9_000, 2)).unwrap();
    symlink(&outside, scene.folder().join("02.wav")).unwrap();
    expect_refused(&scene, &["02.wav", "secret.wav", "outside"]).await;
    fs::remove_file(scene.folder().join("02.wav")).unwrap();
    symlink("../secret.wav", scene.folder().join("02.wav")).unwrap();
    expect_refused(&scene, &["02.wav", "outside"]).await;
}

#[tokio::test]
async fn a_sibling_whose_name_begins_with_the_folders_is_outside() {
    let scene = good_folder().await;
    scene.write("../folder-two/02.wav", wav(9_000, 2));
    symlink("../folder-two/02.wav", scene.folder().join("02.wav")).unwrap();
    expect_refused(&scene, &["02.wav", "outside"]).await;
}

#[tokio::test]
async fn links_to_folders_and_to_nothing_are_refused_by_name() {
    let scene = good_folder().await;
    symlink(".", scene.folder().join("02-loop")).unwrap();
    expect_refused(&scene, &["02-loop", "link to a folder"]).await;
    fs::remove_file(scene.folder().join("02-loop")).unwrap();
    symlink("02-circle.wav", scene.folder().join("02-circle.wav")).unwrap();
    expect_refused(&scene, &["02-circle.wav", "not there"]).await;
    fs::remove_file(scene.folder().join("02-circle.wav")).unwrap();
    symlink("gone.wav", scene.folder().join("02.wav")).unwrap();
    expect_refused(&scene, &["02.wav", "not there"]).await;
}

#[tokio::test]
async fn a_link_to_a_file_of_the_folder_is_published_as_that_file() {
    let scene = good_folder().await;
    symlink("01.wav", scene.folder().join("02.wav")).unwrap();
    assert!(matches!(scene.publish().await.unwrap(), Published::Released { assets: 2, .. }));
    assert_eq!(scene.release_that_readers_see().await, Some(1));
}

#[tokio::test]
async fn sockets_and_their_like_are_refused_by_name() {
    let scene = good_folder().await;
    let _socket = UnixListener::bind(scene.folder().join("02.wav")).unwrap();
    expect_refused(&scene, &["02.wav", "neither a file nor a folder"]).await;
}

#[tokio::test]
async fn a_bad_tag_toml_is_refused_with_its_line() {
    let scene = good_folder().await;
    scene.write("tag.toml", "title = \"A\"\ncolour = \"red\"\n");
    expect_refused(&scene, &["tag.toml", "line 2", "colour"]).await;
    scene.write("tag.toml", b"title = \"\xff\"");
    expect_refused(&scene, &["tag.toml", "UTF-8"]).await;
    scene.write("tag.toml", vec![b' '; 2_000_000]);
    expect_refused(&scene, &["tag.toml", "1 MiB"]).await;
    scene.write("tag.toml", "\nexpires = 2030-01-31\n");
    expect_refused(&scene, &["tag.toml", "line 2", "2030-01-31", "zone"]).await;
    scene.write("tag.toml", "expires = 2020-01-31T01:00:00+01:00\n");
    expect_refused(&scene, &["tag.toml", "2020-01-31T00:00:00Z", "has passed"]).await;
}

#[tokio::test]
async fn a_file_that_is_not_what_its_name_says_is_refused() {
    let scene = good_folder().await;
    scene.write("02.mp3", wav(9_000, 2));
    expect_refused(&scene, &["02.mp3", "audio/wav"]).await;
    scene.write("02.mp3", "this is no music");
    expect_refused(&scene, &["02.mp3"]).await;
}

#[tokio::test]
async fn files_and_folders_that_may_not_be_read_are_named_and_no_misuse() {
    let scene = good_folder().await;
    scene.write("locked", "");
    fs::set_permissions(scene.folder().join("locked"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(scene.folder().join("locked")).is_err() {
        return expect_unreadable_is_named().await;
    }
    // Root may read everything: the same in a process of root's without that right.
    let limited = Command::new("setpriv")
        .args(["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "folders::without_the_rights_of_root", "--ignored"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&limited.stdout);
    assert!(limited.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "run by files_and_folders_that_may_not_be_read_… in a process that may not read everything"]
async fn without_the_rights_of_root() {
    expect_unreadable_is_named().await;
}

async fn expect_unreadable_is_named() {
    for locked in ["locked/02.wav", "locked"] {
        let scene = good_folder().await;
        scene.write("locked/02.wav", wav(9_000, 2));
        fs::set_permissions(scene.folder().join(locked), fs::Permissions::from_mode(0o000)).unwrap();
        let failed = scene.publish().await.unwrap_err();
        fs::set_permissions(scene.folder().join(locked), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(failed, PublishError::Unreadable { .. }) && !failed.is_misuse(), "{failed}");
        assert!(failed.to_string().contains(locked), "{failed}");
        assert_eq!(scene.release_that_readers_see().await, None);
    }
}

#[tokio::test]
async fn a_tag_toml_obeys_the_rules_of_every_file() {
    let scene = good_folder().await;
    let outside = scene.directory.path().join("elsewhere.toml");
    fs::write(&outside, "title = \"Elsewhere\"").unwrap();
    let tag_toml = scene.folder().join("tag.toml");
    symlink(&outside, &tag_toml).unwrap();
    expect_refused(&scene, &["tag.toml", "outside of the folder"]).await;

    fs::remove_file(&tag_toml).unwrap();
    let made = Command::new("mkfifo").arg(&tag_toml).status().unwrap();
    assert!(made.success());
    // Reading a pipe that nobody writes to would take for ever.
    expect_refused(&scene, &["tag.toml", "neither a file nor a folder"]).await;

    fs::remove_file(&tag_toml).unwrap();
    fs::write(scene.folder().join(".facts.toml"), "title = \"Inside\"").unwrap();
    symlink(".facts.toml", &tag_toml).unwrap();
    scene.publish().await.unwrap();
    let manifest = scene.current_manifest().await;
    assert_eq!(manifest.metadata.title, "Inside");
    assert_eq!(assets(&manifest).len(), 1, "it is no asset");
}

#[tokio::test]
async fn a_file_that_is_not_what_its_name_says_is_named_once_and_with_its_folder() {
    let scene = good_folder().await;
    scene.write("module/02.mp4", wav(9_000, 2));
    let refused = expect_refused(&scene, &["module/02.mp4 is named like video/mp4", "audio/wav"]).await;
    assert_eq!(refused.to_string().matches("02.mp4").count(), 1, "{refused}");
}
