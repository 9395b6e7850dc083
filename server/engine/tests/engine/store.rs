//! One suite for every store: the same promises on a folder and in memory.

use std::fs;
use std::sync::Mutex;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use rstest::rstest;
use stowaway_domain::range::ByteRange;
use stowaway_domain::{Digest, StoreKey};
use stowaway_engine::store::{ExpectedFile, Store, StoreError};
use tempfile::TempDir;

use super::scene::{MIB, noise, small_parts};

/// A store of the kind, in a directory that lives as long as the test.
fn open(kind: &str) -> (TempDir, Store) {
    let directory = TempDir::new().unwrap();
    let url = match kind {
        "folder" => format!("file://{}", directory.path().join("store").display()),
        kind => format!("{kind}:///prefix"),
    };
    let store = Store::open(&url, &small_parts()).unwrap();
    (directory, store)
}

async fn read(store: &Store, key: &StoreKey, first: u64, last: u64) -> Result<Vec<Bytes>, StoreError> {
    store.read(key, ByteRange { first, last }).await?.try_collect().await
}

fn key(bytes: &[u8]) -> StoreKey {
    StoreKey::Blob(Digest::of(bytes))
}

#[rstest]
#[case::folder("folder")]
#[case::memory("memory")]
#[tokio::test]
async fn what_was_written_is_read(#[case] kind: &str) {
    let (_directory, store) = open(kind);
    store.probe().await.unwrap();
    let bytes = Bytes::from_static(b"hello");
    let key = key(&bytes);
    assert_eq!(store.size(&key).await.unwrap(), None);
    assert!(store.get_bytes(&key, 100).await.unwrap_err().is_not_found());
    assert!(read(&store, &key, 0, 1).await.unwrap_err().is_not_found());
    store.put_bytes(&key, bytes.clone()).await.unwrap();
    assert_eq!(store.size(&key).await.unwrap(), Some(5));
    assert_eq!(store.get_bytes(&key, 5).await.unwrap(), bytes);
    assert!(matches!(store.get_bytes(&key, 4).await, Err(StoreError::TooLarge { max_bytes: 4, .. })));
}

#[rstest]
#[case::folder("folder")]
#[case::memory("memory")]
#[tokio::test]
async fn any_range_gives_exactly_its_bytes_in_bounded_chunks(#[case] kind: &str) {
    let (_directory, store) = open(kind);
    let bytes = noise(MIB + 17, 3);
    let key = key(&bytes);
    store.put_bytes(&key, bytes.clone().into()).await.unwrap();
    let end = bytes.len() as u64 - 1;
    for (first, last) in [(0, 0), (0, end), (end, end), (65_535, 65_536), (100_000, 900_000)] {
        let chunks = read(&store, &key, first, last).await.unwrap();
        assert!(chunks.iter().all(|chunk| chunk.len() <= small_parts().read_chunk_bytes));
        assert_eq!(chunks.concat(), bytes[first as usize..=last as usize], "{first}-{last}");
    }
}

#[rstest]
#[case::folder("folder")]
#[case::memory("memory")]
#[tokio::test]
async fn a_range_beyond_the_end_is_an_error_and_never_a_shorter_answer(#[case] kind: &str) {
    let (_directory, store) = open(kind);
    let key = key(b"short");
    store.put_bytes(&key, Bytes::from_static(b"short")).await.unwrap();
    assert!(read(&store, &key, 3, 9).await.is_err());
    assert!(read(&store, &key, 9, 12).await.is_err());
}

#[rstest]
#[case::folder("folder", 10)]
#[case::folder_in_parts("folder", MIB + 1)]
#[case::memory("memory", 10)]
#[case::memory_in_parts("memory", MIB + 1)]
#[case::empty("folder", 0)]
#[tokio::test]
async fn a_file_is_uploaded_whole(#[case] kind: &str, #[case] size: usize) {
    let (directory, store) = open(kind);
    let bytes = noise(size, 5);
    let file = directory.path().join("file");
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

#[rstest]
#[case::folder("folder", 10)]
#[case::folder_in_parts("folder", MIB + 1)]
#[case::memory_in_parts("memory", MIB + 1)]
#[tokio::test]
async fn a_file_that_is_not_what_it_was_said_to_be_is_never_stored(#[case] kind: &str, #[case] size: usize) {
    let (directory, store) = open(kind);
    let bytes = noise(size, 5);
    let file = directory.path().join("file");
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

#[rstest]
#[case::folder("folder")]
#[case::memory("memory")]
#[tokio::test]
async fn an_upload_that_is_stopped_stores_nothing(#[case] kind: &str) {
    let (directory, store) = open(kind);
    let bytes = noise(MIB, 5);
    let file = directory.path().join("file");
    fs::write(&file, &bytes).unwrap();
    let expected = ExpectedFile { size: bytes.len() as u64, digest: Digest::of(&bytes) };
    let stop = |_| Err(std::io::Error::other("enough"));
    let stopped = store.put_file(&key(&bytes), &file, expected, &stop).await;
    assert!(matches!(stopped, Err(StoreError::Stopped { .. })));
    assert_eq!(store.size(&key(&bytes)).await.unwrap(), None);
}

#[tokio::test]
async fn an_object_that_was_cut_off_on_disk_is_noticed_before_its_first_byte_or_in_the_stream() {
    let (_directory, store) = open("folder");
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

#[rstest]
#[case::folder("folder")]
#[case::memory("memory")]
#[tokio::test]
async fn a_store_answers_whether_the_object_is_there_or_not(#[case] kind: &str) {
    let (_directory, store) = open(kind);
    store.ping(&key(b"x")).await.unwrap();
    store.put_bytes(&key(b"x"), Bytes::from_static(b"x")).await.unwrap();
    store.ping(&key(b"x")).await.unwrap();
}

#[tokio::test]
async fn a_store_whose_folder_is_gone_does_not_answer() {
    let (directory, store) = open("folder");
    fs::remove_dir_all(directory.path().join("store")).unwrap();
    assert!(matches!(store.ping(&key(b"x")).await, Err(StoreError::Failed { .. })));
}

#[tokio::test]
async fn a_folder_store_tells_where_objects_lie_and_others_do_not() {
    let (directory, store) = open("folder");
    let key = key(b"x");
    store.put_bytes(&key, Bytes::from_static(b"x")).await.unwrap();
    let path = store.local_path(&key).unwrap();
    assert!(path.starts_with(directory.path().canonicalize().unwrap().join("store")));
    assert_eq!(fs::read(path).unwrap(), b"x");
    assert_eq!(open("memory").1.local_path(&key), None);
}

#[test]
fn an_address_that_names_no_store_is_refused_with_examples() {
    for url in ["", "nonsense", "ftp://example.org/", "http://example.org/", "file://elsewhere/folder"] {
        let refused = Store::open(url, &small_parts()).unwrap_err();
        assert!(matches!(refused, StoreError::Url { .. }), "{url}: {refused}");
        assert!(refused.to_string().contains("s3://bucket/prefix"));
    }
}
