//! Old releases go when their tag lets them, and quotas hold.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use stowaway_domain::retention::Retention;
use stowaway_domain::{Digest, Tag};
use stowaway_engine::claims::LEASES;
use stowaway_engine::db::{Database, OnExisting, PointerMove, TagLimits};
use stowaway_engine::gc::{GcError, GcOptions, GcReport};
use stowaway_engine::publish::{NoProgress, PublishError, Published};
use stowaway_engine::read::{ReadError, Reader, ReaderOptions};
use stowaway_engine::records::rebuild;
use stowaway_engine::releases::{ReleaseError, Releases};

use super::collecting;
use super::postgres::Postgres;
use super::scene::{Scene, tag, wav};

pub(crate) async fn collect(scene: &Scene, options: GcOptions) -> GcReport {
    collecting::collect(&scene.store, &scene.db, options).await.unwrap()
}

pub(crate) fn keep(keep_releases: u64, delete: bool) -> GcOptions {
    let retention = Retention { keep_releases, keep_days: 0 };
    GcOptions { delete, grace: Duration::ZERO, retention, leases: LEASES, ..GcOptions::default() }
}

fn reader(scene: &Scene) -> Reader {
    let options = ReaderOptions { pointer_fresh: Duration::ZERO, ..ReaderOptions::default() };
    Reader::new(scene.store.clone(), scene.db.clone(), options)
}

/// A scene with four releases, each with a file of its own beside one that they share.
pub(crate) async fn four_releases(db: Option<Database>) -> Scene {
    let mut scene = Scene::new().await;
    if let Some(db) = db {
        scene.db = db;
    }
    scene.write("01.wav", wav(30_000, 1));
    for seed in 1..=4 {
        scene.write("02.wav", wav(20_000, 10 + seed));
        scene.publish().await.unwrap();
    }
    scene
}

fn own_blob(release: u64) -> Digest {
    Digest::of(&wav(20_000, 10 + release))
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_beyond_what_the_tag_keeps_are_retired_answer_gone_and_free_their_room() {
    let with_postgres = Postgres::start().await;
    let mut databases = vec![None];
    if let Some(server) = &with_postgres {
        databases.push(Some(Database::open(&server.new_database("retention").await).await.unwrap()));
    }
    for db in databases {
        let scene = four_releases(db).await;
        let before = scene.stored_files();
        let reader_before = reader(&scene);
        reader_before.release_manifest(&tag(), 1).await.unwrap();
        let dry = collect(&scene, keep(2, false)).await;
        assert_eq!((dry.releases_retired, dry.total().count), (2, 0));
        reader(&scene).release_manifest(&tag(), 1).await.unwrap();

        let spare = GcOptions { grace: Duration::from_secs(3600), ..keep(2, true) };
        let report = collect(&scene, spare).await;
        assert_eq!((report.releases_retired, report.releases_swept), (2, 0));
        assert_eq!(scene.stored_files(), before, "what a retired release needs stays for the grace");
        let fresh = reader(&scene);
        for release in [1, 2] {
            let gone = fresh.release_manifest(&tag(), release).await.unwrap_err();
            assert!(matches!(*gone, ReadError::Retired { release: number, .. } if number == release), "{gone}");
            assert!(matches!(*fresh.release_metalink(&tag(), release).await.unwrap_err(), ReadError::Retired { .. }));
            assert!(matches!(*fresh.bundle(&tag(), release, None).await.unwrap_err(), ReadError::Retired { .. }));
        }
        fresh.blob(&own_blob(1), "02.wav").await.unwrap();

        let report = collect(&scene, keep(2, true)).await;
        assert_eq!((report.releases_retired, report.releases_swept), (0, 2));
        assert_eq!(report.objects["blob"].count, 2, "{report:?}");
        assert!(report.objects["manifest"].count == 2 && report.objects["release_chunks"].count == 2, "{report:?}");
        let gone = reader(&scene).blob(&own_blob(1), "02.wav").await.unwrap_err();
        assert!(matches!(*gone, ReadError::BlobRemoved(_)), "{gone}");
        let gone = reader(&scene).blob_pieces(&own_blob(1)).await.unwrap_err();
        assert!(matches!(*gone, ReadError::BlobRemoved(_)), "{gone}");
        let never = reader(&scene).blob(&Digest::of(b"never"), "02.wav").await.unwrap_err();
        assert!(matches!(*never, ReadError::NoBlob { .. }), "{never}");
        for number in [3, 4] {
            scene.expect_whole(&scene.db.release(&tag(), number).await.unwrap().unwrap()).await;
        }
        let numbers: Vec<u64> = scene.db.releases(&tag()).await.unwrap().iter().map(|row| row.number).collect();
        assert_eq!(numbers, [4, 3]);

        // What was removed comes back with the next release that has it.
        scene.write("02.wav", wav(20_000, 11));
        scene.publish().await.unwrap();
        assert_eq!(scene.release_that_readers_see().await, Some(5));
        reader(&scene).blob(&own_blob(1), "02.wav").await.unwrap();
    }
}

#[tokio::test]
async fn what_was_said_of_one_tag_counts_more_than_the_configuration() {
    let scene = four_releases(None).await;
    let other: Tag = "other".parse().unwrap();
    for seed in 1..=3 {
        scene.write("02.wav", wav(20_000, 50 + seed));
        scene.publisher().publish(&scene.folder(), &other, Arc::new(NoProgress)).await.unwrap();
    }
    scene.db.set_tag_limits(&tag(), TagLimits { keep_releases: Some(0), ..TagLimits::default() }).await.unwrap();
    scene.db.set_tag_limits(&other, TagLimits { keep_releases: Some(2), ..TagLimits::default() }).await.unwrap();
    assert_eq!(collect(&scene, keep(1, true)).await.releases_retired, 1);
    assert_eq!(scene.db.present_releases(&tag()).await.unwrap().len(), 4);
    let present: Vec<u64> =
        scene.db.present_releases(&other).await.unwrap().into_iter().map(|(number, _)| number).collect();
    assert_eq!(present, [3, 2]);
}

#[tokio::test]
async fn a_pointer_that_moved_meanwhile_is_not_retired() {
    let scene = four_releases(None).await;
    assert_eq!(scene.db.retire(&tag(), &[1, 2, 4], 3).await.unwrap(), 0, "it points at 4, not at 3");
    assert_eq!(scene.db.retire(&tag(), &[1, 4], 4).await.unwrap(), 1, "never the current one");
}

#[tokio::test]
async fn usage_tells_what_only_one_tag_has_and_a_quota_refuses_before_anything_is_uploaded() {
    let scene = four_releases(None).await;
    let (shared, own) = (wav(30_000, 1).len() as u64, wav(20_000, 1).len() as u64);
    let usage = scene.db.tag_use(&tag()).await.unwrap();
    assert_eq!((usage.blobs, usage.bytes, usage.shared_bytes()), (5, shared + 4 * own, 0));
    let other: Tag = "other".parse().unwrap();
    let publisher = scene.publisher().with_quota(Some(shared + 2 * own));
    let publish = async || publisher.publish(&scene.folder(), &other, Arc::new(NoProgress)).await;
    publish().await.unwrap();
    let usage = scene.db.tag_use(&tag()).await.unwrap();
    assert_eq!((usage.bytes, usage.exclusive_bytes), (shared + 4 * own, 3 * own));

    scene.write("03.wav", wav(20_000, 77));
    publish().await.unwrap();
    scene.write("04.wav", wav(20_000, 78));
    let files = scene.stored_files();
    let refused = publish().await.unwrap_err();
    let PublishError::OverQuota { quota_bytes, stored_bytes, added_bytes, .. } = &refused else { panic!("{refused}") };
    assert_eq!((*quota_bytes, *stored_bytes, *added_bytes), (shared + 2 * own, shared + 2 * own, own));
    assert!(refused.to_string().contains("nothing was published"), "{refused}");
    assert_eq!(scene.stored_files(), files);
    // What the tag has already costs nothing again.
    fs::remove_file(scene.folder().join("04.wav")).unwrap();
    fs::copy(scene.folder().join("03.wav"), scene.folder().join("05.wav")).unwrap();
    publish().await.unwrap();
    scene.write("04.wav", wav(20_000, 78));
    scene.db.set_tag_limits(&other, TagLimits { quota_bytes: Some(0), ..TagLimits::default() }).await.unwrap();
    assert!(matches!(publish().await, Ok(Published::Released { .. })), "0 is no limit");
}

#[tokio::test]
async fn old_events_leave_the_outbox() {
    let scene = four_releases(None).await;
    assert_eq!(collect(&scene, keep(0, true)).await.events_removed, 0);
    assert_eq!(scene.db.forget_events("9999").await.unwrap(), 4);
}

#[tokio::test]
async fn a_pointer_is_not_moved_back_to_a_retired_release() {
    let scene = four_releases(None).await;
    assert_eq!(scene.db.retire(&tag(), &[1], 4).await.unwrap(), 1);
    let releases = Releases::new(scene.store.clone(), scene.db.clone());
    let refused = releases.roll_back(&tag(), 1, None).await.unwrap_err();
    assert!(matches!(refused, ReleaseError::Retired { release: 1, .. }), "{refused:?}");
    let seen = releases.tag(&tag()).await.unwrap();
    assert!(
        !scene.db.move_pointer(&seen, PointerMove::To(1), &seen.modified).await.unwrap(),
        "who looked before sees it, too"
    );
    assert_eq!(scene.release_that_readers_see().await, Some(4));
    assert!(releases.roll_back(&tag(), 2, None).await.unwrap().changed);
}

#[tokio::test]
async fn a_database_made_again_from_the_store_keeps_retired_releases_retired() {
    let scene = four_releases(None).await;
    let rebuilt = async |name: &str| {
        let url = Database::sqlite_url(&scene.directory.path().join(name)).unwrap();
        let db = Database::open(&url).await.unwrap();
        let rebuilt = rebuild(&scene.store, &db, OnExisting::Refuse, &|_| ()).await.unwrap();
        assert_eq!((rebuilt.releases, rebuilt.left_out), (4, Vec::new()), "{name}");
        let present: Vec<u64> =
            db.present_releases(&tag()).await.unwrap().into_iter().map(|(number, _)| number).collect();
        assert_eq!(present, [4, 3], "{name}");
        assert!(db.is_retired(&tag(), 1).await.unwrap() && db.is_retired(&tag(), 2).await.unwrap(), "{name}");
        let pointer = db.tag_pointer(&tag()).await.unwrap().unwrap();
        assert_eq!((pointer.release, pointer.last_release), (4, 4), "{name}");
        db
    };
    let spare = GcOptions { grace: Duration::from_secs(3600), ..keep(2, true) };
    assert_eq!(collect(&scene, spare).await.releases_retired, 2);
    rebuilt("retired.db").await;
    let report = collect(&scene, keep(2, true)).await;
    assert_eq!((report.releases_swept, report.objects["blob"].count), (2, 2), "{report:?}");
    assert_eq!(report.objects.get("release_record"), None, "that it was there stays known");
    let db = rebuilt("swept.db").await;
    // What the other releases need is there, and a gc by the new database removes none of it.
    let again = Scene { db, ..scene };
    assert_eq!(collect(&again, keep(2, true)).await.total().count, 0);
    for number in [3, 4] {
        again.expect_whole(&again.db.release(&tag(), number).await.unwrap().unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gc_with_another_database_removes_nothing() {
    let scene = four_releases(None).await;
    let all =
        |scene: &Scene| fs::read_dir(scene.directory.path().join("store/releases/field-recording")).unwrap().count();
    let before = all(&scene);
    let url = Database::sqlite_url(&scene.directory.path().join("empty.db")).unwrap();
    let empty = Database::open(&url).await.unwrap();
    for delete in [false, true] {
        let refused = collecting::collect(&scene.store, &empty, keep(1, delete)).await.unwrap_err();
        assert!(matches!(&refused, GcError::OtherDatabase { key } if key.contains("/record-")), "{refused:?}");
    }
    assert_eq!((all(&scene), before), (4, 4));
    for number in 1..=4 {
        scene.expect_whole(&scene.db.release(&tag(), number).await.unwrap().unwrap()).await;
    }
}
