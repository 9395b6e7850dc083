//! gc beside uploads: what somebody brings or has brought stays, and what gc was removing already is stored again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use stowaway_domain::{Digest, StoreKey, Subject};
use stowaway_engine::gc::{Collector, GcHook, GcOptions, GcPoint, GcReport};
use stowaway_engine::jobs::{Job, JobKind};
use stowaway_engine::uploads::{UploadError, UploadState};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::place::{OWNER, Place, metadata_of};
use crate::scene::noise;

async fn collect(place: &Place, hook: Option<Box<dyn GcHook>>) -> GcReport {
    let options = GcOptions { delete: true, grace: Duration::ZERO, ..GcOptions::default() };
    let job = Job::begin(&place.db, JobKind::Gc, &"a test").await.unwrap();
    let mut collector = Collector::new(place.store.clone(), place.db.clone(), options);
    if let Some(hook) = hook {
        collector = collector.with_hook(hook);
    }
    let report = collector.run(&job, &|| false).await.unwrap();
    job.finish(Ok(&report)).await.unwrap();
    report
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

        assert_eq!(collect(&place, None).await.total().count, 1);
        place.expect_no_blob(&nobodys).await;
        place.expect_blob(&brought).await;
        assert!(place.append(&uploads, &state.id, 1234, &begun[1234..]).await.unwrap().finished);
        assert_eq!(collect(&place, None).await.total().count, 0);
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
    assert_eq!(collect(&place, Some(Box::new(hook))).await.total().count, 1);
    let task = uploading.lock().unwrap().take().unwrap();
    assert!(task.await.unwrap().unwrap().finished);
    place.expect_blob(&bytes).await;
    assert_eq!(collect(&place, None).await.total().count, 0);
    place.expect_blob(&bytes).await;
}
