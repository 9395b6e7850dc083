//! A publish that ends anywhere, by an error or with its process, leaves readers the old release or the new one, and
//! running it again finishes.

use std::sync::Arc;

use proptest::prelude::*;
use stowaway_engine::publish::{FaultHook, FaultPoint, NoProgress, PublishError, PublishOptions, Published, Publisher};

use super::collecting::{collect, without_grace};
use super::faults::{AbortAt, FailAt, death, expect_death, for_rows};
use super::scene::{MIB, Scene, open, tag, wav};

/// Release 1 is published, and the folder has changed since.
async fn changed_folder() -> Scene {
    let scene = Scene::new().await;
    scene.write("01/01.wav", wav(2 * MIB, 1));
    scene.write("01/02.wav", wav(30_000, 2));
    scene.publish().await.unwrap();
    scene.write("01/01.wav", wav(2 * MIB, 3));
    scene.write("02/01.wav", wav(40_000, 4));
    scene
}

/// What must hold after a publish of release 2 ended at `point`, and that publishing again finishes.
async fn expect_recovery(scene: &Scene, point: FaultPoint) {
    let expected = if point == FaultPoint::Committed { 2 } else { 1 };
    assert_eq!(scene.release_that_readers_see().await, Some(expected), "after {point}");
    let again = scene.publish().await.unwrap();
    match point {
        FaultPoint::Committed => assert_eq!(again, Published::Unchanged { release: 2 }),
        _ => assert!(matches!(again, Published::Released { release: 2, .. }), "after {point}: {again:?}"),
    }
    assert_eq!(scene.release_that_readers_see().await, Some(2), "after {point} and again");
    scene.expect_whole(&scene.db.release(&tag(), 1).await.unwrap().unwrap()).await;
    assert_eq!(scene.publish().await.unwrap(), Published::Unchanged { release: 2 });
}

#[tokio::test]
async fn every_fault_point_is_reached_in_the_order_in_which_it_is_listed() {
    let scene = changed_folder().await;
    let hook = FailAt::new(None);
    let publisher = scene.publisher().with_faults(Arc::clone(&hook) as Arc<dyn FaultHook>);
    publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await.unwrap();
    assert_eq!(hook.firsts(), FaultPoint::ALL);
}

#[tokio::test]
async fn an_error_at_any_step_shows_the_old_release_or_the_new_one_and_again_finishes() {
    for &point in FaultPoint::ALL {
        let scene = changed_folder().await;
        let publisher = scene.publisher().with_faults(FailAt::new(Some(point)));
        let failed = publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await.unwrap_err();
        assert!(matches!(failed, PublishError::Fault(at) if at == point), "{point}: {failed}");
        assert!(!failed.is_misuse());
        expect_recovery(&scene, point).await;
    }
}

#[tokio::test]
async fn a_first_publish_that_fails_leaves_no_tag() {
    for &point in FaultPoint::ALL.iter().filter(|&&point| point != FaultPoint::Committed) {
        let scene = Scene::new().await;
        scene.write("01.wav", wav(30_000, 1));
        let publisher = scene.publisher().with_faults(FailAt::new(Some(point)));
        publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await.unwrap_err();
        assert_eq!(scene.release_that_readers_see().await, None, "after {point}");
        assert!(scene.db.tags_page(None, 10).await.unwrap().is_empty());
        assert!(matches!(scene.publish().await.unwrap(), Published::Released { release: 1, .. }));
    }
}

#[tokio::test]
async fn blobs_that_arrived_before_the_fault_are_not_uploaded_again() {
    let scene = changed_folder().await;
    let publisher = scene.publisher().with_faults(FailAt::new(Some(FaultPoint::BlobsStored)));
    publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await.unwrap_err();
    let again = scene.publish().await.unwrap();
    assert!(matches!(again, Published::Released { release: 2, bytes_uploaded: 0, .. }), "{again:?}");
}

/// Several ends one after another, each at any point, with other changes of the folder and collections between them.
#[test]
fn any_row_of_ends_leaves_one_release_or_the_next_and_the_last_publish_finishes() {
    let end = (proptest::sample::select(FaultPoint::ALL), 1..=2_usize, any::<bool>(), any::<bool>());
    for_rows(16, proptest::collection::vec(end, 1..5), |ends| async move {
        let scene = changed_folder().await;
        let mut seen = 1;
        for (turn, (point, nth, changes, collects)) in ends.into_iter().enumerate() {
            let publisher = scene.publisher().with_faults(FailAt::nth(Some(point), nth));
            let ended = publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await;
            let now = scene.release_that_readers_see().await.unwrap();
            let may_be_new = ended.is_ok() || point == FaultPoint::Committed;
            assert!(now == seen || (may_be_new && now == seen + 1), "{seen}, {now} after {point}: {ended:?}");
            seen = now;
            if changes {
                scene.write("01/02.wav", wav(30_000, 50 + turn as u64));
            }
            if collects {
                collect(&scene.store, &scene.db, without_grace(true)).await.unwrap();
            }
        }
        scene.publish().await.unwrap();
        collect(&scene.store, &scene.db, without_grace(true)).await.unwrap();
        let last = scene.release_that_readers_see().await.unwrap();
        for release in 1..=last {
            scene.expect_whole(&scene.db.release(&tag(), release).await.unwrap().unwrap()).await;
        }
        assert_eq!(scene.publish().await.unwrap(), Published::Unchanged { release: last });
    });
}

#[tokio::test]
#[ignore = "the process that a_process_that_dies_… starts and that dies"]
async fn dies() {
    let (point, directory) = death();
    let point: FaultPoint = point.parse().unwrap();
    let (store, db) = open(&directory).await;
    let publisher = Publisher::new(store, db, PublishOptions::default()).with_faults(Arc::new(AbortAt(point)));
    let published = publisher.publish(&directory.join("folder"), &tag(), Arc::new(NoProgress)).await;
    panic!("should have died at {point}: {published:?}");
}

#[tokio::test]
async fn a_process_that_dies_at_any_step_shows_the_old_release_or_the_new_one_and_again_finishes() {
    for &point in FaultPoint::ALL {
        let scene = changed_folder().await;
        expect_death("crash::dies", point.name(), scene.directory.path());
        expect_recovery(&scene, point).await;
    }
}
