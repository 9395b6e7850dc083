//! What nobody needs is removed, and nothing on which anybody relies: gc and publishes at the same time, at every point of both.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use stowaway_domain::Digest;
use stowaway_engine::claims::LEASES;
use stowaway_engine::db::{Database, Leases};
use stowaway_engine::gc::{GcError, GcHook, GcOptions, GcPoint};
use stowaway_engine::jobs::{Job, JobError, JobKind};
use stowaway_engine::publish::{FaultHook, FaultPoint, NoProgress, PublishError, Published, Publisher};

use super::collecting::{CollectAt, collect, collect_with, without_grace};
use super::postgres::Postgres;
use super::scene::{Scene, tag, wav};

pub(crate) const AT_ONCE: Leases = Leases { job: Duration::ZERO, claim: LEASES.claim };

/// Ends a publish at a point.
struct EndAt(FaultPoint);

impl FaultHook for EndAt {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        if point == self.0 { Err(point) } else { Ok(()) }
    }
}

/// A scene whose folder was nearly published: everything that a release of it needs is stored, and nothing names it.
pub(crate) async fn orphaned(db: Option<Database>) -> Scene {
    let mut scene = Scene::new().await;
    if let Some(db) = db {
        scene.db = db;
    }
    scene.write("01.wav", wav(600_000, 1));
    scene.write("02.wav", wav(30_000, 2));
    scene.write("01.en.vtt", format!("WEBVTT\n\n{}", "00:00.000 --> 00:09.000\nHello.\n\n".repeat(40)));
    publish_until(&scene, FaultPoint::Committing).await;
    assert!(scene.stored_files().len() > 10);
    scene
}

async fn publish_until(scene: &Scene, point: FaultPoint) {
    let publisher = scene.publisher().with_faults(Arc::new(EndAt(point)));
    let outcome = publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await;
    assert!(matches!(outcome, Err(PublishError::Fault(at)) if at == point), "{outcome:?}");
}

/// Where a test gets its databases from: SQLite, which every scene has, or a PostgreSQL.
pub(crate) struct Databases(Option<Postgres>, AtomicU64);

impl Databases {
    /// A new one; nothing where the scene's own will do.
    pub(crate) async fn fresh(&self) -> Option<Database> {
        let number = self.1.fetch_add(1, Ordering::SeqCst);
        let url = self.0.as_ref()?.new_database(&format!("gc_{number}")).await;
        Some(Database::open(&url).await.unwrap())
    }
}

/// Runs the same test on SQLite and on a PostgreSQL, if there is one on this machine.
pub(crate) async fn on_both(test: impl AsyncFn(&Databases)) {
    test(&Databases(None, AtomicU64::new(0))).await;
    let Some(server) = Postgres::start().await else { return };
    test(&Databases(Some(server), AtomicU64::new(0))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_release_needs_is_counted_then_removed_and_the_rest_stays() {
    on_both(async |databases| {
        let scene = orphaned(databases.fresh().await).await;
        let orphans = scene.stored_files();
        let dry = collect(&scene.store, &scene.db, without_grace(false)).await.unwrap();
        assert_eq!((dry.total().count as usize, dry.dry_run), (orphans.len(), true), "{dry:?}");
        assert_eq!(scene.stored_files(), orphans, "a dry run removes nothing");
        let report = collect(&scene.store, &scene.db, without_grace(true)).await.unwrap();
        assert_eq!(report.total(), dry.total());
        assert_eq!(scene.stored_files(), Vec::<String>::new());

        scene.publish().await.unwrap();
        let needed = scene.stored_files();
        scene.write("02.wav", wav(30_000, 3));
        publish_until(&scene, FaultPoint::Committing).await;
        assert!(scene.stored_files().len() > needed.len());
        let report = collect(&scene.store, &scene.db, without_grace(true)).await.unwrap();
        assert!(report.objects["blob"].count == 1 && report.objects["manifest"].count == 1, "{report:?}");
        assert_eq!(scene.stored_files(), needed);
        assert_eq!(scene.release_that_readers_see().await, Some(1));
        let again = collect(&scene.store, &scene.db, without_grace(true)).await.unwrap();
        assert_eq!((again.total().count, again.objects_examined as usize), (0, needed.len()));
    })
    .await;
}

#[tokio::test]
async fn what_is_young_foreign_or_unfinished_lately_stays() {
    let scene = orphaned(None).await;
    let hex = Digest::of(b"a killed upload").hex();
    let folder = scene.directory.path().join("store/blobs").join(&hex[..2]);
    fs::create_dir_all(&folder).unwrap();
    for name in [format!("{hex}#1"), format!("{hex}#note"), "lesson.mp4#1".to_owned(), "lesson.mp4".to_owned()] {
        fs::write(folder.join(name), "bytes").unwrap();
    }
    let before = scene.stored_files();
    let spare = GcOptions { grace: Duration::from_secs(3600), ..without_grace(true) };
    let report = collect(&scene.store, &scene.db, spare).await.unwrap();
    assert_eq!((report.total().count, report.young.count as usize), (0, before.len() - 3), "{report:?}");
    assert_eq!(scene.stored_files(), before);
    let report = collect(&scene.store, &scene.db, without_grace(true)).await.unwrap();
    assert_eq!((report.staged.count, report.staged.bytes), (1, 5));
    let left: Vec<String> = scene.stored_files();
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(left.iter().all(|name| name.contains("lesson") || name.ends_with("#note")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gc_in_the_middle_of_a_publish_removes_nothing_it_relies_on() {
    on_both(async |databases| {
        for &point in FaultPoint::ALL {
            // In the middle of its transaction, SQLite lets nobody else write: the gc would wait for a publish that waits for it.
            if point == FaultPoint::Committing && databases.0.is_none() {
                continue;
            }
            let scene = orphaned(databases.fresh().await).await;
            let hook = Arc::new(CollectAt::new(point, &scene.store, &scene.db));
            let publisher = scene.publisher().with_faults(hook.clone());
            let outcome = publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await;
            let release = match outcome.unwrap() {
                Published::Released { release, .. } | Published::Unchanged { release } => release,
            };
            let removed = hook.removed();
            // Points that are only reached when something is missing from the store.
            let reached_when_nothing_is_missing = !matches!(
                point,
                FaultPoint::Uploading
                    | FaultPoint::BlobStored
                    | FaultPoint::VariantStored
                    | FaultPoint::VariantsRecorded
            );
            assert!(removed.is_some() || !reached_when_nothing_is_missing, "{point} was not reached");
            assert_eq!(scene.release_that_readers_see().await, Some(release), "{point}");
            if matches!(point, FaultPoint::Scanned | FaultPoint::Described) {
                assert!(removed.unwrap() > 10, "before anything is claimed, all of it can go");
            }
        }
    })
    .await;
}

/// Waits at a point of a gc until somebody has claimed something.
struct WaitForClaim(GcPoint, Database, Arc<AtomicBool>);

impl GcHook for WaitForClaim {
    fn reached(&self, point: GcPoint) -> Result<(), GcPoint> {
        if point == self.0 && !self.2.swap(true, Ordering::SeqCst) {
            let claimed = async {
                let subject = stowaway_domain::Subject::Tag(tag());
                while !self.1.is_claimed(&subject).await.unwrap() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(claimed));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_publish_in_the_middle_of_a_gc_waits_for_what_is_condemned_and_stores_it_again() {
    on_both(async |databases| {
        for point in [GcPoint::Listed, GcPoint::Condemned, GcPoint::Deleted] {
            let scene = orphaned(databases.fresh().await).await;
            let hook = Box::new(WaitForClaim(point, scene.db.clone(), Arc::default()));
            let (store, database) = (scene.store.clone(), scene.db.clone());
            let reached = Arc::clone(&hook.2);
            let gc = tokio::spawn(async move { collect_with(&store, &database, without_grace(true), hook).await });
            while !reached.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let published = scene.publish().await.unwrap();
            let report = gc.await.unwrap().unwrap();
            assert!(matches!(published, Published::Released { .. }), "{published:?}");
            assert!(scene.release_that_readers_see().await.is_some());
            if point == GcPoint::Listed {
                assert_eq!(report.objects.get("blob"), None, "what was claimed after it was listed stays");
            } else {
                assert_eq!(report.objects["blob"].count, 3);
            }
        }
    })
    .await;
}

/// Ends a gc at a point.
pub(crate) struct Die(pub(crate) GcPoint);

impl GcHook for Die {
    fn reached(&self, point: GcPoint) -> Result<(), GcPoint> {
        if point == self.0 { Err(point) } else { Ok(()) }
    }
}

pub(crate) fn impatient(scene: &Scene) -> Publisher {
    scene.publisher().with_leases(AT_ONCE)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gc_that_died_had_condemned_is_removed_by_the_next_one_or_by_who_waits() {
    for point in [GcPoint::Condemned, GcPoint::Deleted] {
        for publish_first in [true, false] {
            let scene = orphaned(None).await;
            let died = collect_with(&scene.store, &scene.db, without_grace(true), Box::new(Die(point))).await;
            assert!(matches!(died, Err(GcError::Stopped(_))), "{died:?}");
            if publish_first {
                impatient(&scene).publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await.unwrap();
                assert_eq!(scene.release_that_readers_see().await, Some(1));
            }
            let next = GcOptions { leases: AT_ONCE, ..without_grace(true) };
            let report = collect(&scene.store, &scene.db, next.clone()).await.unwrap();
            assert_eq!(report.left_behind > 0, !publish_first, "{report:?}");
            if publish_first {
                assert_eq!(scene.release_that_readers_see().await, Some(1));
            } else {
                assert_eq!(scene.stored_files(), Vec::<String>::new());
            }
            assert_eq!(collect(&scene.store, &scene.db, next).await.unwrap().left_behind, 0);
        }
    }
}

/// At a point, everybody who claims anything is forgotten, as if the publish had stood still for long.
struct ForgetAt(FaultPoint, Database);

impl FaultHook for ForgetAt {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        if point == self.0 {
            let forgotten = async {
                while self.1.forget_claimants(Duration::ZERO).await.unwrap() == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(forgotten));
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_whose_claims_were_forgotten_does_not_commit() {
    for point in [FaultPoint::Claimed, FaultPoint::BlobsStored, FaultPoint::ManifestStored] {
        let scene = orphaned(None).await;
        let publisher = scene.publisher().with_faults(Arc::new(ForgetAt(point, scene.db.clone())));
        let outcome = publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await;
        let Err(PublishError::Claim(error)) = outcome else { panic!("{outcome:?}") };
        assert!(error.to_string().contains("publish again"), "{error}");
        assert_eq!(scene.release_that_readers_see().await, None);
        scene.publish().await.unwrap();
        assert_eq!(scene.release_that_readers_see().await, Some(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn publishes_and_gcs_without_end_never_leave_a_release_with_a_hole() {
    on_both(async |databases| {
        let scene = Arc::new(orphaned(databases.fresh().await).await);
        let done = Arc::new(AtomicBool::new(false));
        let (collecting, finished) = (Arc::clone(&scene), Arc::clone(&done));
        let gc = tokio::spawn(async move {
            let mut removed = 0;
            while !finished.load(Ordering::SeqCst) {
                removed += collect(&collecting.store, &collecting.db, without_grace(true)).await.unwrap().total().count;
            }
            removed
        });
        let mut whole = 0;
        for seed in 0..12 {
            // Every second content comes back as an orphan of the publish before it.
            scene.write("02.wav", wav(30_000, 10 + seed));
            publish_until(&scene, FaultPoint::Committing).await;
            scene.publish().await.unwrap();
            whole = scene.release_that_readers_see().await.unwrap();
        }
        done.store(true, Ordering::SeqCst);
        gc.await.unwrap();
        assert_eq!(whole, 12);
        for number in 1..=whole {
            let row = scene.db.release(&tag(), number).await.unwrap().unwrap();
            scene.expect_whole(&row).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_job_of_a_kind_runs_at_a_time_and_a_dead_one_makes_way() {
    on_both(async |databases| {
        let scene = Scene::new().await;
        let db = databases.fresh().await.unwrap_or_else(|| scene.db.clone());
        let job = Job::begin(&db, JobKind::Gc, &"first").await.unwrap();
        let Err(JobError::Running { running, .. }) = Job::begin(&db, JobKind::Gc, &"second").await else {
            panic!("two run at once")
        };
        assert_eq!((running.id.as_str(), running.state.as_str()), (job.id(), "running"));
        let scrub = Job::begin(&db, JobKind::Scrub, &"another kind").await.unwrap();
        scrub.interrupt().await.unwrap();
        assert!(job.checkpoint(&"half").await.unwrap());
        let taken = loop {
            // Its last sign of life is a moment ago.
            match Job::begin_with(&db, JobKind::Gc, &"third", Duration::ZERO).await {
                Ok(job) => break job,
                Err(JobError::Running { .. }) => tokio::time::sleep(Duration::from_millis(1)).await,
                Err(error) => panic!("{error}"),
            }
        };
        assert!(!job.checkpoint(&"more").await.unwrap(), "it was declared dead");
        job.finish(Ok(&"too late")).await.unwrap();
        taken.finish(Ok(&"done")).await.unwrap();
        let states: Vec<(String, String, Option<String>)> =
            db.jobs(10).await.unwrap().into_iter().map(|job| (job.kind, job.state, job.report)).collect();
        let row = |kind: &str, state: &str, report: Option<&str>| {
            (kind.to_owned(), state.to_owned(), report.map(str::to_owned))
        };
        let expected =
            [row("gc", "done", Some("\"done\"")), row("scrub", "interrupted", None), row("gc", "interrupted", None)];
        assert_eq!(states, expected);
        for number in 0..110 {
            Job::begin(&db, JobKind::Gc, &number).await.unwrap().finish(Ok(&number)).await.unwrap();
        }
        assert!(db.jobs(1000).await.unwrap().len() <= 103, "finished jobs are kept in bounds");
    })
    .await;
}
