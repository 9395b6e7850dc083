//! Publishing a large file takes no more memory than a small one, and a gc of a million objects not much: buffers are
//! bounded by options, not by what there is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use stowaway_domain::{Digest, StoreKey};
use stowaway_engine::db::Database;
use stowaway_engine::publish::{NoProgress, PublishOptions, Publisher};
use stowaway_engine::store::{Store, StoreOptions};

use super::collecting::{collect, without_grace};
use super::scene::{MIB, Scene, open, tag, wav_header};

const CHILD_IN: &str = "STOWAWAY_TEST_MEMORY_IN";
const FILE_BYTES: usize = 256 * MIB;
const MEMORY_MAX_BYTES: usize = 128 * MIB;
/// The keys of a million objects alone would not fit.
const GC_MEMORY_MAX_BYTES: usize = 96 * MIB;

#[tokio::test]
async fn a_large_file_is_published_in_bounded_memory() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav_header(FILE_BYTES));
    let file = fs::File::options().write(true).open(scene.folder().join("01.wav")).unwrap();
    file.set_len(FILE_BYTES as u64 + 44).unwrap();
    let peak_bytes = peak_of("memory::publishes_and_says_its_peak", scene.directory.path());
    assert!(peak_bytes < MEMORY_MAX_BYTES, "{} MiB", peak_bytes / MIB);
    assert_eq!(scene.db.tag_pointer(&tag()).await.unwrap().unwrap().release, 1);
}

#[tokio::test]
#[ignore = "the process that a_large_file_… starts and measures"]
async fn publishes_and_says_its_peak() {
    let directory = PathBuf::from(std::env::var_os(CHILD_IN).unwrap());
    let url = format!("file://{}", directory.join("store").display());
    let store = Store::open(&url, &StoreOptions::default()).unwrap();
    let db = Database::open(&Database::sqlite_url(&directory.join("stowaway.db")).unwrap()).await.unwrap();
    let publisher = Publisher::new(store, db, PublishOptions { workers: 4, uploads: 4 });
    publisher.publish(&directory.join("folder"), &tag(), Arc::new(NoProgress)).await.unwrap();
    println!("peak_kib={}", own_peak());
}

/// Runs an ignored test of this program as a process of its own, and gives the most memory that it had.
fn peak_of(test: &str, directory: &Path) -> usize {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(CHILD_IN, directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}");
    let peak = said.lines().find_map(|line| line.split_once("peak_kib=")).unwrap().1.trim();
    peak.parse::<usize>().unwrap() * 1024
}

/// The most memory that this process had, in KiB.
fn own_peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").to_owned()
}

/// A store with so many blobs that nobody needs.
async fn with_blobs(count: usize) -> Scene {
    let scene = Scene::new().await;
    for number in 0..count {
        let path = scene.store.local_path(&StoreKey::Blob(Digest::of(&number.to_le_bytes()))).unwrap();
        if fs::File::create(&path).is_err() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::File::create(&path).unwrap();
        }
    }
    scene
}

#[tokio::test]
#[ignore = "a million files take minutes"]
async fn a_gc_of_a_million_objects_has_bounded_memory() {
    let scene = with_blobs(1_000_000).await;
    let begun = Instant::now();
    let peak = peak_of("memory::collects_and_says_its_peak", scene.directory.path());
    println!("{} MiB, {} s", peak / MIB, begun.elapsed().as_secs());
    assert!(peak < GC_MEMORY_MAX_BYTES, "{} MiB", peak / MIB);
}

#[tokio::test]
#[ignore = "the process that a_gc_of_a_million_… starts and measures"]
async fn collects_and_says_its_peak() {
    let (store, db) = open(&PathBuf::from(std::env::var_os(CHILD_IN).unwrap())).await;
    let report = collect(&store, &db, without_grace(false)).await.unwrap();
    assert_eq!(report.objects["blob"].count, report.objects_examined);
    println!("peak_kib={}", own_peak());
}
