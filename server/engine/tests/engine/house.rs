//! Old releases go when their tag lets them, damage is found and mended, and quotas hold.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use stowaway_domain::retention::Retention;
use stowaway_domain::{Digest, StoreKey, Tag};
use stowaway_engine::claims::LEASES;
use stowaway_engine::db::{Database, OnExisting, PointerMove, TagLimits};
use stowaway_engine::gc::{Collector, GcError, GcOptions, GcReport};
use stowaway_engine::jobs::{Job, JobKind};
use stowaway_engine::publish::{NoProgress, PublishError, Published};
use stowaway_engine::read::{ReadError, Reader, ReaderOptions};
use stowaway_engine::records::rebuild;
use stowaway_engine::releases::{ReleaseError, Releases};
use stowaway_engine::scrub::{ScrubError, ScrubOptions, ScrubProgress, ScrubReport, Scrubber};
use stowaway_engine::store::Store;

use super::postgres::Postgres;
use super::scene::{MIB, Scene, small_parts, tag, wav};

async fn collect(scene: &Scene, options: GcOptions) -> GcReport {
    let job = Job::begin(&scene.db, JobKind::Gc, &"a test").await.unwrap();
    let collector = Collector::new(scene.store.clone(), scene.db.clone(), options);
    let report = collector.run(&job, &|| false).await.unwrap();
    job.finish(Ok(&report)).await.unwrap();
    report
}

fn keep(keep_releases: u64, delete: bool) -> GcOptions {
    let retention = Retention { keep_releases, keep_days: 0 };
    GcOptions { delete, grace: Duration::ZERO, retention, leases: LEASES, ..GcOptions::default() }
}

fn reader(scene: &Scene) -> Reader {
    let options = ReaderOptions { pointer_fresh: Duration::ZERO, ..ReaderOptions::default() };
    Reader::new(scene.store.clone(), scene.db.clone(), options)
}

/// A scene with four releases, each with a file of its own beside one that they share.
async fn four_releases(db: Option<Database>) -> Scene {
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

fn file_of(scene: &Scene, key: &StoreKey) -> PathBuf {
    scene.store.local_path(key).unwrap()
}

/// One bit, so that the length stays.
fn flip(path: &PathBuf, at: u64) {
    let file = fs::File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
}

async fn scrub(scene: &Scene, copy: Option<Store>) -> ScrubReport {
    let job = Job::begin(&scene.db, JobKind::Scrub, &"a test").await.unwrap();
    let options = ScrubOptions { copy, workspace: scene.directory.path().to_owned(), ..ScrubOptions::default() };
    let scrubber = Scrubber::new(scene.store.clone(), scene.db.clone(), options);
    let report = scrubber.run(&job, ScrubProgress::default(), &|_| {}, &|| false).await.unwrap();
    job.finish(Ok(&report)).await.unwrap();
    report
}

/// A scene with one release of two files, a large and a small one, and a text.
async fn published() -> Scene {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(2 * MIB, 1));
    scene.write("02.wav", wav(20_000, 2));
    scene.write("01.en.vtt", format!("WEBVTT\n\n{}", "00:00.000 --> 00:09.000\nHello.\n\n".repeat(40)));
    scene.publish().await.unwrap();
    scene
}

/// What is wrong with the store, one object of each kind, by key.
async fn spoil(scene: &Scene) -> BTreeMap<String, &'static str> {
    let row = scene.db.release(&tag(), 1).await.unwrap().unwrap();
    let [large, small] = [wav(2 * MIB, 1), wav(20_000, 2)].map(|bytes| Digest::of(&bytes));
    let form = scene.db.variants(&row.manifest_digest).await.unwrap()[0].key();
    flip(&file_of(scene, &StoreKey::Blob(large)), 1_500_000);
    fs::remove_file(file_of(scene, &StoreKey::Blob(small))).unwrap();
    let index = file_of(scene, &StoreKey::BlobPieces(large));
    let text = fs::read_to_string(&index).unwrap();
    fs::write(&index, text.replace("\"offset\":0", "\"offset\":1")).unwrap();
    flip(&file_of(scene, &form), 10);
    fs::write(file_of(scene, &row.manifest_key()), "{}").unwrap();
    let spoiled = [
        (StoreKey::Blob(large), "digest"),
        (StoreKey::Blob(small), "not there"),
        (form, "digest"),
        (row.manifest_key(), "digest"),
    ];
    spoiled.into_iter().map(|(key, reason)| (key.to_string(), reason)).collect()
}

fn expect_found(report: &ScrubReport, spoiled: &BTreeMap<String, &'static str>) {
    for (key, reason) in spoiled {
        let found = report.damage.iter().find(|damage| damage.key == *key);
        assert!(found.is_some_and(|damage| damage.reason.contains(reason)), "{key}: {found:?}");
    }
    assert!(report.damage.iter().all(|damage| !damage.needed_by.is_empty() || damage.key.starts_with("variants/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrub_finds_what_is_damaged_and_publishing_again_mends_it() {
    let scene = published().await;
    let clean = scrub(&scene, None).await;
    assert_eq!((clean.damaged, clean.blobs, clean.releases), (0, 3, 1), "{clean:?}");
    let spoiled = spoil(&scene).await;
    let report = scrub(&scene, None).await;
    expect_found(&report, &spoiled);
    assert_eq!(report.remaining(), report.damaged);
    let named = report.damage.iter().find(|damage| damage.reason.contains("not there")).unwrap();
    assert_eq!(named.needed_by, ["field-recording 1 02.wav"]);

    let again = scene.publish().await.unwrap();
    assert_eq!(again, Published::Unchanged { release: 1 });
    assert_eq!(scene.db.damage(10).await.unwrap(), []);
    assert_eq!(scrub(&scene, None).await.damaged, 0);
    assert_eq!(scene.release_that_readers_see().await, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_index_whose_pieces_are_not_the_blobs_is_damage() {
    let scene = published().await;
    let large = Digest::of(&wav(2 * MIB, 1));
    let index = file_of(&scene, &StoreKey::BlobPieces(large));
    let text = fs::read_to_string(&index).unwrap();
    let at = text.find("\"sha256\":\"").unwrap() + 10;
    let other = if &text[at..=at] == "0" { "1" } else { "0" };
    fs::write(&index, format!("{}{other}{}", &text[..at], &text[at + 1..])).unwrap();
    let report = scrub(&scene, None).await;
    assert_eq!((report.damaged, report.damage[0].key.as_str()), (1, StoreKey::BlobPieces(large).to_string().as_str()));
    assert!(report.damage[0].reason.contains("its digest is"), "{report:?}");
    scene.publish().await.unwrap();
    assert_eq!(scrub(&scene, None).await.damaged, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrub_mends_from_a_copy_what_the_copy_has_whole() {
    let scene = published().await;
    let folder = scene.directory.path().join("copy");
    copy_folder(&scene.directory.path().join("store"), &folder);
    let copy = Store::open(&format!("file://{}", folder.display()), &small_parts()).unwrap();
    spoil(&scene).await;
    // The copy has its own damage: what it cannot give is not taken from it.
    let small = Digest::of(&wav(20_000, 2));
    flip(&copy.local_path(&StoreKey::Blob(small)).unwrap(), 7);
    let report = scrub(&scene, Some(copy)).await;
    assert_eq!(report.remaining(), 1, "{report:?}");
    assert!(report.mended >= 4, "{report:?}");
    let left = scene.db.damage(10).await.unwrap();
    assert_eq!(left.iter().map(|row| row.store_key.as_str()).collect::<Vec<_>>(), [StoreKey::Blob(small).to_string()]);
    scene.publish().await.unwrap();
    assert_eq!(scrub(&scene, None).await.damaged, 0);
    assert!(
        fs::read_dir(scene.directory.path())
            .unwrap()
            .all(|entry| { !entry.unwrap().file_name().to_string_lossy().starts_with("scrub-") })
    );
}

fn copy_folder(from: &PathBuf, to: &PathBuf) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrub_that_was_stopped_goes_on_and_reads_nothing_twice() {
    let scene = published().await;
    let whole = AtomicU64::new(0);
    let (parts, mut rounds, mut progress) = (AtomicU64::new(0), 0, ScrubProgress::default());
    let scrubber = || {
        let options = ScrubOptions { workspace: scene.directory.path().to_owned(), ..ScrubOptions::default() };
        Scrubber::new(scene.store.clone(), scene.db.clone(), options)
    };
    let count = |into: &AtomicU64, bytes: u64| {
        into.fetch_add(bytes, Ordering::SeqCst);
    };
    let job = Job::begin(&scene.db, JobKind::Scrub, &"whole").await.unwrap();
    let expected =
        scrubber().run(&job, ScrubProgress::default(), &|bytes| count(&whole, bytes), &|| false).await.unwrap();
    job.finish(Ok(&expected)).await.unwrap();
    let report = loop {
        let job = Job::begin(&scene.db, JobKind::Scrub, &"in parts").await.unwrap();
        let outcome = scrubber().run(&job, progress.clone(), &|bytes| count(&parts, bytes), &|| true).await;
        rounds += 1;
        match outcome {
            Ok(report) => {
                job.finish(Ok(&report)).await.unwrap();
                break report;
            }
            Err(ScrubError::Interrupted) => job.interrupt().await.unwrap(),
            Err(error) => panic!("{error}"),
        }
        let last = scene.db.last_job(JobKind::Scrub.name()).await.unwrap().unwrap();
        assert_eq!(last.state, "interrupted");
        progress = serde_json::from_str(&last.progress).unwrap();
    };
    assert_eq!((report, rounds), (expected, 5), "three blobs, one release, and the end");
    assert_eq!(parts.load(Ordering::SeqCst), whole.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gc_takes_away_while_a_scrub_runs_is_no_damage() {
    let scene = four_releases(None).await;
    let job = Job::begin(&scene.db, JobKind::Scrub, &"beside a gc").await.unwrap();
    let options = ScrubOptions { workspace: scene.directory.path().to_owned(), ..ScrubOptions::default() };
    let scrubber = Scrubber::new(scene.store.clone(), scene.db.clone(), options);
    let (collected, began) = (AtomicU64::new(0), AtomicU64::new(0));
    // When it has listed everything and read something.
    let on_read = |_| {
        if began.fetch_add(1, Ordering::SeqCst) == 0 {
            let both = async {
                collect(&scene, keep(1, true)).await;
                collect(&scene, keep(1, true)).await
            };
            let report = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(both));
            collected.fetch_add(report.objects["blob"].count, Ordering::SeqCst);
        }
    };
    let report = scrubber.run(&job, ScrubProgress::default(), &on_read, &|| false).await.unwrap();
    assert_eq!(collected.load(Ordering::SeqCst), 2, "two blobs went while it ran");
    assert_eq!((report.damaged, report.releases), (0, 2), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrub_of_one_tag_reads_what_that_tag_needs() {
    let scene = published().await;
    let other: Tag = "other".parse().unwrap();
    fs::remove_file(scene.folder().join("01.wav")).unwrap();
    fs::remove_file(scene.folder().join("01.en.vtt")).unwrap();
    scene.publisher().publish(&scene.folder(), &other, Arc::new(NoProgress)).await.unwrap();
    let job = Job::begin(&scene.db, JobKind::Scrub, &"one tag").await.unwrap();
    let options =
        ScrubOptions { tag: Some(other), workspace: scene.directory.path().to_owned(), ..ScrubOptions::default() };
    let scrubber = Scrubber::new(scene.store.clone(), scene.db.clone(), options);
    let report = scrubber.run(&job, ScrubProgress::default(), &|_| {}, &|| false).await.unwrap();
    assert_eq!((report.blobs, report.releases, report.damaged), (1, 1, 0));
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
        let job = Job::begin(&empty, JobKind::Gc, &"a test").await.unwrap();
        let refused = Collector::new(scene.store.clone(), empty.clone(), keep(1, delete)).run(&job, &|| false).await;
        let refused = refused.unwrap_err();
        assert!(matches!(&refused, GcError::OtherDatabase { key } if key.contains("/record-")), "{refused:?}");
        job.finish(Err::<&(), _>(&refused)).await.unwrap();
    }
    assert_eq!((all(&scene), before), (4, 4));
    assert_eq!(scrub(&scene, None).await.damaged, 0);
}
