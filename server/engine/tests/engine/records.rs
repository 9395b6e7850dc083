//! A database that is made again from the store alone has the very rows that were lost.

use std::sync::Arc;

use sqlx::Connection as _;
use stowaway_domain::Tag;
use stowaway_engine::db::{Database, OnExisting, TagLimits};
use stowaway_engine::publish::{FaultHook, FaultPoint, NoProgress};
use stowaway_engine::records::{keep_release, keep_retired, keep_tag_state, rebuild};
use stowaway_engine::store::Store;
use tempfile::TempDir;

use super::postgres::Postgres;
use super::scene::{Scene, small_parts, tag, wav};

/// Three releases with texts, of which a lesson is renamed and another vanishes; and a tag beside it that shares a file.
async fn published() -> Scene {
    let scene = Scene::new().await;
    scene.write("01/01.wav", wav(30_000, 1));
    scene.write("01/01.en.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n".repeat(50));
    scene.write("01/02.wav", wav(30_000, 2));
    scene.publish().await.unwrap();
    std::fs::rename(scene.folder().join("01/02.wav"), scene.folder().join("01/03.wav")).unwrap();
    scene.publish().await.unwrap();
    std::fs::remove_file(scene.folder().join("01/03.wav")).unwrap();
    scene.publish().await.unwrap();
    publish_as(&scene, "other").await;
    scene
}

async fn publish_as(scene: &Scene, name: &str) {
    let tag: Tag = name.parse().unwrap();
    scene.publisher().publish(&scene.folder(), &tag, Arc::new(NoProgress)).await.unwrap();
}

async fn rows(database: &Database) -> String {
    let mut out = Vec::new();
    database.back_up(&mut out, &|| ()).await.unwrap();
    String::from_utf8(out).unwrap()
}

/// Makes the database again, in a fresh one of each kind, and compares every row.
async fn expect_the_same_rows(scene: &Scene) {
    let expected = rows(&scene.db).await;
    let folder = TempDir::new().unwrap();
    let sqlite = Database::sqlite_url(&folder.path().join("again.db")).unwrap();
    expect_rows(scene, Database::open(&sqlite).await.unwrap(), &expected).await;
    let Some(server) = Postgres::start().await else { return };
    expect_rows(scene, Database::open(&server.new_database("again").await).await.unwrap(), &expected).await;
}

async fn expect_rows(scene: &Scene, database: Database, expected: &str) {
    let rebuilt = rebuild(&scene.store, &database, OnExisting::Refuse, &|_| ()).await.unwrap();
    assert_eq!((rebuilt.tags, rebuilt.left_out), (2, Vec::new()));
    assert_eq!(rows(&database).await, expected);
    rebuild(&scene.store, &database, OnExisting::Refuse, &|_| ()).await.unwrap_err();
    rebuild(&scene.store, &database, OnExisting::Replace, &|_| ()).await.unwrap();
    assert_eq!(rows(&database).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_made_again_from_the_store() {
    expect_the_same_rows(&published().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_points_at_an_older_release_does_so_again_until_a_newer_one_is_published() {
    let scene = published().await;
    scene.execute("UPDATE tags SET current_release = 1 WHERE tag = 'field-recording'").await;
    keep_tag_state(&scene.store, &scene.db, &tag()).await.unwrap();
    expect_the_same_rows(&scene).await;
    scene.write("01/04.wav", wav(30_000, 4));
    scene.publish().await.unwrap();
    assert_eq!(scene.release_that_readers_see().await, Some(4));
    expect_the_same_rows(&scene).await;
}

struct DieAfterCommit;

impl FaultHook for DieAfterCommit {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        if point == FaultPoint::Committed { Err(point) } else { Ok(()) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_without_a_record_gets_one_from_the_next_publish_whatever_that_is() {
    let scene = published().await;
    scene.write("01/05.wav", wav(30_000, 5));
    let dies = scene.publisher().with_faults(Arc::new(DieAfterCommit));
    dies.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await.unwrap_err();
    let row = scene.db.release(&tag(), 4).await.unwrap().unwrap();
    assert_eq!(scene.store.size(&row.record_key()).await.unwrap(), None);
    scene.write("01/06.wav", wav(30_000, 6));
    scene.publish().await.unwrap();
    assert!(scene.store.size(&row.record_key()).await.unwrap().is_some());
    expect_the_same_rows(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_damaged_or_whose_manifest_is_gone_is_named_and_the_rest_is_there() {
    let scene = published().await;
    let record = |release| {
        let db = scene.db.clone();
        async move { db.release(&tag(), release).await.unwrap().unwrap() }
    };
    let (first, third) = (record(1).await, record(3).await);
    scene.store.put_bytes(&first.record_key(), "{}".into()).await.unwrap();
    std::fs::remove_file(scene.store.local_path(&third.manifest_key()).unwrap()).unwrap();
    let folder = TempDir::new().unwrap();
    let database = Database::open(&Database::sqlite_url(&folder.path().join("again.db")).unwrap()).await.unwrap();
    let rebuilt = rebuild(&scene.store, &database, OnExisting::Refuse, &|_| ()).await.unwrap();
    assert_eq!((rebuilt.tags, rebuilt.releases), (2, 2));
    let mut named: Vec<&str> = rebuilt.left_out.iter().map(|left_out| left_out.key.as_str()).collect();
    named.sort_unstable();
    assert_eq!(named, [first.record_key().to_string(), third.record_key().to_string()]);
    let pointer = database.tag_pointer(&tag()).await.unwrap().unwrap();
    assert_eq!(pointer.release, 2, "the newest that is whole");
    assert_eq!(pointer.last_release, 3, "a number that was served is not given again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_read_before_its_release_was_retired_does_not_stay_in_the_place_of_that_note() {
    let Some(server) = Postgres::start().await else { return };
    let url = server.new_database("stalled").await;
    let scene = Scene { db: Database::open(&url).await.unwrap(), ..Scene::new().await };
    for seed in 1..=3 {
        scene.write("01.wav", wav(20_000, seed));
        scene.publish().await.unwrap();
    }
    let row = scene.db.release(&tag(), 1).await.unwrap().unwrap();
    scene.store.delete(&row.record_key()).await.unwrap();
    // The last table of the record cannot be read: it stalls with all the others in its hand.
    let mut other = sqlx::AnyConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN").execute(&mut other).await.unwrap();
    sqlx::query("LOCK TABLE tag_limits IN ACCESS EXCLUSIVE MODE").execute(&mut other).await.unwrap();
    let (store, db, stalled) = (scene.store.clone(), scene.db.clone(), row.clone());
    let keeping = tokio::spawn(async move { keep_release(&store, &db, &stalled).await });
    let waiting = "SELECT 1 FROM pg_locks WHERE NOT granted";
    while sqlx::query(waiting).fetch_optional(&mut other).await.unwrap().is_none() {
        assert!(!keeping.is_finished());
        tokio::task::yield_now().await;
    }
    assert_eq!(scene.db.retire(&tag(), &[1], 3).await.unwrap(), 1);
    keep_retired(&scene.store, &scene.db, &tag(), 1).await.unwrap();
    let note = scene.store.get_bytes(&row.record_key(), 1_000_000).await.unwrap();
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    keeping.await.unwrap().unwrap();
    assert_eq!(scene.store.get_bytes(&row.record_key(), 1_000_000).await.unwrap(), note);
}

#[tokio::test]
async fn the_limits_of_a_tag_are_those_that_its_newest_release_knew() {
    // In memory the records are listed, and read, from the oldest to the newest.
    let scene = Scene { store: Store::open("memory:", &small_parts()).unwrap(), ..Scene::new().await };
    let limit = async |keep_releases| {
        let limits = TagLimits { keep_releases: Some(keep_releases), ..TagLimits::default() };
        scene.db.set_tag_limits(&tag(), limits).await.unwrap();
    };
    for number in 1..=3 {
        limit(10 + number).await;
        scene.write("01.wav", wav(20_000, number));
        scene.publish().await.unwrap();
    }
    limit(99).await;
    let url = Database::sqlite_url(&scene.directory.path().join("again.db")).unwrap();
    let database = Database::open(&url).await.unwrap();
    rebuild(&scene.store, &database, OnExisting::Refuse, &|_| ()).await.unwrap();
    let known = database.tag_limits(&tag()).await.unwrap().keep_releases;
    assert_eq!(known, Some(13), "neither the first nor what was said after the last publish");
}
