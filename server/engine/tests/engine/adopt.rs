//! Adopting objects that others put into the bucket: nothing is copied, nothing is read twice, and nothing else is ever served as them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::TryStreamExt as _;
use rstest::rstest;
use stowaway_domain::answer::BodyPlan;
use stowaway_domain::range::ByteRange;
use stowaway_domain::slice::SliceSize;
use stowaway_domain::store_key::AdoptedObject;
use stowaway_domain::{AssetPath, Digest, StoreKey};
use stowaway_engine::db::Database;
use stowaway_engine::gc::{Collector, GcOptions, GcReport};
use stowaway_engine::jobs::{Job, JobKind};
use stowaway_engine::publish::{
    AdoptError, AdoptOptions, FaultHook, FaultPoint, ListedKey, Objects, Progress, ProgressEvent, PublishError,
    PublishOptions, Published, Publisher,
};
use stowaway_engine::read::{ReadError, Reader, ReaderOptions, Resource, Span};
use stowaway_engine::slices::{SliceCache, SliceOptions};
use stowaway_engine::store::{Store, StoreError, StoreOptions};
use tempfile::TempDir;

use super::object_stores::{Kind, ObjectStoreServer};
use super::scene::{small_parts, tag, wav};

const SLICE: u64 = 64 * 1024;

/// A bucket in which others have put files.
pub(crate) struct Bucket {
    pub(crate) directory: TempDir,
    /// Ends with this.
    _server: Option<ObjectStoreServer>,
    pub(crate) store: Store,
    pub(crate) db: Database,
}

/// Counts what is read and what is known.
#[derive(Default)]
pub(crate) struct Watch {
    pub(crate) read: AtomicU64,
    pub(crate) known: AtomicU64,
}

impl Progress for Watch {
    fn report(&self, event: &ProgressEvent) {
        match event {
            ProgressEvent::Read { bytes } => drop(self.read.fetch_add(*bytes, Ordering::Relaxed)),
            ProgressEvent::Known { bytes } => drop(self.known.fetch_add(*bytes, Ordering::Relaxed)),
            _ => {}
        }
    }
}

/// Ends an adoption once, at one point.
struct EndAt(Mutex<Option<FaultPoint>>);

impl FaultHook for EndAt {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        let mut at = self.0.lock().unwrap();
        if *at == Some(point) { at.take().map_or(Ok(()), Err) } else { Ok(()) }
    }
}

impl Bucket {
    /// A folder where `kind` is nothing; `None` when the program is not on this machine.
    pub(crate) async fn open(kind: Option<Kind>) -> Option<Self> {
        let directory = TempDir::new().unwrap();
        let (server, store) = match kind {
            None => {
                let url = format!("file://{}", directory.path().join("store").display());
                (None, Store::open(&url, &small_parts()).unwrap())
            }
            Some(kind) => {
                let server = ObjectStoreServer::start(kind)?;
                let store = server.store("base", StoreOptions { retries: 1, ..StoreOptions::default() });
                (Some(server), store)
            }
        };
        let url = Database::sqlite_url(&directory.path().join("stowaway.db")).unwrap();
        let db = Database::open(&url).await.unwrap();
        let bucket = Self { directory, _server: server, store, db };
        bucket.put("old shows/01 first.wav", &wav(200_000, 1)).await;
        bucket.put("old shows/more/02.wav", &wav(70_000, 2)).await;
        bucket.put("old shows/01 first.en.vtt", &captions()).await;
        bucket.put("old shows/tag.toml", b"title = \"Old shows\"\n").await;
        bucket.put("other/03.wav", &wav(1000, 3)).await;
        Some(bucket)
    }

    pub(crate) async fn put(&self, path: &str, bytes: &[u8]) {
        let (path, digest) = (path.to_owned(), Digest::of(bytes));
        let object = AdoptedObject { path, digest, size: bytes.len() as u64, etag: String::new() };
        self.store.put_bytes(&StoreKey::Adopted(Arc::new(object)), bytes.to_vec().into()).await.unwrap();
    }

    pub(crate) fn publisher(&self) -> Publisher {
        Publisher::new(self.store.clone(), self.db.clone(), PublishOptions { workers: 2, uploads: 2 })
    }

    pub(crate) async fn adopt(&self) -> Result<Published, AdoptError> {
        self.adopt_with(&self.publisher(), &below("old shows"), &Arc::default()).await
    }

    pub(crate) async fn adopt_with(
        &self,
        publisher: &Publisher,
        objects: &Objects,
        watch: &Arc<Watch>,
    ) -> Result<Published, AdoptError> {
        let options = AdoptOptions { scratch: self.directory.path().to_owned() };
        publisher.adopt(objects, &tag(), &options, Arc::clone(watch) as _).await
    }

    pub(crate) fn reader(&self) -> Reader {
        let pointer_fresh = std::time::Duration::ZERO;
        Reader::new(self.store.clone(), self.db.clone(), ReaderOptions { pointer_fresh, ..ReaderOptions::default() })
    }

    /// One whose bytes come through a slice cache.
    async fn slicing_reader(&self) -> Reader {
        let options = SliceOptions::in_directory(self.directory.path().join("slices"));
        let options = SliceOptions { slice_size: SliceSize::new(SLICE).unwrap(), read_ahead_slices: 0, ..options };
        self.reader().with_slices(SliceCache::open(options).await.unwrap())
    }

    async fn own_objects(&self) -> Vec<String> {
        let all = self.store.list_below("").await.unwrap();
        all.into_iter().map(|object| object.path).filter(|path| StoreKey::is_own(path)).collect()
    }
}

/// Removes what nobody needs, however young it is.
pub(crate) async fn collect(bucket: &Bucket) -> GcReport {
    let options = GcOptions { delete: true, grace: std::time::Duration::ZERO, ..GcOptions::default() };
    let job = Job::begin(&bucket.db, JobKind::Gc, &"a test").await.unwrap();
    let report = Collector::new(bucket.store.clone(), bucket.db.clone(), options).run(&job, &|| false).await.unwrap();
    job.finish(Ok(&report)).await.unwrap();
    report
}

pub(crate) async fn everything(bucket: &Bucket) -> Vec<String> {
    let mut all: Vec<String> =
        bucket.store.list_below("").await.unwrap().into_iter().map(|object| object.path).collect();
    all.sort();
    all
}

#[tokio::test]
async fn gc_removes_nothing_of_an_adoption_that_was_interrupted_or_finished() {
    let bucket = Bucket::open(None).await.unwrap();
    let stopped = bucket.publisher().with_faults(Arc::new(EndAt(Mutex::new(Some(FaultPoint::Planned)))));
    bucket.adopt_with(&stopped, &below("old shows"), &Arc::default()).await.unwrap_err();
    let before = everything(&bucket).await;
    assert!(before.iter().any(|path| path.starts_with("pieces/")), "{before:?}");
    assert_eq!(collect(&bucket).await.total().count, 0);
    assert_eq!(everything(&bucket).await, before);

    let watch = Arc::default();
    bucket.adopt_with(&bucket.publisher(), &below("old shows"), &watch).await.unwrap();
    assert_eq!(watch.read.load(Ordering::Relaxed), 0, "nothing is read twice");
    let before = everything(&bucket).await;
    assert_eq!(collect(&bucket).await.total().count, 0);
    assert_eq!(everything(&bucket).await, before);
    let reader = bucket.reader();
    let resource = media(&reader, "01 first.wav").await;
    assert_eq!(whole(&reader, &resource).await.unwrap().len() as u64, resource.representation.size());
}

pub(crate) fn below(prefix: &str) -> Objects {
    Objects::Below(prefix.to_owned())
}

pub(crate) fn captions() -> Vec<u8> {
    let cues = (0..50).map(|at| format!("00:00:{at:02}.000 --> 00:00:{at:02}.900\nListen, and listen again.\n\n"));
    format!("WEBVTT\n\n{}", cues.collect::<String>()).into_bytes()
}

async fn media(reader: &Reader, path: &str) -> Arc<Resource> {
    let path: AssetPath = path.parse().unwrap();
    reader.media(&tag(), &path).await.unwrap()
}

async fn bytes(reader: &Reader, resource: &Arc<Resource>, range: ByteRange) -> Result<Vec<u8>, ReadError> {
    let body = reader.open_spans(resource, BodyPlan::Bytes(range)).await?;
    let spans: Vec<Span> = body.spans.into_stream().try_collect().await?;
    let bytes = spans.into_iter().map(|span| match span {
        Span::Bytes(bytes) => bytes.to_vec(),
        Span::File { file, offset, len } => {
            let mut bytes = vec![0; len as usize];
            std::os::unix::fs::FileExt::read_exact_at(&*file, &mut bytes, offset).unwrap();
            bytes
        }
    });
    Ok(bytes.collect::<Vec<_>>().concat())
}

pub(crate) async fn whole(reader: &Reader, resource: &Arc<Resource>) -> Result<Vec<u8>, ReadError> {
    bytes(reader, resource, ByteRange::whole(resource.representation.size()).unwrap()).await
}

fn is_changed(error: &ReadError) -> bool {
    matches!(error, ReadError::Store(StoreError::ObjectChanged { key }) if key == "old shows/01 first.wav")
}

#[rstest]
#[case::in_a_folder(None)]
#[case::on_moto(Some(Kind::Moto))]
#[case::on_azurite(Some(Kind::Azurite))]
#[tokio::test]
async fn objects_below_a_prefix_become_a_release_without_a_copy(#[case] kind: Option<Kind>) {
    let Some(bucket) = Bucket::open(kind).await else { return };
    let outcome = bucket.adopt().await.unwrap();
    let Published::Released { release: 1, assets: 3, bytes_uploaded: 0, .. } = outcome else { panic!("{outcome:?}") };
    let own = bucket.own_objects().await;
    assert!(!own.iter().any(|path| path.starts_with("blobs/")), "{own:?}");
    let reader = bucket.slicing_reader().await;
    let manifest = reader.manifest(&tag(), 1).await.unwrap();
    assert_eq!(manifest.metadata.title, "Old shows");
    let sound = media(&reader, "01 first.wav").await;
    for _ in 0..2 {
        assert!(whole(&reader, &sound).await.unwrap() == wav(200_000, 1));
    }
    assert_eq!(whole(&reader, &media(&reader, "01 first.en.vtt").await).await.unwrap(), captions());
    let row = bucket.db.blob(&Digest::of(&wav(200_000, 1))).await.unwrap().unwrap();
    assert_eq!(row.store_key, "old shows/01 first.wav");
    assert!(row.adopted_etag.is_some(), "marked as not ours");
    let run = reader.piece_run(&row.digest, 0, 0).await.unwrap();
    assert!(!whole(&reader, &run).await.unwrap().is_empty());
    let bundle = reader.bundle(&tag(), 1, None).await.unwrap();
    let zip = whole(&reader, &bundle).await.unwrap();
    assert!(zip.windows(1000).any(|window| window == &wav(200_000, 1)[5000..6000]));
    assert!(matches!(bucket.adopt().await.unwrap(), Published::Unchanged { release: 1 }));
}

#[rstest]
#[case::in_a_folder(None)]
#[case::on_moto(Some(Kind::Moto))]
#[case::on_azurite(Some(Kind::Azurite))]
#[tokio::test]
async fn an_object_that_changed_is_refused_and_never_served_as_what_it_was(#[case] kind: Option<Kind>) {
    let Some(bucket) = Bucket::open(kind).await else { return };
    bucket.adopt().await.unwrap();
    let (plain, slicing) = (bucket.reader(), bucket.slicing_reader().await);
    let first = ByteRange { first: 0, last: 9 };
    let (of_plain, of_slicing) = (media(&plain, "01 first.wav").await, media(&slicing, "01 first.wav").await);
    assert_eq!(bytes(&slicing, &of_slicing, first).await.unwrap(), wav(200_000, 1)[..10]);
    bucket.put("old shows/01 first.wav", &wav(200_000, 9)).await;
    assert!(is_changed(&whole(&plain, &of_plain).await.unwrap_err()));
    assert_eq!(bytes(&slicing, &of_slicing, first).await.unwrap(), wav(200_000, 1)[..10], "what was read is right");
    let later = ByteRange { first: 2 * SLICE, last: 2 * SLICE + 9 };
    assert!(is_changed(&bytes(&slicing, &of_slicing, later).await.unwrap_err()), "nothing else comes into the cache");
    let bundle = plain.bundle(&tag(), 1, None).await.unwrap();
    assert!(whole(&plain, &bundle).await.is_err());

    let outcome = bucket.adopt().await.unwrap();
    assert!(matches!(outcome, Published::Released { release: 2, .. }), "{outcome:?}");
    let now = media(&plain, "01 first.wav").await;
    assert!(whole(&plain, &now).await.unwrap() == wav(200_000, 9));
    assert!(is_changed(&whole(&plain, &of_plain).await.unwrap_err()), "the old release names other bytes");
}

#[tokio::test]
async fn the_same_bytes_in_another_object_are_adopted_again_and_found_by_running_servers() {
    let bucket = Bucket::open(None).await.unwrap();
    bucket.adopt().await.unwrap();
    let reader = bucket.reader();
    let sound = media(&reader, "01 first.wav").await;
    // As after a move of the bucket: the same bytes, but other validators.
    bucket.put("old shows/01 first.wav", &wav(200_000, 1)).await;
    assert!(is_changed(&whole(&reader, &sound).await.unwrap_err()));
    assert!(matches!(bucket.adopt().await.unwrap(), Published::Unchanged { release: 1 }));
    assert!(whole(&reader, &sound).await.unwrap() == wav(200_000, 1), "by a resource that was found before");
    // And publishing a copy makes it ours, wherever the object is.
    let folder = bucket.directory.path().join("folder");
    std::fs::create_dir_all(folder.join("more")).unwrap();
    for (path, bytes) in [("01 first.wav", wav(200_000, 1)), ("more/02.wav", wav(70_000, 2))] {
        std::fs::write(folder.join(path), bytes).unwrap();
    }
    std::fs::write(folder.join("01 first.en.vtt"), captions()).unwrap();
    std::fs::write(folder.join("tag.toml"), "title = \"Old shows\"\n").unwrap();
    let published = bucket.publisher().publish(&folder, &tag(), Arc::new(Watch::default())).await.unwrap();
    assert!(matches!(published, Published::Unchanged { release: 1 }), "{published:?}");
    bucket.put("old shows/01 first.wav", b"gone").await;
    assert!(whole(&reader, &sound).await.unwrap() == wav(200_000, 1));
    let row = bucket.db.blob(&sound.representation.digest()).await.unwrap().unwrap();
    assert_eq!(row.adopted_etag, None);
}

#[tokio::test]
async fn an_adoption_that_was_interrupted_reads_no_object_twice() {
    let Some(bucket) = Bucket::open(Some(Kind::Moto)).await else { return };
    let total = 200_000 + 70_000 + 2 * 44 + captions().len() as u64;
    let ended = Arc::new(EndAt(Mutex::new(Some(FaultPoint::Described))));
    let (publisher, watch) = (bucket.publisher().with_faults(ended), Arc::default());
    let stopped = bucket.adopt_with(&publisher, &below("old shows/"), &watch).await.unwrap_err();
    assert!(matches!(stopped, AdoptError::Publish(PublishError::Fault(FaultPoint::Described))), "{stopped}");
    assert_eq!((watch.read.load(Ordering::Relaxed), watch.known.load(Ordering::Relaxed)), (total, 0));
    assert!(bucket.db.tag_pointer(&tag()).await.unwrap().is_none());
    bucket.put("old shows/more/02.wav", &wav(70_000, 4)).await;
    let watch = Arc::default();
    bucket.adopt_with(&publisher, &below("old shows/"), &watch).await.unwrap();
    let changed = 70_044;
    assert_eq!((watch.read.load(Ordering::Relaxed), watch.known.load(Ordering::Relaxed)), (changed, total - changed));
    let left = std::fs::read_dir(bucket.directory.path()).unwrap();
    let left = left.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("adopt"));
    assert_eq!(left.count(), 0, "no copy is left");
}

#[tokio::test]
async fn a_list_names_keys_and_where_they_go() {
    let bucket = Bucket::open(None).await.unwrap();
    let listed = |key: &str, path: Option<&str>| ListedKey { key: key.to_owned(), path: path.map(str::to_owned) };
    let objects = Objects::Listed(vec![listed("other/03.wav", None), listed("old shows/more/02.wav", Some("02.wav"))]);
    bucket.adopt_with(&bucket.publisher(), &objects, &Arc::default()).await.unwrap();
    let reader = bucket.reader();
    assert!(whole(&reader, &media(&reader, "02.wav").await).await.unwrap() == wav(70_000, 2));
    assert!(whole(&reader, &media(&reader, "other/03.wav").await).await.unwrap() == wav(1000, 3));
}

#[tokio::test]
async fn what_cannot_be_adopted_is_named() {
    let bucket = Bucket::open(None).await.unwrap();
    bucket.adopt().await.unwrap();
    let refused = |objects: Objects| {
        let bucket = &bucket;
        async move { bucket.adopt_with(&bucket.publisher(), &objects, &Arc::default()).await.unwrap_err() }
    };
    let nothing = refused(below("nowhere")).await;
    assert!(matches!(nothing, AdoptError::Nothing { .. }) && nothing.is_misuse(), "{nothing}");
    assert!(matches!(refused(below("pieces")).await, AdoptError::Own { .. }));
    let missing = vec![ListedKey { key: "other/04.wav".to_owned(), path: None }];
    assert!(refused(Objects::Listed(missing)).await.to_string().contains("other/04.wav"));
    assert!(matches!(refused(Objects::Listed(Vec::new())).await, AdoptError::EmptyList));
    bucket.put("old shows/tag.toml", b"expires = 2001-01-01T00:00:00Z\n").await;
    let expired = refused(below("old shows")).await;
    assert!(matches!(expired, AdoptError::Publish(PublishError::Expired { .. })), "{expired}");
    bucket.put("other/05.mp3", b"no sound at all").await;
    assert!(refused(below("other")).await.to_string().contains("05.mp3"));
}
