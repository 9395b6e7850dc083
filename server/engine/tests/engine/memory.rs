//! Publishing a large file takes no more memory than a small one: buffers are bounded by options, not by files.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use stowaway_engine::db::Database;
use stowaway_engine::publish::{NoProgress, PublishOptions, Publisher};
use stowaway_engine::store::{Store, StoreOptions};

use super::scene::{MIB, Scene, tag, wav_header};

const CHILD_IN: &str = "STOWAWAY_TEST_MEMORY_IN";
const FILE_BYTES: usize = 256 * MIB;
const MEMORY_MAX_BYTES: usize = 128 * MIB;

#[tokio::test]
async fn a_large_file_is_published_in_bounded_memory() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav_header(FILE_BYTES));
    let file = fs::File::options().write(true).open(scene.folder().join("01.wav")).unwrap();
    file.set_len(FILE_BYTES as u64 + 44).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "memory::publishes_and_says_its_peak", "--ignored", "--nocapture"])
        .env(CHILD_IN, scene.directory.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}");
    let peak = said.lines().find_map(|line| line.split_once("peak_kib=")).unwrap().1.trim();
    let peak_bytes = peak.parse::<usize>().unwrap() * 1024;
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
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak_kib={}", peak.trim().trim_end_matches(" kB"));
}
