//! gc beside uploads: what somebody brings or has brought stays, and what gc was removing already is stored again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stowaway_domain::file_list::{FileList, ListedFile};
use stowaway_domain::tag_metadata::TagMetadata;
use stowaway_domain::{Digest, StoreKey, Subject};
use stowaway_engine::gc::{GcHook, GcPoint};
use stowaway_engine::publications::{Publication, PublicationState, Publications};
use stowaway_engine::publish::{FaultPoint, Published, Publisher};
use stowaway_engine::uploads::{Append, UploadError, UploadOptions, UploadState, Uploads};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::place::{OWNER, Place, body, metadata_of};
use crate::collecting::{CollectAt, collect, collect_with, without_grace};
use crate::scene::{Scene, noise, tag, wav};

async fn removed(place: &Place) -> u64 {
    collect(&place.store, &place.db, without_grace(true)).await.unwrap().total().count
}

async fn orphan(place: &Place, bytes: &[u8]) {
    place.store.put_bytes(&StoreKey::Blob(Digest::of(bytes)), bytes.to_vec().into()).await.unwrap();
}

#[tokio::test]
async fn gc_leaves_what_is_uploaded_and_what_was() {
    for place in [Place::folder(1000).await, Place::memory(1000).await] {
        let (brought, begun, nobodys) = (noise(2500, 1), noise(3500, 2), noise(1500, 3));
        let uploads = place.uploads();
        let done = uploads.create(OWNER, 2500, &metadata_of(&brought)).await.unwrap();
        assert!(place.append(&uploads, &done.id, 0, &brought).await.unwrap().finished);
        let state = uploads.create(OWNER, 3500, &metadata_of(&begun)).await.unwrap();
        place.append(&uploads, &state.id, 0, &begun[..1234]).await.unwrap();
        orphan(&place, &nobodys).await;

        assert_eq!(removed(&place).await, 1);
        place.expect_no_blob(&nobodys).await;
        place.expect_blob(&brought).await;
        assert!(place.append(&uploads, &state.id, 1234, &begun[1234..]).await.unwrap().finished);
        assert_eq!(removed(&place).await, 0);
        place.expect_blob(&begun).await;
    }
}

type Uploading = JoinHandle<Result<UploadState, UploadError>>;

/// Brings the bytes while gc has condemned them and not removed them yet.
struct Bring {
    place: Arc<Place>,
    bytes: Vec<u8>,
    uploading: Arc<Mutex<Option<Uploading>>>,
}

impl GcHook for Bring {
    fn reached(&self, point: GcPoint) -> Result<(), GcPoint> {
        let mut uploading = self.uploading.lock().unwrap();
        if point != GcPoint::Condemned || uploading.is_some() {
            return Ok(());
        }
        let (place, bytes) = (Arc::clone(&self.place), self.bytes.clone());
        let task = tokio::spawn(async move {
            let uploads = place.uploads();
            let state = uploads.create(OWNER, bytes.len() as u64, &metadata_of(&bytes)).await?;
            place.append(&uploads, &state.id, 0, &bytes).await
        });
        let subject = Subject::Content(Digest::of(&self.bytes));
        // Until it wants to store the blob.
        tokio::task::block_in_place(|| {
            Handle::current().block_on(async {
                while !task.is_finished() && !self.place.db.is_claimed(&subject).await.unwrap() {
                    tokio::task::yield_now().await;
                }
            });
        });
        assert!(!task.is_finished(), "it waits until gc has removed the blob");
        *uploading = Some(task);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_what_gc_is_removing_stores_it_again() {
    let place = Arc::new(Place::folder(1000).await);
    let bytes = noise(2500, 4);
    orphan(&place, &bytes).await;
    let uploading = Arc::default();
    let hook = Bring { place: Arc::clone(&place), bytes: bytes.clone(), uploading: Arc::clone(&uploading) };
    let report = collect_with(&place.store, &place.db, without_grace(true), Box::new(hook)).await.unwrap();
    assert_eq!(report.total().count, 1);
    let task = uploading.lock().unwrap().take().unwrap();
    assert!(task.await.unwrap().unwrap().finished);
    place.expect_blob(&bytes).await;
    assert_eq!(removed(&place).await, 0);
    place.expect_blob(&bytes).await;
}

type Files = Vec<(&'static str, Vec<u8>)>;

fn files(seed: u64) -> Files {
    vec![("01.wav", wav(200_000, 1)), ("02.wav", wav(30_000, seed)), ("01.en.vtt", b"WEBVTT\n\n".repeat(300))]
}

fn publication(files: &Files) -> Publication {
    let listed = files.iter().map(|(path, bytes)| ListedFile {
        path: path.parse().unwrap(),
        size: bytes.len() as u64,
        digest: Digest::of(bytes),
    });
    let texts: String = files.iter().map(|(_, bytes)| Digest::of(bytes).hex()).collect();
    Publication {
        tag: tag(),
        owner: OWNER.to_owned(),
        files: FileList::new(listed.collect()).unwrap(),
        metadata: TagMetadata::default(),
        digest: Digest::of(texts.as_bytes()),
    }
}

/// Does what a client does: asks, brings what is missing, and asks again until there is a release.
async fn publish_over_the_network(scene: &Scene, publisher: Publisher, files: &Files) -> u64 {
    let uploads = Uploads::new(scene.store.clone(), scene.db.clone(), UploadOptions::default());
    let publications = Publications::new(publisher, uploads.clone(), scene.db.clone());
    for _ in 0..10 {
        let asked = publications.publish(publication(files), &|_| true, Duration::from_secs(60)).await.unwrap();
        let missing = match asked {
            PublicationState::Done(Published::Released { release, .. } | Published::Unchanged { release }) => {
                return release;
            }
            PublicationState::Running => continue,
            PublicationState::Missing(missing) => missing,
        };
        for blob in missing {
            let (_, bytes) = files.iter().find(|(_, bytes)| Digest::of(bytes) == blob.digest).unwrap();
            let upload = match blob.upload {
                Some(upload) => upload,
                None => uploads.create(OWNER, blob.size, &metadata_of(bytes)).await.unwrap(),
            };
            let rest = &bytes[usize::try_from(upload.offset).unwrap()..];
            let append = Append { offset: upload.offset, length: Some(rest.len() as u64), checksum: None };
            assert!(uploads.append(OWNER, &upload.id, append, body(rest)).await.unwrap().finished);
        }
    }
    panic!("there is still something missing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gc_in_the_middle_of_a_publication_removes_nothing_it_relies_on() {
    // In the middle of its transaction SQLite lets nobody else write; the other two are of publishes that send bytes to the store.
    let elsewhere = [FaultPoint::Committing, FaultPoint::Uploading, FaultPoint::BlobStored];
    for &point in FaultPoint::ALL.iter().filter(|point| !elsewhere.contains(point)) {
        let scene = Scene::new().await;
        let nobodys = noise(1500, 3);
        scene.store.put_bytes(&StoreKey::Blob(Digest::of(&nobodys)), nobodys.into()).await.unwrap();
        let hook = Arc::new(CollectAt::new(point, &scene.store, &scene.db));
        let release = publish_over_the_network(&scene, scene.publisher().with_faults(hook.clone()), &files(2)).await;
        assert_eq!(hook.removed(), Some(1), "{point}: what nobody needs goes, and nothing else");
        assert_eq!(scene.release_that_readers_see().await, Some(release), "{point}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn publications_and_gcs_without_end_never_leave_a_release_with_a_hole() {
    let scene = Scene::new().await;
    let (store, db, done) = (scene.store.clone(), scene.db.clone(), Arc::new(AtomicBool::new(false)));
    let finished = Arc::clone(&done);
    let gc = tokio::spawn(async move {
        let mut runs = 0;
        while !finished.load(Ordering::SeqCst) {
            collect(&store, &db, without_grace(true)).await.unwrap();
            runs += 1;
        }
        runs
    });
    for seed in 0..10 {
        // Its bytes lie there as somebody's who was killed: gc may be removing them while they are brought.
        let files = files(10 + seed);
        let orphan = &files[1].1;
        let path = scene.store.local_path(&StoreKey::Blob(Digest::of(orphan))).unwrap();
        // Not by the store: what nobody claims, gc removes while it is being written.
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(scene.directory.path().join("orphan"), orphan).unwrap();
        std::fs::rename(scene.directory.path().join("orphan"), path).unwrap();
        assert_eq!(publish_over_the_network(&scene, scene.publisher(), &files).await, seed + 1);
    }
    done.store(true, Ordering::SeqCst);
    assert!(gc.await.unwrap() > 0);
    for number in 1..=10 {
        scene.expect_whole(&scene.db.release(&tag(), number).await.unwrap().unwrap()).await;
    }
}
