//! Ending what runs at one of its points, by an error or with its process, and remembering which points were reached.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};
use stowaway_engine::publish::{FaultHook, FaultPoint};
use stowaway_engine::uploads::{UploadFaultHook, UploadFaultPoint};

const CHILD_AT: &str = "STOWAWAY_TEST_CRASH_AT";
const CHILD_IN: &str = "STOWAWAY_TEST_CRASH_IN";

/// Fails when one point is reached for the `nth` time, counted from 1, and remembers every point that was reached.
pub(crate) struct FailAt<P> {
    point: Option<P>,
    nth: usize,
    reached: Mutex<Vec<P>>,
}

impl<P: Copy + PartialEq> FailAt<P> {
    pub(crate) fn new(point: Option<P>) -> Arc<Self> {
        Self::nth(point, 1)
    }

    pub(crate) fn nth(point: Option<P>, nth: usize) -> Arc<Self> {
        Arc::new(Self { point, nth, reached: Mutex::default() })
    }

    /// The points that were reached, in the order of the first time.
    pub(crate) fn firsts(&self) -> Vec<P> {
        let mut firsts = Vec::new();
        for point in self.reached.lock().unwrap().iter() {
            if !firsts.contains(point) {
                firsts.push(*point);
            }
        }
        firsts
    }

    /// How often a point was reached.
    pub(crate) fn count(&self, point: P) -> usize {
        self.reached.lock().unwrap().iter().filter(|&&reached| reached == point).count()
    }

    fn pass(&self, point: P) -> Result<(), P> {
        let count = {
            let mut reached = self.reached.lock().unwrap();
            reached.push(point);
            reached.iter().filter(|&&reached| reached == point).count()
        };
        if self.point == Some(point) && count == self.nth { Err(point) } else { Ok(()) }
    }
}

impl FaultHook for FailAt<FaultPoint> {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        self.pass(point)
    }
}

impl UploadFaultHook for FailAt<UploadFaultPoint> {
    fn reached(&self, point: UploadFaultPoint) -> Result<(), UploadFaultPoint> {
        self.pass(point)
    }
}

/// Has `check` look at many rows of ends, one after another.
pub(crate) fn for_rows<R: Strategy, C: Future<Output = ()>>(cases: u32, rows: R, check: impl Fn(R::Value) -> C) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&rows, |row| {
        runtime.block_on(check(row));
        Ok(())
    });
    outcome.unwrap();
}

/// Ends the process as a power cut would: no destructor runs, no connection is closed.
pub(crate) struct AbortAt<P>(pub(crate) P);

impl<P: PartialEq> AbortAt<P> {
    fn pass(&self, point: &P) {
        if *point == self.0 {
            std::process::abort();
        }
    }
}

impl FaultHook for AbortAt<FaultPoint> {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        self.pass(&point);
        Ok(())
    }
}

impl UploadFaultHook for AbortAt<UploadFaultPoint> {
    fn reached(&self, point: UploadFaultPoint) -> Result<(), UploadFaultPoint> {
        self.pass(&point);
        Ok(())
    }
}

/// Runs an ignored test of this binary as a process, which has to die at the point of that name.
pub(crate) fn expect_death(test: &str, point: &str, directory: &Path) {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored"])
        .env(CHILD_AT, point)
        .env(CHILD_IN, directory)
        .output()
        .unwrap();
    let aborted = child.status.signal() == Some(6);
    assert!(aborted, "{point}: {} {}", child.status, String::from_utf8_lossy(&child.stdout));
}

/// Where the process that [`expect_death`] started has to die, and in which folder it works.
pub(crate) fn death() -> (String, PathBuf) {
    let directory = PathBuf::from(std::env::var_os(CHILD_IN).unwrap());
    (std::env::var(CHILD_AT).unwrap(), directory)
}
