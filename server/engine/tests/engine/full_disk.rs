//! The slice cache on a disk that is really full: a file system of a few slices, in a mount namespace of its own.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use stowaway_domain::slice::SliceSize;
use stowaway_engine::slices::{CacheStatus, SliceOptions};

use super::slices::{Cached, SLICE};

const CHILD_IN: &str = "STOWAWAY_TEST_FULL_DISK_IN";

/// Mounts it over the folder `$1` and runs the rest.
const IN_A_SMALL_DISK: &str = "mount -t tmpfs -o size=320k tmpfs \"$1\" && shift && exec \"$@\"";

#[tokio::test]
async fn on_a_full_disk_no_answer_fails_and_the_cache_goes_on() {
    let folder = tempfile::TempDir::new().unwrap();
    let inside = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", IN_A_SMALL_DISK, "sh"]);
        command.arg(folder.path()).arg(program);
        command
    };
    let can_mount = inside("true").stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !can_mount {
        // Past the capture of the test runner: nobody shall believe that this was tested.
        std::io::stderr().write_all(b"\nNOT TESTED on a full disk: no mount namespaces here\n").unwrap();
        return;
    }
    let this = std::env::current_exe().unwrap();
    let child = inside(this.to_str().unwrap())
        .args(["--exact", "full_disk::reads_more_than_fits", "--ignored", "--nocapture"])
        .env(CHILD_IN, folder.path())
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    assert!(String::from_utf8_lossy(&child.stdout).contains("1 passed"), "it ran");
}

#[tokio::test]
#[ignore = "the process that on_a_full_disk_… starts in a small file system"]
async fn reads_more_than_fits() {
    let directory = PathBuf::from(std::env::var_os(CHILD_IN).unwrap());
    // The cache believes that there is room for a hundred slices; there is for four.
    let cached = Cached::with(|options| SliceOptions {
        slice_size: SliceSize::new(SLICE).unwrap(),
        ..SliceOptions { directory: directory.join("cache"), ..options }
    })
    .await;
    let end = cached.end();
    for _ in 0..3 {
        cached.expect(0, end).await;
    }
    let failed = std::fs::write(directory.join("more"), vec![0; 400 * 1024]).unwrap_err();
    assert_eq!(failed.kind(), std::io::ErrorKind::StorageFull, "the disk is small");
    std::fs::remove_file(directory.join("more")).unwrap();
    // It has made room for what is asked for now.
    let mut statuses = Vec::new();
    while statuses.last() != Some(&CacheStatus::Hit) {
        assert!(statuses.len() < 20, "nothing is kept any more: {statuses:?}");
        statuses.push(cached.expect(5 * SLICE, 5 * SLICE + 9).await);
    }
}
