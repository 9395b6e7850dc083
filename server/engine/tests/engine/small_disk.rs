//! A disk that is really full: a file system of a few pages, in a mount namespace of its own, and a test that runs in it.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CHILD_IN: &str = "STOWAWAY_TEST_FULL_DISK_IN";

/// Mounts it, of the size `$2`, over the folder `$1` and runs the rest.
const IN_A_SMALL_DISK: &str = "mount -t tmpfs -o size=\"$2\" tmpfs \"$1\" && shift 2 && exec \"$@\"";

/// Runs an ignored test of this program as a process of its own, on a file system of this size.
pub(crate) fn run(test: &str, size: &str) {
    let folder = tempfile::TempDir::new().unwrap();
    let inside = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", IN_A_SMALL_DISK, "sh"]);
        command.arg(folder.path()).args([size, program]);
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
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(CHILD_IN, folder.path())
        .output()
        .unwrap();
    let said = [child.stdout, child.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

/// The folder of the small file system, in the process that [`run`] starts.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os(CHILD_IN).unwrap())
}

/// What takes all the room that there is, until it is dropped.
pub(crate) struct Filler(PathBuf);

impl Filler {
    pub(crate) fn new(folder: &Path) -> Self {
        let (mut file, path) = tempfile::NamedTempFile::new_in(folder).unwrap().keep().unwrap();
        for chunk in [64 * 1024, 1] {
            let failed = loop {
                if let Err(error) = file.write_all(&vec![1; chunk]) {
                    break error;
                }
            };
            assert_eq!(failed.kind(), ErrorKind::StorageFull);
        }
        Self(path)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}
