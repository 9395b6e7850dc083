//! An adoption that ends anywhere, by an error or with its process, leaves readers the old release or the new one and the objects of others as
//! they were; and running it again finishes, without reading again what was noted.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use proptest::prelude::*;
use stowaway_domain::piece::PieceIndex;
use stowaway_domain::{Digest, StoreKey};
use stowaway_engine::db::Database;
use stowaway_engine::publish::{
    AdoptError, AdoptOptions, FaultPoint, PublishError, PublishOptions, Published, Publisher,
};
use stowaway_engine::store::Store;

use super::adopt::{Bucket, Watch, below, captions, collect, everything, whole};
use super::faults::{AbortAt, FailAt, death, expect_death, for_rows};
use super::object_stores::Kind;
use super::scene::{assets, small_parts, tag, wav};

/// Objects of the changed bucket, the description not counted.
const OBJECTS: usize = 4;

/// Points of an adoption: those of a publish without those of a blob that is uploaded.
fn points() -> Vec<FaultPoint> {
    let uploaded = [FaultPoint::Uploading, FaultPoint::BlobStored];
    let of_publish = FaultPoint::ALL.iter().filter(|point| !uploaded.contains(point));
    of_publish.chain(FaultPoint::OF_OBJECTS).copied().collect()
}

/// Release 1 is adopted, and the bucket has changed since: one object is another, one is new.
async fn changed_bucket(kind: Option<Kind>) -> Option<Bucket> {
    let bucket = Bucket::open(kind).await?;
    bucket.adopt().await.unwrap();
    change(&bucket).await;
    Some(bucket)
}

async fn change(bucket: &Bucket) {
    bucket.put("old shows/01 first.wav", &wav(200_000, 3)).await;
    bucket.put("old shows/02 second.en.vtt", &other_captions()).await;
    bucket.put("old shows/02 second.wav", &wav(90_000, 4)).await;
    bucket.put("old shows/more/02.wav", &wav(70_000, 5)).await;
}

/// Other captions of the same length.
fn other_captions() -> Vec<u8> {
    let mut captions = captions();
    let at = captions.iter().position(|&byte| byte == b'L').unwrap();
    captions[at] = b'H';
    captions
}

/// What others have in the bucket.
async fn of_others(bucket: &Bucket) -> Vec<(String, Option<String>)> {
    let all = bucket.store.list_below("").await.unwrap().into_iter();
    let mut others: Vec<_> =
        all.filter(|object| !StoreKey::is_own(&object.path)).map(|object| (object.path, object.etag)).collect();
    others.sort();
    others
}

/// The number of the current release, after everything that it names was found whole.
async fn release_that_readers_see(bucket: &Bucket) -> Option<u64> {
    let pointer = bucket.db.tag_pointer(&tag()).await.unwrap()?;
    let row = bucket.db.release(&tag(), pointer.release).await.unwrap().unwrap();
    Some(row.number)
}

/// Reads everything that the current release names.
async fn expect_whole(bucket: &Bucket) {
    let number = release_that_readers_see(bucket).await.unwrap();
    let row = bucket.db.release(&tag(), number).await.unwrap().unwrap();
    let reader = bucket.reader();
    let manifest = reader.manifest(&tag(), number).await.unwrap();
    let index = reader.release_pieces(&tag(), number).await.unwrap();
    let index: PieceIndex = serde_json::from_slice(&whole(&reader, &index).await.unwrap()).unwrap();
    let links = assets(&manifest);
    for link in &links {
        let asset = link.properties.as_ref().unwrap();
        let resource = reader.media(&tag(), &asset.path).await.unwrap();
        let bytes = whole(&reader, &resource).await.unwrap();
        assert_eq!(Digest::of(&bytes), asset.digest, "{}", asset.path);
        let own = bucket.store.get_bytes(&StoreKey::BlobPieces(asset.digest), u64::MAX).await.unwrap();
        let listed = index.blobs.iter().find(|blob| blob.digest == asset.digest).unwrap();
        assert_eq!(own, PieceIndex::new(vec![listed.clone()]).to_bytes());
        if link.media_type == "text/vtt" {
            expect_forms(bucket, asset.digest).await;
        }
    }
    for document in [row.manifest_digest, row.pieces_digest] {
        expect_forms(bucket, document).await;
    }
    reader.release_metalink(&tag(), number).await.unwrap();
    let record = bucket.store.get_bytes(&row.record_key(), u64::MAX).await;
    assert!(record.is_ok(), "the database can be made again: {record:?}");
}

async fn expect_forms(bucket: &Bucket, identity: Digest) {
    let forms = bucket.db.variants(&identity).await.unwrap();
    assert!(!forms.is_empty(), "{identity} has coded forms");
    for form in forms {
        let bytes = bucket.store.get_bytes(&form.key(), u64::MAX).await.unwrap();
        assert_eq!(Digest::of(&bytes), form.digest);
    }
}

fn copies_left(directory: &Path) -> usize {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("stowaway-adopt")).count()
}

/// What must hold after an adoption of release 2 ended at `point`, and that adopting again finishes.
async fn expect_recovery(bucket: &Bucket, point: FaultPoint, others: &[(String, Option<String>)]) {
    let committed = point == FaultPoint::Committed;
    assert_eq!(release_that_readers_see(bucket).await, Some(if committed { 2 } else { 1 }), "after {point}");
    let again = bucket.adopt().await.unwrap();
    match again {
        Published::Unchanged { release: 2 } if committed => {}
        Published::Released { release: 2, bytes_uploaded: 0, .. } if !committed => {}
        again => panic!("after {point}: {again:?}"),
    }
    expect_whole(bucket).await;
    assert_eq!(of_others(bucket).await, others, "after {point}");
    assert_eq!(copies_left(bucket.directory.path()), 0, "after {point}");
    collect(bucket).await;
    expect_whole(bucket).await;
    assert_eq!(of_others(bucket).await, others, "after {point} and a gc");
    assert!(matches!(bucket.adopt().await.unwrap(), Published::Unchanged { release: 2 }));
}

async fn adopt_failing(bucket: &Bucket, hook: &Arc<FailAt<FaultPoint>>) -> (Result<Published, AdoptError>, Arc<Watch>) {
    let (publisher, watch) = (bucket.publisher().with_faults(hook.clone()), Arc::default());
    (bucket.adopt_with(&publisher, &below("old shows"), &watch).await, watch)
}

#[tokio::test]
async fn every_point_is_reached_and_those_of_an_object_for_each_that_changed() {
    let bucket = changed_bucket(None).await.unwrap();
    let hook = FailAt::new(None);
    adopt_failing(&bucket, &hook).await.0.unwrap();
    let mut reached = hook.firsts();
    assert_eq!(reached.iter().position(|&point| point == FaultPoint::Scanned), Some(0));
    for point in FaultPoint::OF_OBJECTS {
        assert_eq!(hook.count(*point), OBJECTS, "{point}");
    }
    reached.sort_by_key(|point| point.name());
    let mut all = points();
    all.sort_by_key(|point| point.name());
    assert_eq!(reached, all);
}

#[tokio::test]
async fn an_error_at_any_step_shows_the_old_release_or_the_new_one_and_again_finishes() {
    for point in points() {
        let of_object = FaultPoint::OF_OBJECTS.contains(&point);
        for nth in if of_object { vec![1, OBJECTS] } else { vec![1] } {
            let bucket = changed_bucket(None).await.unwrap();
            let others = of_others(&bucket).await;
            let (failed, _) = adopt_failing(&bucket, &FailAt::nth(Some(point), nth)).await;
            let failed = failed.unwrap_err();
            let is_fault = matches!(failed, AdoptError::Publish(PublishError::Fault(at)) if at == point);
            assert!(is_fault && !failed.is_misuse(), "{point}: {failed}");
            assert_eq!(copies_left(bucket.directory.path()), 0, "after {point}");
            expect_recovery(&bucket, point, &others).await;
        }
    }
}

#[tokio::test]
async fn in_a_bucket_too() {
    for point in [FaultPoint::ObjectIndexed, FaultPoint::ObjectNoted, FaultPoint::ManifestStored, FaultPoint::Committed]
    {
        let Some(bucket) = changed_bucket(Some(Kind::Moto)).await else { return };
        let others = of_others(&bucket).await;
        adopt_failing(&bucket, &FailAt::new(Some(point))).await.0.unwrap_err();
        expect_recovery(&bucket, point, &others).await;
    }
}

#[tokio::test]
async fn a_first_adoption_that_fails_leaves_no_tag() {
    for point in points().into_iter().filter(|&point| point != FaultPoint::Committed) {
        let bucket = Bucket::open(None).await.unwrap();
        adopt_failing(&bucket, &FailAt::new(Some(point))).await.0.unwrap_err();
        assert_eq!(release_that_readers_see(&bucket).await, None, "after {point}");
        assert!(bucket.db.tags_page(None, 10).await.unwrap().is_empty());
        assert!(matches!(bucket.adopt().await.unwrap(), Published::Released { release: 1, .. }));
        expect_whole(&bucket).await;
    }
}

#[tokio::test]
async fn what_was_noted_before_the_end_is_not_read_again() {
    let bucket = changed_bucket(None).await.unwrap();
    let (failed, before) = adopt_failing(&bucket, &FailAt::new(Some(FaultPoint::Described))).await;
    failed.unwrap_err();
    assert!(before.read.load(Ordering::Relaxed) > 0);
    let (outcome, again) = adopt_failing(&bucket, &FailAt::new(None)).await;
    outcome.unwrap();
    assert_eq!(again.read.load(Ordering::Relaxed), 0);
}

/// Several ends one after another, each at any point, with other changes of the bucket between them.
#[test]
fn any_row_of_ends_leaves_one_release_or_the_other_and_the_last_run_finishes() {
    let end = (proptest::sample::select(points()), 1..=OBJECTS, any::<bool>(), any::<bool>());
    for_rows(16, proptest::collection::vec(end, 1..5), |ends| async move {
        let bucket = changed_bucket(None).await.unwrap();
        let mut seen = 1;
        for (turn, (point, nth, changes, collects)) in ends.into_iter().enumerate() {
            let (ended, _) = adopt_failing(&bucket, &FailAt::nth(Some(point), nth)).await;
            let now = release_that_readers_see(&bucket).await.unwrap();
            let may_be_new = ended.is_ok() || point == FaultPoint::Committed;
            assert!(now == seen || (may_be_new && now == seen + 1), "{seen}, {now} after {point}: {ended:?}");
            seen = now;
            if changes {
                bucket.put("old shows/more/03.wav", &wav(10_000, 50 + turn as u64)).await;
            }
            if collects {
                collect(&bucket).await;
            }
        }
        let others = of_others(&bucket).await;
        bucket.adopt().await.unwrap();
        expect_whole(&bucket).await;
        let before = everything(&bucket).await;
        assert_eq!(copies_left(bucket.directory.path()), 0);
        collect(&bucket).await;
        expect_whole(&bucket).await;
        assert_eq!(of_others(&bucket).await, others);
        assert!(everything(&bucket).await.len() <= before.len());
    });
}

#[tokio::test]
#[ignore = "the process that a_process_that_dies_… starts and that dies"]
async fn dies() {
    let (point, directory) = death();
    let point: FaultPoint = point.parse().unwrap();
    let store = Store::open(&format!("file://{}", directory.join("store").display()), &small_parts()).unwrap();
    let db = Database::open(&Database::sqlite_url(&directory.join("stowaway.db")).unwrap()).await.unwrap();
    let publisher = Publisher::new(store, db, PublishOptions::default()).with_faults(Arc::new(AbortAt(point)));
    let options = AdoptOptions { scratch: directory };
    let adopted = publisher.adopt(&below("old shows"), &tag(), &options, Arc::new(Watch::default())).await;
    panic!("should have died at {point}: {adopted:?}");
}

#[tokio::test]
async fn a_process_that_dies_at_any_step_shows_the_old_release_or_the_new_one_and_again_finishes() {
    for point in points() {
        let bucket = changed_bucket(None).await.unwrap();
        let others = of_others(&bucket).await;
        expect_death("adopt_crash::dies", point.name(), bucket.directory.path());
        expect_recovery(&bucket, point, &others).await;
    }
}
