//! Removals that change hands, and what gc learns before it removes anything.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stowaway_domain::{Digest, StoreKey, Subject};
use stowaway_engine::db::{BackupError, Database, Leases, OnExisting};
use stowaway_engine::gc::{GcError, GcHook, GcPoint};
use stowaway_engine::jobs::{Job, JobKind};
use stowaway_engine::publish::{NoProgress, PublishError};
use tokio::runtime::Handle;

use super::collecting::{collect, collect_with, without_grace};
use super::gc::{AT_ONCE, Die, impatient, on_both, orphaned};
use super::house::{four_releases, keep};
use super::scene::{Scene, tag, wav};

/// When a gc has deleted what it condemned, somebody who believes it dead takes all of that over.
struct TakeOver(Database);

impl GcHook for TakeOver {
    fn reached(&self, point: GcPoint) -> Result<(), GcPoint> {
        if point == GcPoint::Deleted {
            let taken_over = async {
                // Its last sign of life is a moment ago.
                let mut left = Vec::new();
                while left.is_empty() {
                    left = self.0.condemned_left_behind(AT_ONCE, 500).await.unwrap();
                }
                for row in left.iter().filter(|row| row.remover != "another") {
                    assert!(self.0.take_over_condemned(row, "another").await.unwrap());
                }
            };
            tokio::task::block_in_place(|| Handle::current().block_on(taken_over));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_was_taken_over_is_ended_by_who_took_it() {
    let scene = orphaned(None).await;
    let hook = Box::new(TakeOver(scene.db.clone()));
    let report = collect_with(&scene.store, &scene.db, without_grace(true), hook).await.unwrap();
    let left = scene.db.condemned_left_behind(AT_ONCE, 500).await.unwrap();
    assert_eq!(left.len() as u64, report.total().count, "its delete may be on its way still");
    let keys: Vec<StoreKey> = left.into_iter().map(|row| row.key).collect();
    scene.db.forget_condemned(&keys, "another").await.unwrap();
    assert_eq!(scene.db.condemned_left_behind(AT_ONCE, 500).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_a_publish_took_over_and_could_not_end_is_nobody_elses_before_its_lease_is_over() {
    let scene = orphaned(None).await;
    let died = collect_with(&scene.store, &scene.db, without_grace(true), Box::new(Die(GcPoint::Condemned))).await;
    assert!(matches!(died, Err(GcError::Stopped(_))), "{died:?}");
    let blob = Digest::of(&wav(30_000, 2));
    let path = scene.store.local_path(&StoreKey::Blob(blob)).unwrap();
    // A folder is not deleted as a file is.
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let refused = impatient(&scene).publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await;
    assert!(matches!(refused, Err(PublishError::Store(_))), "{refused:?}");
    let subject = [Subject::Content(blob)];
    let condemned = scene.db.condemned_among(&subject, AT_ONCE).await.unwrap();
    let [row] = condemned.as_slice() else { panic!("{condemned:?}") };
    assert!(row.remover.starts_with("claimant:") && row.is_being_removed, "{row:?}");

    fs::remove_dir(&path).unwrap();
    let over = Leases { claim: Duration::ZERO, ..AT_ONCE };
    let publisher = scene.publisher().with_leases(over);
    publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await.unwrap();
    assert_eq!(scene.release_that_readers_see().await, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_not_the_piece_index_of_a_blob_is_not_noted_as_that() {
    let scene = Scene::new().await;
    let blobs = [1, 2, 3].map(|seed| {
        let bytes = wav(20_000, seed);
        scene.write(&format!("0{seed}.wav"), &bytes);
        Digest::of(&bytes)
    });
    scene.publish().await.unwrap();
    let [whole, cut, anothers] = blobs.map(|blob| scene.store.local_path(&StoreKey::BlobPieces(blob)).unwrap());
    let known = scene.db.piece_index_of(&blobs[0]).await.unwrap();
    assert!(known.is_some());
    scene.execute("DELETE FROM piece_indexes").await;
    fs::copy(&whole, &anothers).unwrap();
    fs::File::options().write(true).open(&cut).unwrap().set_len(100).unwrap();
    collect(&scene.store, &scene.db, without_grace(false)).await.unwrap();
    let noted = async |blob| scene.db.piece_index_of(blob).await.unwrap();
    let noted = [noted(&blobs[0]).await, noted(&blobs[1]).await, noted(&blobs[2]).await];
    assert_eq!(noted, [known, None, None]);
}

/// At a point of a gc somebody restores a backup.
struct Restore {
    backup: Vec<u8>,
    db: Database,
    outcome: Arc<Mutex<Option<Result<u64, BackupError>>>>,
}

impl GcHook for Restore {
    fn reached(&self, point: GcPoint) -> Result<(), GcPoint> {
        let mut outcome = self.outcome.lock().unwrap();
        if point == GcPoint::Listed && outcome.is_none() {
            let restored = restore(&self.db, &self.backup);
            *outcome = Some(tokio::task::block_in_place(|| Handle::current().block_on(restored)));
        }
        Ok(())
    }
}

async fn restore(db: &Database, backup: &[u8]) -> Result<u64, BackupError> {
    db.restore(&mut &*backup, OnExisting::Replace, &|| ()).await
}

async fn back_up(db: &Database) -> Vec<u8> {
    let mut backup = Vec::new();
    db.back_up(&mut backup, &|| ()).await.unwrap();
    backup
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_restored_while_a_gc_runs_that_would_remove_what_the_backup_does_not_know() {
    on_both(async |databases| {
        let scene = orphaned(databases.fresh().await).await;
        scene.publish().await.unwrap();
        let backup = back_up(&scene.db).await;
        scene.write("02.wav", wav(30_000, 3));
        scene.publish().await.unwrap();
        let outcome = Arc::default();
        let hook = Restore { backup: backup.clone(), db: scene.db.clone(), outcome: Arc::clone(&outcome) };
        collect_with(&scene.store, &scene.db, without_grace(true), Box::new(hook)).await.unwrap();
        assert!(matches!(*outcome.lock().unwrap(), Some(Err(BackupError::Removing))), "{outcome:?}");
        assert_eq!(scene.release_that_readers_see().await, Some(2));
        restore(&scene.db, &backup).await.unwrap();
        assert_eq!(scene.release_that_readers_see().await, Some(1));
        let refused = collect(&scene.store, &scene.db, without_grace(true)).await.unwrap_err();
        assert!(matches!(refused, GcError::OtherDatabase { .. }), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gc_that_died_had_condemned_stays_when_the_rows_that_need_it_are_restored() {
    let scene = four_releases(None).await;
    let backup = back_up(&scene.db).await;
    collect(&scene.store, &scene.db, keep(1, true)).await.unwrap();
    let died = collect_with(&scene.store, &scene.db, keep(1, true), Box::new(Die(GcPoint::Condemned))).await;
    assert!(matches!(died, Err(GcError::Stopped(_))), "{died:?}");
    let refused = restore(&scene.db, &backup).await;
    assert!(matches!(refused, Err(BackupError::Removing)), "a delete of it may be on its way: {refused:?}");
    scene.execute("UPDATE jobs SET seen_ms = 0").await;
    restore(&scene.db, &backup).await.unwrap();
    let report = collect(&scene.store, &scene.db, without_grace(true)).await.unwrap();
    assert_eq!((report.total().count, report.left_behind), (0, 0), "{report:?}");
    for number in 1..=4 {
        scene.expect_whole(&scene.db.release(&tag(), number).await.unwrap().unwrap()).await;
    }
}

/// At a point of a gc another one begins, which believes it dead.
struct DeclareDead(GcPoint, Database);

impl GcHook for DeclareDead {
    fn reached(&self, point: GcPoint) -> Result<(), GcPoint> {
        if point == self.0 {
            // Its last sign of life is a moment ago.
            let begin = async {
                while Job::begin_with(&self.1, JobKind::Gc, &"another", Duration::ZERO).await.is_err() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::task::block_in_place(|| Handle::current().block_on(begin));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gc_that_was_declared_dead_condemns_nothing() {
    on_both(async |databases| {
        let scene = orphaned(databases.fresh().await).await;
        let before = scene.stored_files();
        let hook = Box::new(DeclareDead(GcPoint::Listed, scene.db.clone()));
        let ended = collect_with(&scene.store, &scene.db, without_grace(true), hook).await;
        assert!(matches!(ended, Err(GcError::Ended)), "{ended:?}");
        assert_eq!(scene.stored_files(), before);
        assert_eq!(scene.db.condemned_left_behind(AT_ONCE, 500).await.unwrap(), []);
    })
    .await;
}
