//! The reader over a store in memory and a database in a file: what it keeps, what it checks, and what it does alone.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use stowaway_domain::answer::BodyPlan;
use stowaway_domain::catalogue::PageRequest;
use stowaway_domain::manifest::Manifest;
use stowaway_domain::range::ByteRange;
use stowaway_domain::{AssetPath, StoreKey, Tag};
use tempfile::TempDir;

use super::{ReadError, Reader, ReaderOptions, Resource, Span};
use crate::db::{Change, Database};
use crate::publish::{NoProgress, PublishOptions, Publisher};
use crate::store::{Store, StoreOptions};

struct Fixture {
    folder: TempDir,
    store: Store,
    database: Database,
}

impl Fixture {
    /// A tag `show` with one episode.
    async fn published() -> Self {
        let folder = TempDir::new().unwrap();
        let url = Database::sqlite_url(&folder.path().join("x.db")).unwrap();
        let store = Store::open("memory:///", &StoreOptions::default()).unwrap();
        let fixture = Self { store, database: Database::open(&url).await.unwrap(), folder };
        fixture.publish(&wav(1)).await;
        fixture
    }

    async fn publish(&self, episode: &[u8]) {
        let show = self.folder.path().join("show");
        std::fs::create_dir_all(&show).unwrap();
        std::fs::write(show.join("episode.wav"), episode).unwrap();
        let publisher = Publisher::new(self.store.clone(), self.database.clone(), PublishOptions::default());
        publisher.publish(&show, &tag(), Arc::new(NoProgress)).await.unwrap();
    }

    fn reader(&self, pointer_fresh: Duration) -> Reader {
        let options = ReaderOptions { pointer_fresh, ..ReaderOptions::default() };
        Reader::new(self.store.clone(), self.database.clone(), options)
    }
}

fn tag() -> Tag {
    "show".parse().unwrap()
}

fn path() -> AssetPath {
    "episode.wav".parse().unwrap()
}

/// Half a second of noise that `seed` decides.
fn wav(seed: u8) -> Vec<u8> {
    let samples: Vec<u8> = (0..4000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8 ^ seed).collect();
    let mut bytes = Vec::new();
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + 4000_u32).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend_from_slice(&8000_u32.to_le_bytes());
    bytes.extend_from_slice(&8000_u32.to_le_bytes());
    bytes.extend_from_slice(b"\x01\0\x08\0data");
    bytes.extend_from_slice(&4000_u32.to_le_bytes());
    bytes.extend_from_slice(&samples);
    bytes
}

async fn bytes(reader: &Reader, resource: &Arc<Resource>) -> Vec<u8> {
    let plan = BodyPlan::Bytes(ByteRange::whole(resource.representation.size()).unwrap());
    let spans: Vec<Span> =
        reader.open_spans(resource, plan).await.unwrap().spans.into_stream().try_collect().await.unwrap();
    let bytes = spans.into_iter().map(|span| match span {
        Span::Bytes(bytes) => bytes,
        Span::File { .. } => panic!("a store in memory has no files"),
    });
    bytes.collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn an_outage_ends_when_the_database_answers() {
    let fixture = Fixture::published().await;
    let reader = fixture.reader(Duration::ZERO);
    reader.current_manifest(&tag()).await.unwrap();
    reader.outage.begin(&fixture.database, Duration::from_secs(3));
    fixture.publish(&wav(2)).await;
    while reader.outage.is_on() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let manifest = reader.current_manifest(&tag()).await.unwrap();
    let parsed: Manifest = serde_json::from_slice(&bytes(&reader, &manifest).await).unwrap();
    assert_eq!(parsed.download.release, 2);
}

#[tokio::test]
async fn what_was_served_is_served_on_when_the_database_is_away() {
    let fixture = Fixture::published().await;
    // Fresh for no time at all: every read asks the database.
    let reader = fixture.reader(Duration::ZERO);
    let manifest = reader.current_manifest(&tag()).await.unwrap();
    let parsed: Manifest = serde_json::from_slice(&bytes(&reader, &manifest).await).unwrap();
    let media = reader.media(&tag(), &path()).await.unwrap();
    let digest = media.representation.digest();
    let blob = reader.blob(&digest, "episode.wav").await.unwrap();
    reader.catalogue_page(&PageRequest::default()).await.unwrap();
    reader.release_pieces(&tag(), parsed.download.release).await.unwrap();
    reader.piece_run(&digest, 0, 0).await.unwrap();
    reader.ready().await.unwrap();

    fixture.database.close().await;

    assert!(reader.ready().await.is_err(), "readiness tells");
    let again = reader.current_manifest(&tag()).await.unwrap();
    assert_eq!(again.representation.digest(), manifest.representation.digest());
    assert!(reader.outage.is_on(), "the next reader need not find out again");
    assert_eq!(reader.media(&tag(), &path()).await.unwrap().representation.digest(), digest);
    let blob_again = reader.blob(&digest, "episode.wav").await.unwrap();
    assert_eq!(bytes(&reader, &blob_again).await, bytes(&reader, &blob).await);
    reader.catalogue_page(&PageRequest::default()).await.unwrap();
    reader.release_pieces(&tag(), parsed.download.release).await.unwrap();
    reader.piece_run(&digest, 0, 0).await.unwrap();
    let other = reader.current_manifest(&"other".parse().unwrap()).await.unwrap_err();
    assert!(matches!(*other, ReadError::Database(_)), "what was never served cannot be: {other}");
}

#[tokio::test]
async fn the_pointer_is_asked_for_again_only_when_it_is_no_longer_fresh() {
    let fixture = Fixture::published().await;
    let (patient, eager) = (fixture.reader(Duration::from_secs(3600)), fixture.reader(Duration::ZERO));
    let old = patient.current_manifest(&tag()).await.unwrap().representation.digest();
    assert_eq!(eager.current_manifest(&tag()).await.unwrap().representation.digest(), old);
    fixture.publish(&wav(2)).await;
    assert_eq!(patient.current_manifest(&tag()).await.unwrap().representation.digest(), old);
    assert_ne!(eager.current_manifest(&tag()).await.unwrap().representation.digest(), old);
    assert_eq!(eager.release_manifest(&tag(), 1).await.unwrap().representation.digest(), old, "it stays what it was");
}

#[tokio::test]
async fn fifty_readers_at_once_share_one_load() {
    let fixture = Fixture::published().await;
    let reader = fixture.reader(Duration::from_secs(3600));
    let tag = tag();
    let loads = (0..50).map(|_| reader.current_manifest(&tag));
    let manifests = futures_util::future::try_join_all(loads).await.unwrap();
    // Each load makes a resource of its own; all of them got the very same one.
    assert!(manifests.iter().all(|manifest| Arc::ptr_eq(manifest, &manifests[0])));
}

#[tokio::test]
async fn a_document_that_is_not_what_the_database_says_is_never_served() {
    let fixture = Fixture::published().await;
    let row = fixture.database.release(&tag(), 1).await.unwrap().unwrap();
    fixture.store.put_bytes(&row.manifest_key(), "{}".into()).await.unwrap();
    let refused = fixture.reader(Duration::ZERO).current_manifest(&tag()).await.unwrap_err();
    assert!(matches!(*refused, ReadError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn a_piece_index_of_another_blob_is_never_served() {
    let fixture = Fixture::published().await;
    let digest = fixture.reader(Duration::ZERO).media(&tag(), &path()).await.unwrap().representation.digest();
    fixture.publish(&wav(3)).await;
    let reader = fixture.reader(Duration::ZERO);
    let other = reader.media(&tag(), &path()).await.unwrap().representation.digest();
    let index = fixture.store.get_bytes(&StoreKey::BlobPieces(other), 1 << 20).await.unwrap();
    fixture.store.put_bytes(&StoreKey::BlobPieces(digest), index).await.unwrap();
    let refused = reader.blob_pieces(&digest).await.unwrap_err();
    assert!(matches!(*refused, ReadError::Damaged { .. }), "{refused}");
    assert!(matches!(*reader.piece_run(&digest, 0, 0).await.unwrap_err(), ReadError::Damaged { .. }));
}

#[tokio::test]
async fn invented_names_and_pieces_are_not_there() {
    let fixture = Fixture::published().await;
    let reader = fixture.reader(Duration::ZERO);
    let digest = reader.media(&tag(), &path()).await.unwrap().representation.digest();
    assert!(matches!(*reader.blob(&digest, "other.wav").await.unwrap_err(), ReadError::NoBlob { .. }));
    assert!(matches!(*reader.piece_run(&digest, 0, 1).await.unwrap_err(), ReadError::NoPieces { pieces: 1, .. }));
    assert!(matches!(*reader.release_manifest(&tag(), u64::MAX).await.unwrap_err(), ReadError::NoRelease { .. }));
    let path = "other.wav".parse().unwrap();
    assert!(matches!(*reader.media(&tag(), &path).await.unwrap_err(), ReadError::NoAsset { release: 1, .. }));
}

#[tokio::test]
async fn while_it_is_known_what_changes_only_that_is_asked_for_again() {
    let fixture = Fixture::published().await;
    let reader = fixture.reader(Duration::ZERO);
    reader.watch.trust_for(Duration::from_secs(3600));
    let page = async || reader.catalogue_page(&PageRequest::default()).await.unwrap().representation.digest();
    let manifest = async || reader.current_manifest(&tag()).await.unwrap().representation.digest();
    let (old, old_page) = (manifest().await, page().await);
    fixture.publish(&wav(2)).await;
    assert_eq!((manifest().await, page().await), (old, old_page), "nothing was told");
    reader.watch.note(&Change::Tag(tag()));
    let (new, new_page) = (manifest().await, page().await);
    assert!(new != old && new_page != old_page);
    fixture.publish(&wav(3)).await;
    reader.watch.note(&Change::Something);
    assert!(manifest().await != new && page().await != new_page);
}

#[tokio::test]
async fn what_was_served_in_an_outage_is_not_kept_beyond_it() {
    let fixture = Fixture::published().await;
    let reader = fixture.reader(Duration::from_secs(3600));
    reader.watch.trust_for(Duration::from_secs(3600));
    let old = reader.current_manifest(&tag()).await.unwrap().representation.digest();
    fixture.publish(&wav(2)).await;
    reader.watch.note(&Change::Tag(tag()));
    reader.outage.begin(&fixture.database, Duration::from_secs(3));
    assert_eq!(reader.current_manifest(&tag()).await.unwrap().representation.digest(), old);
    while reader.outage.is_on() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_ne!(reader.current_manifest(&tag()).await.unwrap().representation.digest(), old);
}
