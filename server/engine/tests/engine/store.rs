//! One suite for every store: the same promises on a folder, in memory, and on real servers of S3 and Azure.
//!
//! For Google there is none: no emulator of it is among the packages that tests install.

use std::fs;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use reqwest::header::{CACHE_CONTROL, HeaderValue};
use rstest::rstest;
use stowaway_domain::range::ByteRange;
use stowaway_domain::slice::SliceSize;
use stowaway_domain::store_key::AdoptedObject;
use stowaway_domain::{Digest, StoreKey};
use stowaway_engine::slices::{SliceCache, SliceOptions};
use stowaway_engine::store::{ExpectedFile, Store, StoreAbilities, StoreError, StoreOptions};
use tempfile::TempDir;

use super::object_stores::{Kind, ObjectStoreServer};
use super::scene::{MIB, noise, small_parts};

type Open = dyn Fn(&str, &StoreOptions) -> Store;

/// A kind of store, and a new one for each promise.
struct Stores {
    directory: TempDir,
    options: StoreOptions,
    /// Garage takes a condition on a put, and does not heed it.
    has_conditional_put: bool,
    /// S3 copies its own objects when asked.
    copies: bool,
    open: Box<Open>,
}

impl Stores {
    fn new(open: impl Fn(&TempDir, &str, &StoreOptions) -> Store + 'static, options: StoreOptions) -> Self {
        let (directory, below) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let open = move |name: &str, options: &StoreOptions| open(&below, name, options);
        Self { directory, options, has_conditional_put: true, copies: false, open: Box::new(open) }
    }

    fn folder() -> Self {
        let open = |below: &TempDir, name: &str, options: &StoreOptions| {
            Store::open(&format!("file://{}", below.path().join(name).display()), options).unwrap()
        };
        Self::new(open, small_parts())
    }

    fn memory() -> Self {
        Self::new(|_, name, options| Store::open(&format!("memory:///{name}"), options).unwrap(), small_parts())
    }

    /// `None` when the program is not on this machine.
    fn server(kind: Kind) -> Option<Self> {
        let server = ObjectStoreServer::start(kind)?;
        // S3 takes no smaller parts.
        let options = StoreOptions { upload_part_bytes: 5 * MIB, retries: 1, ..small_parts() };
        let stores = Self::new(move |_, name, options| server.store(name, options.clone()), options);
        Some(Self { has_conditional_put: kind != Kind::Garage, copies: kind != Kind::Azurite, ..stores })
    }

    fn store(&self, name: &str) -> Store {
        (self.open)(name, &self.options)
    }

    /// Every promise.
    async fn keep_all(&self) {
        a_probe_says_what_it_can_do(&self.store("probed"), self.has_conditional_put).await;
        what_was_written_is_read(&self.store("written")).await;
        any_range_gives_exactly_its_bytes_in_bounded_chunks(&self.store("ranges")).await;
        a_range_beyond_the_end_is_an_error_and_never_a_shorter_answer(&self.store("beyond")).await;
        for size in [0, 10, self.options.upload_part_bytes * 2 + 1] {
            a_file_is_uploaded_whole(self, &self.store("uploads"), size).await;
        }
        for size in [10, self.options.upload_part_bytes + 1] {
            a_file_that_is_not_what_it_was_said_to_be_is_never_stored(self, &self.store("changed"), size).await;
        }
        an_upload_that_is_stopped_stores_nothing(self, &self.store("stopped")).await;
        a_stretch_is_fetched_while_the_object_is_the_same(&self.store("stretch")).await;
        a_store_answers_whether_the_object_is_there_or_not(&self.store("ping")).await;
        what_others_put_there_is_found_and_read_only_while_it_is_the_same(&self.store("others")).await;
        assert_eq!(self.store("copied").copier().is_some(), self.copies);
        if self.copies {
            an_object_is_copied_without_its_bytes_passing_here(&self.store("copied")).await;
        }
        a_slice_cache_in_front_of_it_gives_the_same(self, &self.store("cached")).await;
    }
}

#[tokio::test]
async fn a_folder_keeps_all_promises() {
    Stores::folder().keep_all().await;
}

#[tokio::test]
async fn memory_keeps_all_promises() {
    Stores::memory().keep_all().await;
}

#[rstest]
#[case::s3_by_moto(Kind::Moto)]
#[case::s3_by_s3s_fs(Kind::S3sFs)]
#[case::s3_by_garage(Kind::Garage)]
#[case::azure_by_azurite(Kind::Azurite)]
#[tokio::test]
async fn a_server_keeps_all_promises(#[case] kind: Kind) {
    if let Some(stores) = Stores::server(kind) {
        stores.keep_all().await;
    }
}

async fn read(store: &Store, key: &StoreKey, first: u64, last: u64) -> Result<Vec<Bytes>, StoreError> {
    store.read(key, ByteRange { first, last }).await?.try_collect().await
}

fn key(bytes: &[u8]) -> StoreKey {
    StoreKey::Blob(Digest::of(bytes))
}

async fn a_probe_says_what_it_can_do(store: &Store, is_conditional: bool) {
    let probed = store.probe().await.unwrap();
    let StoreAbilities::Full { has_conditional_put, delete_refused: None } = probed else { panic!("{probed:?}") };
    assert_eq!(has_conditional_put, is_conditional);
}

async fn what_was_written_is_read(store: &Store) {
    let bytes = Bytes::from_static(b"hello");
    let key = key(&bytes);
    assert_eq!(store.size(&key).await.unwrap(), None);
    assert!(store.get_bytes(&key, 100).await.unwrap_err().is_not_found());
    assert!(read(store, &key, 0, 1).await.unwrap_err().is_not_found());
    store.put_bytes(&key, bytes.clone()).await.unwrap();
    assert_eq!(store.size(&key).await.unwrap(), Some(5));
    assert_eq!(store.get_bytes(&key, 5).await.unwrap(), bytes);
    assert!(matches!(store.get_bytes(&key, 4).await, Err(StoreError::TooLarge { max_bytes: 4, .. })));
}

async fn an_object_is_copied_without_its_bytes_passing_here(store: &Store) {
    let (bytes, path) = (Bytes::from(noise(5000, 6)), "to/über uns/100% #1? + [a].bin");
    let key = key(&bytes);
    store.put_bytes(&key, bytes.clone()).await.unwrap();
    let copier = store.copier().unwrap();
    let headers = [(CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    copier.copy(&key.to_string(), path, &headers).await.unwrap();
    let copied = store.look_up(path).await.unwrap().unwrap();
    let (digest, size, etag) = (Digest::of(&bytes), copied.size, copied.etag.unwrap());
    let object = AdoptedObject { path: path.to_owned(), digest, size, etag };
    assert_eq!(store.get_bytes(&StoreKey::Adopted(Arc::new(object)), 5000).await.unwrap(), bytes);
    // And back: the name of what is copied goes into a header.
    copier.copy(path, "back.bin", &headers).await.unwrap();
    assert_eq!(store.look_up("back.bin").await.unwrap().unwrap().size, 5000);
    copier.copy("not there", "nothing.bin", &headers).await.unwrap_err();
    assert_eq!(store.look_up("nothing.bin").await.unwrap(), None);
}

async fn any_range_gives_exactly_its_bytes_in_bounded_chunks(store: &Store) {
    let bytes = noise(MIB + 17, 3);
    let key = key(&bytes);
    store.put_bytes(&key, bytes.clone().into()).await.unwrap();
    let end = bytes.len() as u64 - 1;
    for (first, last) in [(0, 0), (0, end), (end, end), (65_535, 65_536), (100_000, 900_000)] {
        let chunks = read(store, &key, first, last).await.unwrap();
        assert!(chunks.iter().all(|chunk| chunk.len() <= small_parts().read_chunk_bytes));
        assert_eq!(chunks.concat(), bytes[first as usize..=last as usize], "{first}-{last}");
    }
}

async fn a_range_beyond_the_end_is_an_error_and_never_a_shorter_answer(store: &Store) {
    let key = key(b"short");
    store.put_bytes(&key, Bytes::from_static(b"short")).await.unwrap();
    assert!(read(store, &key, 3, 9).await.is_err());
    assert!(read(store, &key, 9, 12).await.is_err());
}

async fn a_file_is_uploaded_whole(stores: &Stores, store: &Store, size: usize) {
    let bytes = noise(size, 5);
    let file = stores.directory.path().join("file");
    fs::write(&file, &bytes).unwrap();
    let expected = ExpectedFile { size: size as u64, digest: Digest::of(&bytes) };
    let seen = Mutex::new(0);
    let count = |bytes| {
        *seen.lock().unwrap() += bytes;
        Ok(())
    };
    store.put_file(&key(&bytes), &file, expected, &count).await.unwrap();
    assert_eq!(store.get_bytes(&key(&bytes), u64::MAX).await.unwrap(), bytes);
    assert_eq!(*seen.lock().unwrap(), size as u64);
}

async fn a_file_that_is_not_what_it_was_said_to_be_is_never_stored(stores: &Stores, store: &Store, size: usize) {
    let bytes = noise(size, 5);
    let file = stores.directory.path().join("file");
    let expected = ExpectedFile { size: size as u64, digest: Digest::of(&bytes) };
    let longer = [bytes.clone(), vec![1]].concat();
    let mut other = bytes.clone();
    other[size - 1] ^= 1;
    for changed in [&longer[..], &bytes[..size - 1], &other[..]] {
        fs::write(&file, changed).unwrap();
        let refused = store.put_file(&key(&bytes), &file, expected, &|_| Ok(())).await.unwrap_err();
        assert!(matches!(&refused, StoreError::FileChanged { path } if *path == file), "{refused}");
        assert_eq!(store.size(&key(&bytes)).await.unwrap(), None);
        let blob = store.local_path(&key(&bytes));
        let left_behind = blob.and_then(|path| fs::read_dir(path.parent().unwrap()).ok()).map_or(0, Iterator::count);
        assert_eq!(left_behind, 0, "no half file stays");
    }
}

async fn an_upload_that_is_stopped_stores_nothing(stores: &Stores, store: &Store) {
    let bytes = noise(stores.options.upload_part_bytes + 1, 6);
    let file = stores.directory.path().join("file");
    fs::write(&file, &bytes).unwrap();
    let expected = ExpectedFile { size: bytes.len() as u64, digest: Digest::of(&bytes) };
    let stop = |_| Err(std::io::Error::other("enough"));
    let stopped = store.put_file(&key(&bytes), &file, expected, &stop).await;
    assert!(matches!(stopped, Err(StoreError::Stopped { .. })));
    assert_eq!(store.size(&key(&bytes)).await.unwrap(), None);
}

async fn a_store_answers_whether_the_object_is_there_or_not(store: &Store) {
    store.ping(&key(b"x")).await.unwrap();
    store.put_bytes(&key(b"x"), Bytes::from_static(b"x")).await.unwrap();
    store.ping(&key(b"x")).await.unwrap();
}

async fn what_others_put_there_is_found_and_read_only_while_it_is_the_same(store: &Store) {
    let bytes = noise(5000, 13);
    let named = |etag: &str| {
        let (path, digest, etag) = ("a folder/100% #1 ü.wav".to_owned(), Digest::of(&bytes), etag.to_owned());
        StoreKey::Adopted(Arc::new(AdoptedObject { path, digest, size: bytes.len() as u64, etag }))
    };
    store.put_bytes(&named(""), bytes.clone().into()).await.unwrap();
    let listed = store.list_below("a folder").await.unwrap();
    let found = store.look_up("a folder/100% #1 ü.wav").await.unwrap().unwrap();
    assert_eq!(listed, std::slice::from_ref(&found));
    assert_eq!(store.list_below("a fold").await.unwrap(), [], "folders, not beginnings of names");
    assert_eq!((found.path.as_str(), found.size), ("a folder/100% #1 ü.wav", 5000));
    let key = named(&found.etag.expect("every store has validators"));
    assert_eq!(store.get_bytes(&key, 5000).await.unwrap(), bytes);
    assert_eq!(read(store, &key, 10, 19).await.unwrap().concat(), bytes[10..20]);
    // Of the same length, so that only the validator tells.
    store.put_bytes(&key, noise(5000, 14).into()).await.unwrap();
    assert!(matches!(store.get_bytes(&key, 5000).await, Err(StoreError::ObjectChanged { .. })));
    assert!(matches!(read(store, &key, 10, 19).await, Err(StoreError::ObjectChanged { .. })));
    assert!(matches!(store.fetch(&key, 10..20, None).await.err(), Some(StoreError::ObjectChanged { .. })));
    assert_eq!(store.look_up("a folder/nothing").await.unwrap(), None);
}

async fn a_slice_cache_in_front_of_it_gives_the_same(stores: &Stores, store: &Store) {
    let directory = stores.directory.path().join("slices");
    let slice_size = SliceSize::new(64 * 1024).unwrap();
    let cache = SliceCache::open(SliceOptions { slice_size, ..SliceOptions::in_directory(directory) }).await.unwrap();
    let bytes = noise(MIB + 17, 15);
    let (key, digest) = (key(&bytes), Digest::of(&bytes));
    let through = async |first, last| cache.read(store, &key, digest, ByteRange { first, last }).await;
    assert!(through(0, 9).await.err().unwrap().is_not_found());
    store.put_bytes(&key, bytes.clone().into()).await.unwrap();
    let end = bytes.len() as u64 - 1;
    for (first, last) in [(0, 0), (65_535, 65_536), (100_000, 900_000), (0, end), (0, end), (end, end)] {
        let answer = through(first, last).await.unwrap();
        let given = super::slices::collect(super::slices::into_stream(answer)).await.unwrap();
        assert!(given == bytes[first as usize..=last as usize], "{first}-{last}");
    }
    let beyond = through(end, end + 9).await;
    let beyond = match beyond {
        Ok(answer) => super::slices::collect(super::slices::into_stream(answer)).await.err(),
        Err(error) => Some(error),
    };
    assert!(beyond.is_some(), "never a shorter answer");
}

async fn a_stretch_is_fetched_while_the_object_is_the_same(store: &Store) {
    let bytes = noise(MIB, 11);
    let key = key(&bytes);
    store.put_bytes(&key, bytes.clone().into()).await.unwrap();
    let end = MIB as u64;
    let fetched = store.fetch(&key, 100..end + 5000, None).await.unwrap();
    assert_eq!((fetched.range, fetched.object_bytes), (100..end, end), "shorter where the object ends");
    let chunks: Vec<Bytes> = fetched.chunks.try_collect().await.unwrap();
    assert!(chunks.concat() == bytes[100..]);
    let etag = fetched.etag.expect("every store has validators");
    let rest = store.fetch(&key, 200..end, Some(&etag)).await.unwrap();
    assert_eq!((rest.range, rest.etag), (200..end, Some(etag.clone())));
    store.put_bytes(&key, noise(MIB, 12).into()).await.unwrap();
    // Some refuse to answer about another object, some only say which one it is.
    let other = store.fetch(&key, 200..end, Some(&etag)).await.ok();
    assert!(other.is_none_or(|other| other.etag != Some(etag)), "the rest of another object");
    assert!(store.fetch(&key, end..end + 10, None).await.is_err(), "nothing is there");
}

fn folder() -> (TempDir, Store) {
    let directory = TempDir::new().unwrap();
    let url = format!("file://{}", directory.path().join("store").display());
    let store = Store::open(&url, &small_parts()).unwrap();
    (directory, store)
}

#[tokio::test]
async fn an_object_that_was_cut_off_on_disk_is_noticed_before_its_first_byte_or_in_the_stream() {
    let (_directory, store) = folder();
    let bytes = noise(MIB, 9);
    let key = key(&bytes);
    store.put_bytes(&key, bytes.into()).await.unwrap();
    let whole = ByteRange { first: 0, last: MIB as u64 - 1 };
    let begun = store.read(&key, whole).await.unwrap();
    fs::File::options().write(true).open(store.local_path(&key).unwrap()).unwrap().set_len(100_000).unwrap();
    let in_the_stream = begun.try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(in_the_stream, StoreError::Short { received_bytes: 65_536, .. }), "{in_the_stream:?}");
    let before = store.read(&key, whole).await.err().unwrap();
    assert!(matches!(before, StoreError::Short { received_bytes: 100_000, .. }), "{before:?}");
    assert_eq!(read(&store, &key, 99_000, 99_999).await.unwrap().concat().len(), 1000, "what is there is there");
}

#[tokio::test]
async fn a_store_whose_folder_is_gone_does_not_answer() {
    let (directory, store) = folder();
    fs::remove_dir_all(directory.path().join("store")).unwrap();
    assert!(matches!(store.ping(&key(b"x")).await, Err(StoreError::Failed { .. })));
}

#[tokio::test]
async fn a_folder_store_tells_where_objects_lie_and_others_do_not() {
    let (directory, store) = folder();
    let key = key(b"x");
    store.put_bytes(&key, Bytes::from_static(b"x")).await.unwrap();
    let path = store.local_path(&key).unwrap();
    assert!(path.starts_with(directory.path().canonicalize().unwrap().join("store")));
    assert_eq!(fs::read(path).unwrap(), b"x");
    assert_eq!(Stores::memory().store("x").local_path(&key), None);
}

#[test]
fn an_address_that_names_no_store_is_refused_with_examples() {
    for url in ["", "nonsense", "ftp://example.org/", "http://example.org/", "file://elsewhere/folder"] {
        let refused = Store::open(url, &small_parts()).unwrap_err();
        assert!(matches!(refused, StoreError::Url { .. }), "{url}: {refused}");
        assert!(refused.to_string().contains("s3://bucket/prefix"));
    }
}
