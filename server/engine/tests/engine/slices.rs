//! The slice cache in front of an origin that counts and misbehaves: what is fetched, what is given, and what is kept.

use std::fs;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use rstest::rstest;
use stowaway_domain::StoreKey;
use stowaway_domain::range::ByteRange;
use stowaway_domain::slice::SliceSize;
use stowaway_engine::slices::{Answer, CacheStatus, SliceCache, SliceOptions, Span, StretchStream, Stretches};
use stowaway_engine::store::{Store, StoreError};
use tempfile::TempDir;

use super::origin::{Origin, Script};
use super::scene::noise;
use super::wait;

pub(crate) const SLICE: u64 = 64 * 1024;

/// A cache in a folder, in front of an origin with ten slices and a bit.
pub(crate) struct Cached {
    origin: Origin,
    store: Store,
    cache: SliceCache,
    folder: TempDir,
}

fn options(folder: &Path) -> SliceOptions {
    SliceOptions {
        slice_size: SliceSize::new(SLICE).unwrap(),
        max_bytes: 100 * SLICE,
        read_ahead_slices: 0,
        rest_after_failure: Duration::ZERO,
        ..SliceOptions::in_directory(folder.join("cache"))
    }
}

impl Cached {
    async fn new() -> Self {
        Self::with(|options| options).await
    }

    pub(crate) async fn with(change: impl FnOnce(SliceOptions) -> SliceOptions) -> Self {
        let folder = TempDir::new().unwrap();
        let origin = Origin::start(noise(10 * SLICE as usize + 1000, 7));
        let store = origin.store(2);
        let cache = SliceCache::open(change(options(folder.path()))).await.unwrap();
        Self { origin, store, cache, folder }
    }

    /// The last byte of the blob.
    pub(crate) fn end(&self) -> u64 {
        self.origin.bytes().len() as u64 - 1
    }

    fn key(&self) -> StoreKey {
        StoreKey::Blob(self.origin.digest())
    }

    async fn read(&self, first: u64, last: u64) -> Result<Answer, StoreError> {
        self.cache.read(&self.store, &self.key(), self.origin.digest(), ByteRange { first, last }).await
    }

    /// Reads to the end, compares every byte, and lets the cache come to rest.
    pub(crate) async fn expect(&self, first: u64, last: u64) -> CacheStatus {
        let answer = self.read(first, last).await.unwrap();
        let status = answer.status;
        let bytes = collect(into_stream(answer)).await.unwrap();
        assert!(bytes == self.origin.bytes()[first as usize..=last as usize], "{first}-{last}");
        self.settle().await;
        status
    }

    async fn settle(&self) {
        wait::until("nothing is fetched any more", || self.cache.fills() == 0).await;
    }

    /// Every file below the cache's folder but the lock.
    fn files(&self) -> Vec<PathBuf> {
        files(&self.folder.path().join("cache"))
    }

    /// As another process would find it.
    async fn reopened(self) -> Self {
        let Self { origin, store, cache, folder } = self;
        drop(cache);
        let cache = SliceCache::open(options(folder.path())).await.unwrap();
        // What the one before still did at its end holds the lock a little longer.
        wait::until("the folder is open", || cache.is_open()).await;
        Self { origin, store, cache, folder }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.file_name().unwrap() != "lock" {
            found.push(path);
        }
    }
    found
}

pub(crate) fn into_stream(answer: Answer) -> StretchStream {
    match answer.stretches {
        Stretches::One(stretch) => Box::pin(futures_util::stream::once(async { Ok(stretch) })),
        Stretches::All(stretches) => Box::pin(futures_util::stream::iter(stretches.into_iter().map(Ok))),
        Stretches::Stream(stream) => stream,
    }
}

fn bytes_of(stretch: &Span) -> Vec<u8> {
    match stretch {
        Span::Bytes(bytes) => bytes.to_vec(),
        Span::File { file, offset, len } => {
            let mut bytes = vec![0; *len as usize];
            file.read_exact_at(&mut bytes, *offset).expect("what is given is written");
            bytes
        }
    }
}

pub(crate) async fn collect(stream: StretchStream) -> Result<Vec<u8>, StoreError> {
    stream
        .try_fold(Vec::new(), |mut all, stretch| async move {
            all.extend(bytes_of(&stretch));
            Ok(all)
        })
        .await
}

#[tokio::test]
async fn a_range_is_fetched_by_slices_and_then_served_from_them() {
    let cached = Cached::new().await;
    assert_eq!(cached.expect(100, 199).await, CacheStatus::Miss);
    assert_eq!(cached.origin.asked(), [(0, SLICE - 1)], "one slice, no more");
    assert_eq!(cached.expect(100, SLICE - 1).await, CacheStatus::Hit);
    assert_eq!(cached.expect(SLICE - 1, SLICE).await, CacheStatus::Partial);
    let end = cached.origin.bytes().len() as u64 - 1;
    assert_eq!(cached.expect(0, end).await, CacheStatus::Partial);
    assert_eq!(cached.origin.asked().len(), 11);
    assert_eq!(cached.expect(0, end).await, CacheStatus::Hit);
    assert_eq!(cached.expect(end, end).await, CacheStatus::Hit);
    assert_eq!(cached.origin.sent_bytes(), end + 1, "every byte came once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_readers_miss_a_slice_it_is_fetched_once() {
    let cached = Cached::new().await;
    cached.origin.play([Script { hold_after: Some(1000), ..Script::default() }]);
    let readers = (0..50_u64).map(|number| {
        let (cache, store, digest) = (cached.cache.clone(), cached.store.clone(), cached.origin.digest());
        tokio::spawn(async move {
            // Half of them ask for what has come already, half for what has not.
            let range = ByteRange { first: number, last: if number % 2 == 0 { 999 } else { SLICE - 1 } };
            let answer = cache.read(&store, &StoreKey::Blob(digest), digest, range).await.unwrap();
            (range, answer.status, collect(into_stream(answer)).await.unwrap())
        })
    });
    let readers: Vec<_> = readers.collect();
    cached.origin.until(|origin| origin.holding() == 1).await;
    cached.origin.release();
    let mut misses = 0;
    for reader in readers {
        let (range, status, bytes) = reader.await.unwrap();
        assert!(bytes == cached.origin.bytes()[range.first as usize..=range.last as usize]);
        misses += usize::from(status == CacheStatus::Miss);
    }
    assert_eq!(misses, 1);
    assert_eq!(cached.origin.asked(), [(0, SLICE - 1)]);
}

#[tokio::test]
async fn bytes_are_served_while_the_slice_is_filled_and_never_before_they_are_written() {
    let cached = Cached::new().await;
    cached.origin.play([Script { hold_after: Some(1000), ..Script::default() }]);
    let mut stream = into_stream(cached.read(0, SLICE - 1).await.unwrap());
    let mut got = Vec::new();
    while got.len() < 1000 {
        got.extend(bytes_of(&stream.try_next().await.unwrap().unwrap()));
    }
    assert_eq!(got, cached.origin.bytes()[..1000], "no more than the origin has sent");
    let early = into_stream(cached.read(10, 20).await.unwrap());
    assert_eq!(collect(early).await.unwrap(), cached.origin.bytes()[10..=20]);
    cached.origin.release();
    got.extend(collect(stream).await.unwrap());
    assert!(got == cached.origin.bytes()[..SLICE as usize]);
}

#[tokio::test]
async fn a_reader_that_leaves_does_not_stop_a_fill_that_another_waits_for() {
    let cached = Cached::new().await;
    cached.origin.play([Script { hold_after: Some(1000), ..Script::default() }]);
    let first = cached.read(0, SLICE - 1).await.unwrap();
    let second = cached.read(0, SLICE - 1).await.unwrap();
    assert_eq!((first.status, second.status), (CacheStatus::Miss, CacheStatus::Collapsed));
    drop(first);
    cached.origin.release();
    assert!(collect(into_stream(second)).await.unwrap() == cached.origin.bytes()[..SLICE as usize]);
    assert_eq!(cached.origin.asked().len(), 1);
}

#[tokio::test]
async fn a_fill_that_has_begun_goes_on_when_nobody_waits_for_it_any_more() {
    let cached = Cached::new().await;
    cached.origin.play([Script { hold_after: Some(1000), ..Script::default() }]);
    drop(cached.read(0, SLICE - 1).await.unwrap());
    cached.origin.release();
    cached.settle().await;
    assert_eq!(cached.expect(0, SLICE - 1).await, CacheStatus::Hit);
    assert_eq!(cached.origin.asked().len(), 1);
}

#[tokio::test]
async fn a_fill_that_waits_for_its_turn_is_given_up_with_its_last_reader() {
    let cached = Cached::with(|options| SliceOptions { fills_at_once: 1, ..options }).await;
    cached.origin.play([Script { hold_after: Some(1000), ..Script::default() }]);
    let first = cached.read(0, SLICE - 1).await.unwrap();
    {
        let (second, third) = (cached.read(SLICE, SLICE), cached.read(SLICE, SLICE));
        tokio::pin!(second, third);
        // Both wait: for the turn that the first one has.
        assert!(futures_util::poll!(second.as_mut()).is_pending());
        assert!(futures_util::poll!(third.as_mut()).is_pending());
    }
    let fourth = cached.read(2 * SLICE, 2 * SLICE);
    cached.origin.release();
    fourth.await.unwrap();
    assert!(collect(into_stream(first)).await.unwrap() == cached.origin.bytes()[..SLICE as usize]);
    assert_eq!(cached.origin.asked(), [(0, SLICE - 1), (2 * SLICE, 3 * SLICE - 1)], "nobody asked for the second");
    cached.expect(SLICE, SLICE).await;
}

#[rstest]
#[case::by_one_break(vec![Script { cut_after: Some(30_000), ..Script::default() }])]
#[case::at_the_first_byte(vec![Script { cut_after: Some(0), ..Script::default() }])]
#[case::again_and_again((1..=3).map(|part| Script { cut_after: Some(part * 5000), ..Script::default() }).collect())]
#[tokio::test]
async fn a_store_that_breaks_off_is_asked_for_the_rest(#[case] scripts: Vec<Script>) {
    let cached = Cached::new().await;
    let cuts: Vec<_> = scripts.iter().map(|script| script.cut_after.unwrap() as u64).collect();
    cached.origin.play(scripts);
    cached.expect(0, SLICE - 1).await;
    let mut at = 0;
    let mut expected = vec![(0, SLICE - 1)];
    for cut in cuts {
        at += cut;
        expected.push((at, SLICE - 1));
    }
    assert_eq!(cached.origin.asked(), expected, "each from where the one before stopped");
    assert_eq!(cached.expect(0, SLICE - 1).await, CacheStatus::Hit);
}

#[tokio::test]
async fn a_store_that_always_breaks_off_ends_in_an_error_and_leaves_nothing() {
    let cached = Cached::new().await;
    cached.origin.play((0..20).map(|_| Script { cut_after: Some(1000), ..Script::default() }));
    let broken = collect(into_stream(cached.read(0, SLICE - 1).await.unwrap())).await;
    assert!(matches!(broken, Err(StoreError::Failed { .. } | StoreError::Shared(_))), "{broken:?}");
    cached.settle().await;
    assert_eq!(cached.files(), Vec::<PathBuf>::new());
    assert!(cached.origin.asked().len() < 12, "bounded");
}

#[tokio::test]
async fn the_rest_of_another_object_is_not_taken() {
    let cached = Cached::new().await;
    let other = Script { etag: Some("\"two\""), ..Script::default() };
    cached.origin.play([Script { cut_after: Some(1000), ..Script::default() }, other.clone(), other]);
    let broken = collect(into_stream(cached.read(0, SLICE - 1).await.unwrap())).await;
    assert!(broken.is_err(), "bytes of two objects in one slice");
    cached.settle().await;
    assert_eq!(cached.files(), Vec::<PathBuf>::new());
    cached.expect(0, SLICE - 1).await;
}

#[tokio::test]
async fn a_failure_is_told_to_all_who_wait_before_the_first_byte_and_the_next_reader_tries_again() {
    let cached = Cached::new().await;
    cached.origin.play([Script { status: Some(403), ..Script::default() }]);
    let (first, second) = tokio::join!(cached.read(0, 10), cached.read(0, 10));
    assert!(first.is_err() && second.is_err());
    cached.origin.play([Script { status: Some(404), ..Script::default() }]);
    assert!(cached.read(0, 10).await.err().unwrap().is_not_found());
    cached.expect(0, 10).await;
}

#[tokio::test]
async fn an_object_that_is_too_short_is_an_error_and_is_looked_at_again() {
    let cached = Cached::new().await;
    let end = cached.origin.bytes().len() as u64;
    for _ in 0..2 {
        let short = collect(into_stream(cached.read(10 * SLICE, end).await.unwrap())).await;
        assert!(matches!(short, Err(StoreError::Short { .. })), "{short:?}");
    }
    assert_eq!(cached.origin.asked().len(), 2);
    cached.expect(10 * SLICE, end - 1).await;
}

#[tokio::test]
async fn what_was_not_used_for_longest_is_given_up() {
    let cached = Cached::with(|options| SliceOptions { max_bytes: 4 * SLICE, ..options }).await;
    for number in [0, 1, 2, 0, 3, 4, 5] {
        cached.expect(number * SLICE, number * SLICE + 9).await;
    }
    assert_eq!(cached.origin.asked().len(), 6, "the first was used again");
    assert_eq!(cached.expect(0, 9).await, CacheStatus::Hit);
    assert_eq!(cached.expect(SLICE, SLICE + 9).await, CacheStatus::Miss);
    wait::until("no more than the bound is on disk", || {
        let bytes = cached.files().iter().filter_map(|path| path.metadata().ok()).map(|found| found.len()).sum::<u64>();
        bytes <= 4 * SLICE
    })
    .await;
}

#[tokio::test]
async fn slices_survive_a_restart_and_what_is_not_whole_does_not() {
    let cached = Cached::new().await;
    cached.expect(0, 2 * SLICE - 1).await;
    let whole = cached.files();
    assert_eq!(whole.len(), 2);
    let part = whole[0].with_file_name(format!("{}.7.part", cached.origin.digest().hex()));
    fs::write(&part, b"half of it").unwrap();
    let cached = cached.reopened().await;
    assert!(!part.exists());
    assert_eq!(cached.expect(0, 2 * SLICE - 1).await, CacheStatus::Hit);
    assert_eq!(cached.expect(7 * SLICE, 7 * SLICE + 9).await, CacheStatus::Miss);
    assert_eq!(cached.origin.asked().len(), 3);
}

#[rstest]
#[case::other_bytes(|path: &Path| {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.write_all_at(&[0; 512], 4096).unwrap();
})]
#[case::zeros_at_the_end(|path: &Path| {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_len(1000).unwrap();
    file.set_len(SLICE).unwrap();
})]
#[case::fewer_bytes(|path: &Path| fs::File::options().write(true).open(path).unwrap().set_len(1000).unwrap())]
#[case::gone(|path: &Path| fs::remove_file(path).unwrap())]
#[tokio::test]
async fn a_slice_that_is_not_what_was_written_is_never_served_after_a_restart(#[case] damage: fn(&Path)) {
    let cached = Cached::new().await;
    cached.expect(0, SLICE - 1).await;
    damage(&cached.files()[0]);
    let cached = cached.reopened().await;
    cached.expect(0, SLICE - 1).await;
    assert_eq!(cached.origin.asked().len(), 2);
    assert_eq!(cached.expect(0, SLICE - 1).await, CacheStatus::Hit);
}

#[tokio::test]
async fn a_smaller_bound_or_another_size_after_a_restart_leaves_nothing_uncounted() {
    let cached = Cached::new().await;
    cached.expect(0, 6 * SLICE - 1).await;
    let Cached { origin, store, cache, folder } = cached;
    drop(cache);
    let smaller = SliceOptions { max_bytes: 2 * SLICE, ..options(folder.path()) };
    let cache = SliceCache::open(smaller).await.unwrap();
    wait::until("the folder is open", || cache.is_open()).await;
    wait::until("two slices are left", || files(&folder.path().join("cache")).len() == 2).await;
    drop(cache);
    let other = SliceOptions { slice_size: SliceSize::new(SLICE / 2).unwrap(), ..options(folder.path()) };
    let cache = SliceCache::open(other).await.unwrap();
    wait::until("the folder is open", || cache.is_open()).await;
    let cached = Cached { origin, store, cache, folder };
    assert_eq!(cached.files(), Vec::<PathBuf>::new());
    cached.expect(0, SLICE).await;
}

#[tokio::test]
async fn a_second_process_in_the_same_folder_serves_without_it_until_it_is_free() {
    let cached = Cached::new().await;
    let second = SliceCache::open(options(cached.folder.path())).await.unwrap();
    assert!(!second.is_open());
    let range = ByteRange { first: 5, last: 3 * SLICE };
    let answer = second.read(&cached.store, &cached.key(), cached.origin.digest(), range).await.unwrap();
    assert_eq!(answer.status, CacheStatus::Bypass);
    assert!(collect(into_stream(answer)).await.unwrap() == cached.origin.bytes()[5..=3 * SLICE as usize]);
    assert_eq!(cached.origin.asked(), [(5, 3 * SLICE)], "one request, not one a slice");
    let Cached { origin, store, cache, folder } = cached;
    drop(cache);
    wait::until("the folder is open", || second.is_open()).await;
    let cached = Cached { origin, store, cache: second, folder };
    assert_eq!(cached.expect(0, 9).await, CacheStatus::Miss);
}

/// Something that is no folder where the folder of a digest has to be: for root, too, nothing can be written there.
fn block_shelf(cached: &Cached) -> PathBuf {
    let shelf = cached.folder.path().join(format!("cache/slices-v1/{SLICE}/{}", &cached.origin.digest().hex()[..2]));
    let _ = fs::remove_dir_all(&shelf);
    fs::write(&shelf, b"").unwrap();
    shelf
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_fails_no_answer_and_is_used_again_when_it_can() {
    let cached = Cached::new().await;
    let shelf = block_shelf(&cached);
    cached.expect(0, 3 * SLICE).await;
    cached.expect(0, 9).await;
    fs::remove_file(shelf).unwrap();
    cached.expect(0, 9).await;
    assert_eq!(cached.expect(0, 9).await, CacheStatus::Hit);
}

#[tokio::test]
async fn while_the_folder_rests_the_store_is_asked_for_the_range_itself() {
    let rest = Duration::from_secs(3600);
    let cached = Cached::with(|options| SliceOptions { rest_after_failure: rest, ..options }).await;
    cached.expect(0, 9).await;
    let digest = cached.origin.digest();
    let blob = digest.hex();
    fs::create_dir(cached.folder.path().join(format!("cache/slices-v1/{SLICE}/{}/{blob}.1.part", &blob[..2]))).unwrap();
    cached.expect(SLICE, SLICE + 9).await;
    assert_eq!(cached.expect(2 * SLICE, 2 * SLICE + 9).await, CacheStatus::Bypass);
    assert_eq!(cached.origin.asked()[1..], [(SLICE, SLICE + 9), (2 * SLICE, 2 * SLICE + 9)]);
    assert_eq!(cached.expect(0, 9).await, CacheStatus::Hit, "what is there is served");
}

#[tokio::test]
async fn a_long_range_is_fetched_ahead_within_the_bound() {
    let cached = Cached::with(|options| SliceOptions { read_ahead_slices: 2, ..options }).await;
    let stream = into_stream(cached.read(0, 10 * SLICE - 1).await.unwrap());
    cached.origin.until(|origin| origin.asked().len() == 3).await;
    wait::until("three slices are whole", || {
        cached.files().iter().filter(|path| path.extension().unwrap() != "part").count() == 3
    })
    .await;
    assert_eq!(cached.origin.asked().len(), 3, "not the whole range for one who has read nothing");
    assert!(collect(stream).await.unwrap() == cached.origin.bytes()[..10 * SLICE as usize]);
    assert_eq!(cached.origin.asked().len(), 10);
}

#[tokio::test]
async fn one_who_reads_range_after_range_finds_the_next_slice_there() {
    let cached = Cached::with(|options| SliceOptions { read_ahead_slices: 1, ..options }).await;
    let half = SLICE / 2;
    cached.expect(0, half - 1).await;
    assert_eq!(cached.origin.asked().len(), 1);
    cached.expect(half, SLICE - 1).await;
    cached.origin.until(|origin| origin.asked().len() == 2).await;
    assert_eq!(cached.origin.asked()[1], (SLICE, 2 * SLICE - 1));
    cached.expect(5 * SLICE, 5 * SLICE + 9).await;
    assert_eq!(cached.origin.asked().len(), 3, "one who jumps finds what it asked for, and no more is fetched");
}

#[tokio::test]
async fn files_held_open_are_bounded() {
    let cached = Cached::with(|options| SliceOptions { open_files: 3, ..options }).await;
    for _ in 0..2 {
        for number in 0..10 {
            cached.expect(number * SLICE, number * SLICE + 9).await;
        }
    }
    assert_eq!(cached.origin.asked().len(), 10);
    let below = cached.folder.path().canonicalize().unwrap();
    let open = fs::read_dir("/proc/self/fd").unwrap().filter_map(|fd| fs::read_link(fd.unwrap().path()).ok());
    let slices = open.filter(|path| path.starts_with(&below) && path.file_name().unwrap() != "lock").count();
    assert!(slices <= 3, "{slices} files are open");
}

#[tokio::test]
async fn equal_blobs_share_slices_and_others_do_not() {
    let cached = Cached::new().await;
    cached.expect(0, 9).await;
    let twin = Origin::start(cached.origin.bytes().to_vec());
    let again =
        cached.cache.read(&twin.store(0), &cached.key(), twin.digest(), ByteRange { first: 0, last: 9 }).await.unwrap();
    assert_eq!((again.status, twin.asked().len()), (CacheStatus::Hit, 0));
    let other = Origin::start(noise(5000, 8));
    let answer = other_read(&cached, &other).await;
    assert_eq!(answer, other.bytes()[..100]);
}

async fn other_read(cached: &Cached, other: &Origin) -> Vec<u8> {
    let range = ByteRange { first: 0, last: 99 };
    let key = StoreKey::Blob(other.digest());
    let answer = cached.cache.read(&other.store(0), &key, other.digest(), range).await.unwrap();
    collect(into_stream(answer)).await.unwrap()
}

/// Not as root, for whom everything can be written.
#[tokio::test]
async fn a_read_only_folder_fails_no_answer() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("cache"), b"no folder").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let origin = Origin::start(noise(5000, 8));
    let cache = SliceCache::open(options(folder.path())).await.unwrap();
    assert!(!cache.is_open());
    let cached = Cached { store: origin.store(0), origin, cache, folder };
    assert_eq!(cached.expect(0, 4999).await, CacheStatus::Bypass);
}

#[tokio::test]
async fn files_that_gave_too_little_are_compared_with_their_checksums_again() {
    let cached = Cached::new().await;
    cached.expect(0, SLICE - 1).await;
    fs::File::options().write(true).open(&cached.files()[0]).unwrap().set_len(1000).unwrap();
    cached.cache.distrust();
    cached.expect(0, SLICE - 1).await;
    assert_eq!(cached.origin.asked().len(), 2);
}
