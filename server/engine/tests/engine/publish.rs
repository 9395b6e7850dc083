//! What publishing does to a tag: releases, identifiers, what travels and what does not.

use std::fs;
use std::sync::{Arc, Mutex};

use stowaway_domain::manifest::Manifest;
use stowaway_domain::{Digest, StoreKey};
use stowaway_engine::publish::{Progress, ProgressEvent, Published};

use super::scene::{MIB, Scene, assets, noise, tag, wav};

/// Bytes uploaded and bytes to fetch of a release that must be number `expected`.
fn released(published: &Published, expected: u64) -> (u64, Option<u64>) {
    match published {
        Published::Released { release, bytes_uploaded, bytes_to_fetch_from_previous, .. } if *release == expected => {
            (*bytes_uploaded, *bytes_to_fetch_from_previous)
        }
        other => panic!("not release {expected}: {other:?}"),
    }
}

fn identifiers(manifest: &Manifest) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = assets(manifest)
        .into_iter()
        .filter_map(|link| link.properties.as_ref())
        .filter_map(|asset| Some((asset.path.to_string(), asset.identifier.clone()?)))
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn the_same_folder_again_is_unchanged() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(50_000, 1));
    released(&scene.publish().await.unwrap(), 1);
    assert_eq!(scene.publish().await.unwrap(), Published::Unchanged { release: 1 });
    assert_eq!(scene.db.releases(&tag()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_that_is_only_touched_is_unchanged() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(50_000, 1));
    scene.publish().await.unwrap();
    scene.write("01.wav", wav(50_000, 1));
    assert_eq!(scene.publish().await.unwrap(), Published::Unchanged { release: 1 });
}

#[tokio::test]
async fn a_changed_folder_is_the_next_release_and_says_what_clients_must_fetch() {
    let scene = Scene::new().await;
    let first = wav(6 * MIB, 1);
    scene.write("01.wav", &first);
    scene.write("02.wav", wav(50_000, 2));
    let (uploaded, to_fetch) = released(&scene.publish().await.unwrap(), 1);
    assert_eq!((uploaded, to_fetch), (6 * MIB as u64 + 44 + 50_044, None));

    let mut changed = first;
    let end = changed.len();
    changed[end - 1000..].copy_from_slice(&noise(1000, 9));
    scene.write("01.wav", &changed);
    let (uploaded, to_fetch) = released(&scene.publish().await.unwrap(), 2);
    assert_eq!(uploaded, changed.len() as u64, "the one blob that is new");
    let to_fetch = to_fetch.unwrap();
    assert!(to_fetch < changed.len() as u64 * 3 / 4, "only the pieces that changed, not {to_fetch}");
    assert_eq!(scene.release_that_readers_see().await, Some(2));

    let manifest = scene.current_manifest().await;
    let previous = manifest.download.previous.unwrap();
    let row = scene.db.release(&tag(), 1).await.unwrap().unwrap();
    assert_eq!((previous.release, previous.digest), (1, row.release_digest));
    scene.expect_whole(&row).await;
}

#[tokio::test]
async fn going_back_to_an_older_state_is_a_new_release_that_uploads_nothing() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(50_000, 1));
    scene.publish().await.unwrap();
    scene.write("01.wav", wav(50_000, 2));
    scene.publish().await.unwrap();
    scene.write("01.wav", wav(50_000, 1));
    assert_eq!(released(&scene.publish().await.unwrap(), 3).0, 0);
}

#[tokio::test]
async fn a_changed_title_alone_is_a_release_whose_only_news_is_the_index() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(50_000, 1));
    scene.publish().await.unwrap();
    scene.write("tag.toml", "title = \"Better\"");
    let (uploaded, to_fetch) = released(&scene.publish().await.unwrap(), 2);
    assert_eq!(uploaded, 0);
    assert!(to_fetch.unwrap() < 1000);
    assert_eq!(scene.current_manifest().await.metadata.title, "Better");
}

#[tokio::test]
async fn a_release_says_when_it_expires_until_its_folder_no_longer_does() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(50_000, 1));
    scene.write("tag.toml", "expires = 9000-01-31T01:00:00+01:00");
    released(&scene.publish().await.unwrap(), 1);
    assert_eq!(scene.current_manifest().await.download.expires.as_deref(), Some("9000-01-31T00:00:00Z"));
    assert!(matches!(scene.publish().await.unwrap(), Published::Unchanged { release: 1 }));
    scene.write("tag.toml", "");
    released(&scene.publish().await.unwrap(), 2);
    assert_eq!(scene.current_manifest().await.download.expires, None);
}

#[tokio::test]
async fn lessons_keep_their_identifiers_through_change_and_rename() {
    let scene = Scene::new().await;
    scene.write("01-one.wav", wav(20_000, 1));
    scene.write("02-two.wav", wav(20_000, 2));
    scene.publish().await.unwrap();
    let before = scene.current_manifest().await;
    scene.write("01-one.wav", wav(20_000, 3));
    fs::rename(scene.folder().join("02-two.wav"), scene.folder().join("05-two.wav")).unwrap();
    scene.publish().await.unwrap();
    let after = scene.current_manifest().await;
    assert_eq!(before.metadata.identifier, after.metadata.identifier);
    let (before, after) = (identifiers(&before), identifiers(&after));
    assert_eq!(after[0], before[0]);
    assert_eq!(after[1], ("05-two.wav".to_owned(), before[1].1.clone()));
}

#[tokio::test]
async fn equal_files_are_stored_once() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(50_000, 1));
    scene.write("02.wav", wav(50_000, 1));
    let (uploaded, _) = released(&scene.publish().await.unwrap(), 1);
    assert_eq!(uploaded, 50_044);
    assert_eq!(scene.stored_files().iter().filter(|file| file.starts_with("blobs/")).count(), 1);
    assert_eq!(assets(&scene.current_manifest().await).len(), 2);
}

#[tokio::test]
async fn publishing_again_mends_a_blob_that_was_lost_or_cut_off() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(50_000, 1));
    scene.write("02.wav", wav(50_000, 2));
    scene.publish().await.unwrap();
    let blob = |seed| scene.store.local_path(&StoreKey::Blob(Digest::of(&wav(50_000, seed)))).unwrap();
    fs::remove_file(blob(1)).unwrap();
    fs::File::options().write(true).open(blob(2)).unwrap().set_len(10).unwrap();
    assert_eq!(scene.publish().await.unwrap(), Published::Unchanged { release: 1 });
    assert_eq!(scene.release_that_readers_see().await, Some(1));
}

#[tokio::test]
async fn the_numbers_that_are_told_are_those_of_the_manifest() {
    let scene = Scene::new().await;
    scene.write("01/01.wav", wav(50_000, 1));
    scene.write("01/01.en.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n");
    scene.write("02/01.wav", wav(60_000, 2));
    let Published::Released { digest, assets: count, bytes_total, .. } = scene.publish().await.unwrap() else {
        panic!()
    };
    let manifest = scene.current_manifest().await;
    let everything = &manifest.download.selections[0];
    assert_eq!((digest, bytes_total), (manifest.download.digest, everything.download_total));
    let links = assets(&manifest);
    assert_eq!(links.len() as u64, count);
    let sum: u64 = links.iter().map(|link| link.size.unwrap()).sum();
    assert_eq!(bytes_total, sum + manifest.download.pieces.size);
}

#[derive(Default)]
struct Watch(Mutex<Vec<ProgressEvent>>);

impl Progress for Watch {
    fn report(&self, event: &ProgressEvent) {
        self.0.lock().unwrap().push(event.clone());
    }
}

#[tokio::test]
async fn progress_adds_up_to_what_was_announced() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(3 * MIB, 1));
    scene.write("02.wav", wav(3 * MIB, 1));
    scene.write("03.wav", wav(MIB, 2));
    let watch = Arc::new(Watch::default());
    scene.publisher().publish(&scene.folder(), &tag(), Arc::clone(&watch) as Arc<dyn Progress>).await.unwrap();
    let events = watch.0.lock().unwrap();
    let sum = |pick: fn(&ProgressEvent) -> u64| events.iter().map(pick).sum::<u64>();
    let bytes = 7 * MIB as u64 + 3 * 44;
    assert_eq!(events[0], ProgressEvent::Scanned { files: 3, bytes });
    assert_eq!(sum(|event| if let ProgressEvent::Read { bytes } = event { *bytes } else { 0 }), bytes);
    assert_eq!(sum(|event| u64::from(matches!(event, ProgressEvent::Described { .. }))), 3);
    let once = 4 * MIB as u64 + 2 * 44;
    assert!(events.contains(&ProgressEvent::UploadPlanned { blobs: 2, bytes: once }));
    assert_eq!(sum(|event| if let ProgressEvent::Uploaded { bytes } = event { *bytes } else { 0 }), once);
}
