//! The slice cache, gc and scrub on a disk that is really full: no answer fails, nothing is lost, and what cannot go on says why.

use std::fs;
use std::future::pending;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Mutex;

use futures_util::future::join_all;
use stowaway_domain::slice::SliceSize;
use stowaway_domain::{Digest, StoreKey};
use stowaway_engine::db::{DbCause, OnExisting};
use stowaway_engine::error_chain::ErrorChain;
use stowaway_engine::gc::{Collector, GcError};
use stowaway_engine::jobs::{Job, JobError, JobKind};
use stowaway_engine::scrub::{ScrubError, ScrubOptions, ScrubParameters, ScrubProgress, ScrubReport, Scrubber};
use stowaway_engine::slices::{CacheStatus, SliceOptions};
use stowaway_engine::store::Store;
use tokio::runtime::Handle;

use super::collecting::collect;
use super::house::keep;
use super::scene::{Scene, small_parts, tag, wav};
use super::scrub::copy_folder;
use super::slices::{Cached, SLICE};
use super::small_disk::{self, Filler};

#[test]
fn on_a_full_disk_no_answer_fails_and_the_cache_goes_on() {
    small_disk::run("full_disk::reads_more_than_fits", "320k");
}

#[tokio::test]
#[ignore = "the process that on_a_full_disk_… starts in a small file system"]
async fn reads_more_than_fits() {
    let directory = small_disk::folder();
    // The cache believes that there is room for a hundred slices; there is for four.
    let cached = Cached::with(|options| SliceOptions {
        slice_size: SliceSize::new(SLICE).unwrap(),
        ..SliceOptions { directory: directory.join("cache"), ..options }
    })
    .await;
    let end = cached.end();
    for _ in 0..3 {
        cached.expect(0, end).await;
    }
    let failed = fs::write(directory.join("more"), vec![0; 400 * 1024]).unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::StorageFull, "the disk is small");
    fs::remove_file(directory.join("more")).unwrap();
    // It has made room for what is asked for now.
    let mut statuses = Vec::new();
    while statuses.last() != Some(&CacheStatus::Hit) {
        assert!(statuses.len() < 20, "nothing is kept any more: {statuses:?}");
        statuses.push(cached.expect(5 * SLICE, 5 * SLICE + 9).await);
    }
}

/// A scene with three releases in the small file system.
async fn three_releases() -> Scene {
    let scene = Scene::new_in(&small_disk::folder()).await;
    for seed in 1..=3 {
        scene.write("01.wav", wav(20_000, seed));
        scene.publish().await.unwrap();
    }
    scene
}

/// The scene with its rows in a database elsewhere, where there is room.
async fn with_a_database_elsewhere(scene: Scene) -> (Scene, Scene) {
    let elsewhere = Scene::new().await;
    let mut backup = Vec::new();
    scene.db.back_up(&mut backup, &|| ()).await.unwrap();
    elsewhere.db.restore(&mut &*backup, OnExisting::Refuse, &|| ()).await.unwrap();
    (Scene { db: elsewhere.db.clone(), ..scene }, elsewhere)
}

/// Fills the disk so that the database, which lies there, cannot write either.
async fn fill_with_database(scene: &Scene) -> Filler {
    // Room that its log has is room.
    scene.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    Filler::new(&small_disk::folder())
}

async fn expect_whole(scene: &Scene, releases: impl IntoIterator<Item = u64>) {
    for number in releases {
        scene.expect_whole(&scene.db.release(&tag(), number).await.unwrap().unwrap()).await;
    }
}

#[test]
fn a_gc_on_a_full_disk_frees_room_and_where_it_cannot_write_it_says_so_and_loses_nothing() {
    small_disk::run("full_disk::collects_where_the_store_is_full", "4m");
    small_disk::run("full_disk::collects_where_the_database_is_full", "4m");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process that a_gc_on_a_full_disk_… starts in a small file system"]
async fn collects_where_the_store_is_full() {
    let (scene, _elsewhere) = with_a_database_elsewhere(three_releases().await).await;
    let nobodys = wav(100_000, 9);
    scene.store.put_bytes(&StoreKey::Blob(Digest::of(&nobodys)), nobodys.into()).await.unwrap();
    let filler = Filler::new(&small_disk::folder());
    // There is no room to note that releases were retired; removing what nobody needs takes none, and gives some.
    let report = collect(&scene.store, &scene.db, keep(1, true)).await.unwrap();
    assert_eq!((report.releases_retired, report.releases_swept, report.total().count), (1, 0, 1), "{report:?}");
    let more = Filler::new(&small_disk::folder());
    let before = scene.stored_files();
    let failed = collect(&scene.store, &scene.db, keep(1, true)).await.unwrap_err();
    assert!(matches!(&failed, GcError::Store(error) if error.is_full()), "{}", ErrorChain(&failed));
    assert_eq!(scene.stored_files(), before, "nothing goes for the sake of a retired release before that is noted");
    drop((filler, more));
    let report = collect(&scene.store, &scene.db, keep(1, true)).await.unwrap();
    assert_eq!((report.releases_swept, report.objects["blob"].count), (1, 1), "{report:?}");
    expect_whole(&scene, [2, 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process that a_gc_on_a_full_disk_… starts in a small file system"]
async fn collects_where_the_database_is_full() {
    let scene = three_releases().await;
    let job = Job::begin(&scene.db, JobKind::Gc, &"full").await.unwrap();
    let filler = fill_with_database(&scene).await;
    let failed = Collector::new(scene.store.clone(), scene.db.clone(), keep(1, true)).run(&job, &|| false).await;
    let failed = failed.unwrap_err();
    let GcError::Database(cause) = &failed else { panic!("{}", ErrorChain(&failed)) };
    assert_eq!(cause.cause(), Some(DbCause::Full), "{}", ErrorChain(cause));
    expect_whole(&scene, 1..=3).await;
    drop(filler);
    job.finish(Err::<&(), _>(&failed)).await.unwrap();
    assert_eq!(collect(&scene.store, &scene.db, keep(1, true)).await.unwrap().releases_retired, 1);
    assert_eq!(collect(&scene.store, &scene.db, keep(1, true)).await.unwrap().objects["blob"].count, 1);
    expect_whole(&scene, [2, 3]).await;
}

#[test]
fn a_database_whose_disk_was_full_is_written_as_before_when_there_is_room() {
    small_disk::run("full_disk::writes_again_when_there_is_room", "2m");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the process that a_database_whose_disk_was_full_… starts in a small file system"]
async fn writes_again_when_there_is_room() {
    let scene = Scene::new_in(&small_disk::folder()).await;
    let filler = fill_with_database(&scene).await;
    let begin = async || Job::begin(&scene.db, JobKind::Gc, &"a test").await;
    // On every connection that there may be.
    for failed in join_all((0..20).map(|_| begin())).await {
        let Err(JobError::Database(error)) = failed else { panic!("{failed:?}") };
        assert_eq!(error.cause(), Some(DbCause::Full), "{}", ErrorChain(&error));
    }
    drop(filler);
    for _ in 0..20 {
        begin().await.unwrap().finish(Ok(&"done")).await.unwrap();
    }
}

/// A scrub as the command runs it, which goes on where the one before it ended.
async fn scrub(scene: &Scene, options: ScrubOptions) -> Result<ScrubReport, ScrubError> {
    let parameters = ScrubParameters::default();
    let begin_at = parameters.left_off(&scene.db).await.unwrap();
    let job = Job::begin(&scene.db, JobKind::Scrub, &parameters).await.unwrap();
    let outcome =
        Scrubber::new(scene.store.clone(), scene.db.clone(), options).run(&job, begin_at, &|_| (), pending()).await;
    job.end(&outcome, false).await.unwrap();
    outcome
}

#[test]
fn a_scrub_on_a_full_disk_says_so_and_goes_on_when_there_is_room() {
    small_disk::run("full_disk::mends_where_there_is_no_room", "6m");
    small_disk::run("full_disk::scrubs_where_the_database_is_full", "4m");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process that a_scrub_on_a_full_disk_… starts in a small file system"]
async fn mends_where_there_is_no_room() {
    let (scene, elsewhere) = with_a_database_elsewhere(three_releases().await).await;
    let there = elsewhere.directory.path().to_owned();
    copy_folder(&scene.directory.path().join("store"), &there.join("copy"));
    let copy = Store::open(&format!("file://{}", there.join("copy").display()), &small_parts()).unwrap();
    let lost = [1, 2, 3].map(|seed| StoreKey::Blob(Digest::of(&wav(20_000, seed))));
    for key in &lost {
        fs::remove_file(scene.store.local_path(key).unwrap()).unwrap();
    }
    let options = |workspace: &Path| ScrubOptions {
        copy: Some(copy.clone()),
        workspace: workspace.to_owned(),
        ..ScrubOptions::default()
    };
    let filler = Filler::new(&small_disk::folder());
    let before = scene.stored_files();
    // No room to check what the copy gives.
    let failed = scrub(&scene, options(&small_disk::folder())).await.unwrap_err();
    let ScrubError::Workspace { path, source } = &failed else { panic!("{}", ErrorChain(&failed)) };
    assert_eq!(source.kind(), ErrorKind::StorageFull);
    assert!(path.starts_with(small_disk::folder()) && !path.exists(), "{path:?}");
    // Room to check it, and none to store it.
    let failed = scrub(&scene, options(&there)).await.unwrap_err();
    assert!(matches!(&failed, ScrubError::Store(error) if error.is_full()), "{}", ErrorChain(&failed));
    assert_eq!(scene.stored_files(), before, "a part of a blob is no blob");
    drop(filler);
    let report = scrub(&scene, options(&there)).await.unwrap();
    assert_eq!((report.damaged, report.mended, report.blobs), (3, 3, 3), "{report:?}");
    expect_whole(&scene, 1..=3).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process that a_scrub_on_a_full_disk_… starts in a small file system"]
async fn scrubs_where_the_database_is_full() {
    let scene = three_releases().await;
    let parameters = ScrubParameters::default();
    let job = Job::begin(&scene.db, JobKind::Scrub, &parameters).await.unwrap();
    let filler = Mutex::new(None);
    // When it has read the first blob it cannot note that any more.
    let on_read = |_| {
        let mut filler = filler.lock().unwrap();
        if filler.is_none() {
            let fill = fill_with_database(&scene);
            *filler = Some(tokio::task::block_in_place(|| Handle::current().block_on(fill)));
        }
    };
    let scrubber = Scrubber::new(scene.store.clone(), scene.db.clone(), ScrubOptions::default());
    let failed = scrubber.run(&job, ScrubProgress::default(), &on_read, pending()).await.unwrap_err();
    let ScrubError::Database(cause) = &failed else { panic!("{}", ErrorChain(&failed)) };
    assert_eq!(cause.cause(), Some(DbCause::Full), "{}", ErrorChain(cause));
    drop(filler);
    job.finish(Err::<&(), _>(&failed)).await.unwrap();
    let report = scrub(&scene, ScrubOptions::default()).await.unwrap();
    assert_eq!((report.damaged, report.blobs, report.releases), (0, 3, 3));
}
