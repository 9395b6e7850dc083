//! A reader hears of what others publish, on both databases, and again after its connection was lost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::Connection as _;
use stowaway_engine::db::{Change, Changes, Database};
use stowaway_engine::publish::{NoProgress, PublishOptions, Publisher};
use stowaway_engine::read::{Reader, ReaderOptions};
use stowaway_engine::store::{Store, StoreOptions};
use tempfile::TempDir;

use super::postgres::Postgres;
use super::scene::{tag, wav};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A store, and a database that publishers and readers open for themselves, as processes would.
struct Fleet {
    folder: TempDir,
    store: Store,
    url: String,
}

impl Fleet {
    fn new(url: impl FnOnce(&TempDir) -> String) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open("memory:///", &StoreOptions::default()).unwrap();
        Self { url: url(&folder), store, folder }
    }

    fn on_sqlite() -> Self {
        Self::new(|folder| Database::sqlite_url(&folder.path().join("s.db")).unwrap())
    }

    async fn database(&self) -> Database {
        Database::open(&self.url).await.unwrap()
    }

    /// One that asks the database by itself only once an hour.
    async fn patient_reader(&self) -> Reader {
        let options = ReaderOptions { pointer_fresh: Duration::from_secs(7200), ..ReaderOptions::default() };
        Reader::new(self.store.clone(), self.database().await, options)
    }

    /// Publishes the next release.
    async fn publish(&self, seed: u64) {
        let folder = self.folder.path().join("folder");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("01.wav"), wav(5_000, seed)).unwrap();
        let publisher = Publisher::new(self.store.clone(), self.database().await, PublishOptions::default());
        publisher.publish(&folder, &tag(), Arc::new(NoProgress)).await.unwrap();
    }

    /// Waits until a reader sees that release, and says how long it took.
    async fn until_seen(&self, reader: &Reader, release: u64) -> Duration {
        let expected = self.database().await.release(&tag(), release).await.unwrap().unwrap().manifest_digest;
        let begun = Instant::now();
        while reader.current_manifest(&tag()).await.unwrap().representation.digest() != expected {
            assert!(begun.elapsed() < PATIENCE, "release {release} is not seen");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        begun.elapsed()
    }

    /// Ends every connection of everybody, as a restart of the database would.
    async fn cut_connections(&self) {
        let mut connection = sqlx::AnyConnection::connect(&self.url).await.unwrap();
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let ended: i64 = sqlx::query_scalar(cut).fetch_one(&mut connection).await.unwrap();
        assert!(ended > 0);
    }
}

async fn all_until(changes: &mut Changes, expected: &Change) {
    let begun = Instant::now();
    loop {
        let mut told = changes.confirm().await.unwrap();
        told.extend(changes.wait((Instant::now() + Duration::from_millis(20)).into()).await.unwrap());
        if told.contains(expected) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "nothing was told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_says_that_another_connection_has_written() {
    let fleet = Fleet::on_sqlite();
    let database = fleet.database().await;
    let mut changes = database.changes().await.unwrap().unwrap();
    assert_eq!(changes.confirm().await.unwrap(), []);
    fleet.publish(1).await;
    all_until(&mut changes, &Change::Something).await;
    assert_eq!(changes.confirm().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_memory_has_nobody_else() {
    let database = Database::open("sqlite::memory:").await.unwrap();
    assert!(database.changes().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_hear_of_what_others_publish_into_sqlite() {
    let fleet = Fleet::on_sqlite();
    fleet.publish(1).await;
    let reader = fleet.patient_reader().await.watching();
    fleet.until_seen(&reader, 1).await;
    fleet.publish(2).await;
    println!("release 2 was seen after {:?}", fleet.until_seen(&reader, 2).await);
    let deaf = fleet.patient_reader().await;
    fleet.until_seen(&deaf, 2).await;
    fleet.publish(3).await;
    println!("release 3 was seen after {:?}", fleet.until_seen(&reader, 3).await);
    let old = deaf.current_manifest(&tag()).await.unwrap().representation.digest();
    let new = reader.current_manifest(&tag()).await.unwrap().representation.digest();
    assert_ne!(old, new, "who does not watch has not asked again, so that it was the watching that told");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_hear_of_what_others_publish_into_postgresql_also_after_a_lost_connection() {
    let Some(server) = Postgres::start().await else { return };
    let url = server.new_database("fleet").await;
    let fleet = Fleet::new(|_| url);
    fleet.publish(1).await;
    let database = fleet.database().await;
    let mut changes = database.changes().await.unwrap().unwrap();
    let reader = fleet.patient_reader().await.watching();
    fleet.until_seen(&reader, 1).await;
    fleet.publish(2).await;
    all_until(&mut changes, &Change::Tag(tag())).await;
    println!("release 2 was seen after {:?}", fleet.until_seen(&reader, 2).await);
    fleet.cut_connections().await;
    assert!(changes.confirm().await.is_err(), "a lost connection is told, since changes may have been missed");
    fleet.publish(3).await;
    println!("release 3 was seen after {:?}", fleet.until_seen(&reader, 3).await);
}
