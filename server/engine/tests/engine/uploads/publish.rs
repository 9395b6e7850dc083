//! Publishing what was uploaded: the same release as from a folder, and nothing half of it.

use std::sync::{Arc, Mutex};

use stowaway_domain::file_list::{FileList, ListedFile};
use stowaway_domain::tag_metadata::TagMetadata;
use stowaway_domain::{Digest, StoreKey, tag_metadata};
use stowaway_engine::publish::{FaultHook, FaultPoint, NoProgress, PublishError, Published};

use crate::scene::{MIB, Scene, tag, wav};

const TAG_TOML: &str = "title = \"Sounds\"\n[items.\"01/01.wav\"]\ntitle = \"First\"\n";

/// The files of a folder, and what lies in it.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("01/01.wav", wav(2 * MIB, 1)),
        ("01/01.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n".to_vec()),
        ("01/02.wav", wav(30_000, 2)),
        ("02/10.wav", wav(40_000, 3)),
        ("02/9.wav", wav(50_000, 4)),
        ("02/copy.wav", wav(50_000, 4)),
    ]
}

fn list(files: &[(&str, Vec<u8>)]) -> FileList {
    let listed = files.iter().rev().map(|(path, bytes)| ListedFile {
        path: path.parse().unwrap(),
        size: bytes.len() as u64,
        digest: Digest::of(bytes),
    });
    FileList::new(listed.collect()).unwrap()
}

fn metadata() -> TagMetadata {
    tag_metadata::parse(TAG_TOML).unwrap()
}

async fn store(scene: &Scene, files: &[(&str, Vec<u8>)]) {
    for (_, bytes) in files {
        scene.store.put_bytes(&StoreKey::Blob(Digest::of(bytes)), bytes.clone().into()).await.unwrap();
    }
}

async fn publish_stored(scene: &Scene, files: &[(&str, Vec<u8>)]) -> Result<Published, PublishError> {
    scene.publisher().publish_stored(list(files), metadata(), &tag(), Arc::new(NoProgress)).await
}

#[tokio::test]
async fn a_list_of_stored_blobs_makes_the_release_that_the_folder_makes() {
    let scene = Scene::new().await;
    let files = files();
    store(&scene, &files).await;
    let published = publish_stored(&scene, &files).await.unwrap();
    assert!(matches!(published, Published::Released { release: 1, assets: 6, bytes_uploaded: 0, .. }), "{published:?}");
    assert_eq!(scene.release_that_readers_see().await, Some(1));
    assert_eq!(scene.current_manifest().await.metadata.title, "Sounds");
    for (path, bytes) in &files {
        scene.write(path, bytes);
    }
    scene.write("tag.toml", TAG_TOML);
    // The manifest of the folder has the same digest, byte for byte.
    assert_eq!(scene.publish().await.unwrap(), Published::Unchanged { release: 1 });
    // And the other way round, with what the first read found out.
    scene.write("02/10.wav", wav(41_000, 9));
    assert!(matches!(scene.publish().await.unwrap(), Published::Released { release: 2, .. }));
    let mut changed = files;
    changed[3].1 = wav(41_000, 9);
    assert_eq!(publish_stored(&scene, &changed).await.unwrap(), Published::Unchanged { release: 2 });
}

#[tokio::test]
async fn a_blob_that_is_missing_or_damaged_is_named_and_readers_see_nothing() {
    let scene = Scene::new().await;
    let files = files();
    store(&scene, &files[1..]).await;
    let refused = publish_stored(&scene, &files).await.unwrap_err();
    assert!(matches!(&refused, PublishError::NotStored { path, .. } if path.as_str() == "01/01.wav"), "{refused:?}");
    let mut damaged = files[0].1.clone();
    damaged[MIB] ^= 1;
    scene.store.put_bytes(&StoreKey::Blob(Digest::of(&files[0].1)), damaged.into()).await.unwrap();
    let refused = publish_stored(&scene, &files).await.unwrap_err();
    assert!(
        matches!(&refused, PublishError::StoredDamaged { path, .. } if path.as_str() == "01/01.wav"),
        "{refused:?}"
    );
    assert_eq!(scene.release_that_readers_see().await, None);
    store(&scene, &files).await;
    assert!(matches!(publish_stored(&scene, &files).await.unwrap(), Published::Released { release: 1, .. }));
}

struct FailAt(FaultPoint, Mutex<bool>);

impl FaultHook for FailAt {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        if point == self.0 {
            *self.1.lock().unwrap() = true;
            return Err(point);
        }
        Ok(())
    }
}

#[tokio::test]
async fn an_error_at_any_step_shows_no_release_or_a_whole_one_and_again_finishes() {
    // Nothing is sent from here to the store: these two points are the uploads'.
    let elsewhere = [FaultPoint::Uploading, FaultPoint::BlobStored];
    for &point in FaultPoint::ALL.iter().filter(|point| !elsewhere.contains(point)) {
        let scene = Scene::new().await;
        let files = files();
        store(&scene, &files).await;
        let hook = Arc::new(FailAt(point, Mutex::default()));
        let publisher = scene.publisher().with_faults(hook.clone());
        let failed =
            publisher.publish_stored(list(&files), metadata(), &tag(), Arc::new(NoProgress)).await.unwrap_err();
        assert!(matches!(failed, PublishError::Fault(at) if at == point), "{point}: {failed}");
        let seen = scene.release_that_readers_see().await;
        assert_eq!(seen, (point == FaultPoint::Committed).then_some(1), "after {point}");
        let again = publish_stored(&scene, &files).await.unwrap();
        match point {
            FaultPoint::Committed => assert_eq!(again, Published::Unchanged { release: 1 }),
            _ => assert!(matches!(again, Published::Released { release: 1, .. }), "after {point}: {again:?}"),
        }
        assert_eq!(scene.release_that_readers_see().await, Some(1));
    }
}
