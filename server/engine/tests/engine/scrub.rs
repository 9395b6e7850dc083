//! What is damaged is found, named and mended, by scrubs that are stopped and go on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::future::pending;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use stowaway_domain::piece::PieceIndex;
use stowaway_domain::{Digest, StoreKey, Tag};
use stowaway_engine::jobs::{Job, JobKind};
use stowaway_engine::publish::{NoProgress, Published};
use stowaway_engine::scrub::{ScrubError, ScrubOptions, ScrubParameters, ScrubProgress, ScrubReport, Scrubber};
use stowaway_engine::store::Store;
use tokio::sync::Notify;

use super::house::{collect, four_releases, keep};
use super::scene::{MIB, Scene, small_parts, tag, wav};

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
    let report = scrubber.run(&job, ScrubProgress::default(), &|_| {}, pending()).await.unwrap();
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
async fn a_piece_index_that_leaves_out_the_end_of_its_blob_is_damage() {
    let scene = published().await;
    let large = Digest::of(&wav(2 * MIB, 1));
    let path = file_of(&scene, &StoreKey::BlobPieces(large));
    let mut index: PieceIndex = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    index.blobs[0].pieces.pop().unwrap();
    fs::write(&path, index.to_bytes()).unwrap();
    // What its digest should be is not known: it is judged by what it says.
    scene.execute("DELETE FROM piece_indexes").await;
    let report = scrub(&scene, None).await;
    let [damage] = report.damage.as_slice() else { panic!("{report:?}") };
    assert!(damage.key.starts_with("pieces/") && damage.reason.contains("before the end"), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrub_goes_on_past_what_the_disk_does_not_give() {
    let scene = published().await;
    let row = scene.db.release(&tag(), 1).await.unwrap().unwrap();
    let [large, small] = [wav(2 * MIB, 1), wav(20_000, 2)].map(|bytes| Digest::of(&bytes));
    let keys = [StoreKey::Blob(small), StoreKey::BlobPieces(large), row.manifest_key()];
    for path in keys.each_ref().map(|key| file_of(&scene, key)) {
        fs::remove_file(&path).unwrap();
        // Neither is it not there, nor can it be read.
        std::os::unix::fs::symlink(&path, &path).unwrap();
    }
    let report = scrub(&scene, None).await;
    assert_eq!((report.blobs, report.releases), (3, 1), "{report:?}");
    let damaged: BTreeSet<&str> = report.damage.iter().map(|damage| damage.key.as_str()).collect();
    let expected = keys.each_ref().map(ToString::to_string);
    assert_eq!(damaged, expected.iter().map(String::as_str).collect());
    assert!(report.damage.iter().all(|damage| damage.reason.contains("symbolic links")), "{report:?}");
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

pub(crate) fn copy_folder(from: &PathBuf, to: &PathBuf) {
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

/// Scrubs as the command does: from where the last one with these parameters was stopped, until its `reads`th read.
async fn scrub_until(
    scene: &Scene,
    parameters: &ScrubParameters,
    reads: u64,
) -> (Result<ScrubReport, ScrubError>, u64) {
    let begin_at = parameters.left_off(&scene.db).await.unwrap();
    let options = ScrubOptions { tag: parameters.tag.clone(), ..ScrubOptions::default() };
    run_until(scene, parameters, options, begin_at, reads).await
}

async fn run_until(
    scene: &Scene,
    parameters: &ScrubParameters,
    options: ScrubOptions,
    begin_at: ScrubProgress,
    reads: u64,
) -> (Result<ScrubReport, ScrubError>, u64) {
    let job = Job::begin(&scene.db, JobKind::Scrub, parameters).await.unwrap();
    let (stop, done, bytes) = (Notify::new(), AtomicU64::new(0), AtomicU64::new(0));
    let on_read = |read| {
        bytes.fetch_add(read, Ordering::SeqCst);
        if done.fetch_add(1, Ordering::SeqCst) + 1 == reads {
            stop.notify_one();
        }
    };
    let scrubber = Scrubber::new(scene.store.clone(), scene.db.clone(), options);
    let outcome = scrubber.run(&job, begin_at, &on_read, stop.notified()).await;
    job.end(&outcome, matches!(outcome, Err(ScrubError::Interrupted))).await.unwrap();
    (outcome, bytes.into_inner())
}

/// A scene with one release of six files, each of four chunks.
async fn six_files() -> Scene {
    let scene = Scene::new().await;
    for seed in 1..=6 {
        scene.write(&format!("0{seed}.wav"), wav(200_000, seed));
    }
    scene.publish().await.unwrap();
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrub_that_was_stopped_goes_on_with_the_object_that_it_was_at() {
    let scene = six_files().await;
    let all = ScrubParameters::default();
    let (expected, whole) = scrub_until(&scene, &all, u64::MAX).await;
    let (mut rounds, mut bytes, mut before) = (0, 0, ScrubProgress::default());
    let report = loop {
        // More than one of the files has, with the coded forms of its piece index.
        let (outcome, read) = scrub_until(&scene, &all, 10).await;
        (rounds, bytes) = (rounds + 1, bytes + read);
        match outcome {
            Ok(report) => break report,
            Err(ScrubError::Interrupted) => {}
            Err(error) => panic!("{error}"),
        }
        let reached = all.left_off(&scene.db).await.unwrap();
        assert!(reached != before && reached.report.blobs >= before.report.blobs, "{before:?} {reached:?}");
        before = reached;
    };
    assert_eq!(report, expected.unwrap());
    let twice = bytes - whole;
    assert!(
        rounds > 4 && twice > 0 && twice < (rounds - 1) * 210_000,
        "{twice} bytes were read twice in {rounds} rounds"
    );
    assert_eq!(all.left_off(&scene.db).await.unwrap(), ScrubProgress::default(), "the one that is done begins anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrub_that_waits_for_its_bandwidth_ends_at_once() {
    let scene = six_files().await;
    let slow = ScrubOptions { bytes_per_second: Some(1), ..ScrubOptions::default() };
    let all = ScrubParameters::default();
    // The first chunk alone has time for eighteen hours.
    let (outcome, _) = run_until(&scene, &all, slow, ScrubProgress::default(), 1).await;
    assert!(matches!(outcome, Err(ScrubError::Interrupted)), "{outcome:?}");
    let (report, _) = scrub_until(&scene, &all, u64::MAX).await;
    assert_eq!(report.unwrap().blobs, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrub_of_one_tag_leaves_the_place_of_one_of_everything() {
    let scene = six_files().await;
    let all = ScrubParameters::default();
    let one = ScrubParameters { tag: Some(tag()), ..ScrubParameters::default() };
    assert!(scrub_until(&scene, &all, 20).await.0.is_err());
    let reached = all.left_off(&scene.db).await.unwrap();
    assert!(reached.report.blobs > 1, "{reached:?}");
    assert!(scrub_until(&scene, &one, 10).await.0.is_err());
    assert_ne!(one.left_off(&scene.db).await.unwrap(), reached);
    assert_eq!(scrub_until(&scene, &one, u64::MAX).await.0.unwrap().blobs, 6);
    assert_eq!(all.left_off(&scene.db).await.unwrap(), reached);
    assert_eq!(one.left_off(&scene.db).await.unwrap(), ScrubProgress::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_mended_while_a_scrub_was_stopped_is_damaged_no_more() {
    let scene = six_files().await;
    for seed in 1..=6 {
        flip(&file_of(&scene, &StoreKey::Blob(Digest::of(&wav(200_000, seed)))), 1000);
    }
    let all = ScrubParameters::default();
    assert!(scrub_until(&scene, &all, 20).await.0.is_err());
    let found = all.left_off(&scene.db).await.unwrap().report;
    // The one that it was at may be among them.
    let known = scene.db.damage(10).await.unwrap().len() as u64;
    assert!(found.damaged > 1 && known >= found.damaged && known < 6, "{known} {found:?}");
    // What is known to be damaged is stored again; the rest has the right size, and is trusted.
    scene.publish().await.unwrap();
    let report = scrub_until(&scene, &all, u64::MAX).await.0.unwrap();
    assert_eq!((report.blobs, report.remaining()), (6, 6 - known), "{report:?}");
    let named = report.damage.iter().map(|damage| damage.key.clone());
    assert!(named.eq(scene.db.damage(10).await.unwrap().into_iter().map(|row| row.store_key)));
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
    let report = scrubber.run(&job, ScrubProgress::default(), &on_read, pending()).await.unwrap();
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
    let report = scrubber.run(&job, ScrubProgress::default(), &|_| {}, pending()).await.unwrap();
    assert_eq!((report.blobs, report.releases, report.damaged), (1, 1, 0));
}
