//! Publishers of one tag at the same time, and files that change meanwhile.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Barrier, Mutex};

use stowaway_engine::publish::{FaultHook, FaultPoint, NoProgress, Progress, ProgressEvent, PublishError, Published};

use super::scene::{MIB, Scene, tag, wav};

/// Lets publishers into their transactions only when all of them are about to begin theirs.
struct Together(Barrier, Mutex<usize>);

impl FaultHook for Together {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        let first_rounds = |rounds: &mut usize| {
            *rounds += 1;
            *rounds <= 2
        };
        if point == FaultPoint::ManifestStored && first_rounds(&mut self.1.lock().unwrap()) {
            self.0.wait();
        }
        Ok(())
    }
}

async fn publish_two_at_once(scene: &Scene, folders: [PathBuf; 2]) -> [Result<Published, PublishError>; 2] {
    let together: Arc<dyn FaultHook> = Arc::new(Together(Barrier::new(2), Mutex::new(0)));
    let publishes = folders.map(|folder| {
        let publisher = scene.publisher().with_faults(Arc::clone(&together));
        tokio::spawn(async move { publisher.publish(&folder, &tag(), Arc::new(NoProgress)).await })
    });
    let [one, other] = publishes;
    [one.await.unwrap(), other.await.unwrap()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_publishers_of_different_folders_become_two_releases() {
    let scene = Scene::new().await;
    scene.write("../one/01.wav", wav(30_000, 1));
    scene.write("../other/01.wav", wav(30_000, 2));
    let folders = ["one", "other"].map(|name| scene.directory.path().join(name));
    let [one, other] = publish_two_at_once(&scene, folders).await.map(|outcome| match outcome.unwrap() {
        Published::Released { release, digest, .. } => (release, digest),
        unchanged => panic!("{unchanged:?}"),
    });
    assert_eq!([one.0.min(other.0), one.0.max(other.0)], [1, 2]);
    assert_eq!(scene.release_that_readers_see().await, Some(2));
    for (number, digest) in [one, other] {
        let row = scene.db.release(&tag(), number).await.unwrap().unwrap();
        assert_eq!(row.release_digest, digest, "each publisher was told its own release");
        scene.expect_whole(&row).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_publishers_of_one_folder_become_one_release() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(30_000, 1));
    let outcomes = publish_two_at_once(&scene, [scene.folder(), scene.folder()]).await.map(Result::unwrap);
    let released = outcomes.iter().filter(|outcome| matches!(outcome, Published::Released { release: 1, .. })).count();
    let unchanged = outcomes.iter().filter(|outcome| matches!(outcome, Published::Unchanged { release: 1 })).count();
    assert_eq!((released, unchanged), (1, 1), "{outcomes:?}");
    assert_eq!(scene.release_that_readers_see().await, Some(1));
}

/// Appends to a file when the publish comes to a point.
struct WriteAt(FaultPoint, PathBuf);

impl FaultHook for WriteAt {
    fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
        if point == self.0 {
            append(&self.1);
        }
        Ok(())
    }
}

fn append(file: &PathBuf) {
    fs::File::options().append(true).open(file).unwrap().write_all(b"more").unwrap();
}

async fn expect_changed(scene: &Scene, outcome: Result<Published, PublishError>, name: &str) {
    let failed = outcome.unwrap_err();
    assert!(matches!(&failed, PublishError::Changed { path } if path.as_str() == name), "{failed}");
    assert!(!failed.is_misuse());
    assert!(failed.to_string().contains(name) && failed.to_string().contains("publish again"), "{failed}");
    assert_eq!(scene.release_that_readers_see().await, None, "nothing is half-published");
}

#[tokio::test]
async fn a_file_that_changes_between_two_steps_is_named_and_nothing_is_published() {
    for point in [FaultPoint::Scanned, FaultPoint::Described, FaultPoint::Planned, FaultPoint::BlobsStored] {
        let scene = Scene::new().await;
        scene.write("01/01.wav", wav(30_000, 1));
        let hook = WriteAt(point, scene.folder().join("01/01.wav"));
        let publisher = scene.publisher().with_faults(Arc::new(hook));
        let outcome = publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await;
        expect_changed(&scene, outcome, "01/01.wav").await;
    }
}

#[tokio::test]
async fn a_file_that_appears_or_vanishes_meanwhile_is_named_and_nothing_is_published() {
    struct Change(PathBuf);
    impl FaultHook for Change {
        fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
            if point == FaultPoint::BlobsStored {
                match self.0.exists() {
                    true => fs::remove_file(&self.0).unwrap(),
                    false => fs::write(&self.0, "WEBVTT\n").unwrap(),
                }
            }
            Ok(())
        }
    }
    for name in ["01/01.en.vtt", "01/02.wav", "tag.toml"] {
        let scene = Scene::new().await;
        scene.write("01/01.wav", wav(30_000, 1));
        scene.write("01/02.wav", wav(30_000, 2));
        let publisher = scene.publisher().with_faults(Arc::new(Change(scene.folder().join(name))));
        let outcome = publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await;
        expect_changed(&scene, outcome, name).await;
    }
}

/// Appends to a file as soon as its first piece was read.
struct WriteWhileRead(PathBuf);

impl Progress for WriteWhileRead {
    fn report(&self, event: &ProgressEvent) {
        if matches!(event, ProgressEvent::Read { .. }) {
            append(&self.0);
        }
    }
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_is_named_and_nothing_is_published() {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(6 * MIB, 1));
    let progress = Arc::new(WriteWhileRead(scene.folder().join("01.wav")));
    let outcome = scene.publisher().publish(&scene.folder(), &tag(), progress).await;
    expect_changed(&scene, outcome, "01.wav").await;
}

#[tokio::test]
async fn a_file_that_vanishes_is_named() {
    struct Remove(PathBuf);
    impl FaultHook for Remove {
        fn reached(&self, point: FaultPoint) -> Result<(), FaultPoint> {
            if point == FaultPoint::Scanned {
                fs::remove_file(&self.0).unwrap();
            }
            Ok(())
        }
    }
    let scene = Scene::new().await;
    scene.write("01.wav", wav(30_000, 1));
    let publisher = scene.publisher().with_faults(Arc::new(Remove(scene.folder().join("01.wav"))));
    let failed = publisher.publish(&scene.folder(), &tag(), Arc::new(NoProgress)).await.unwrap_err();
    assert!(matches!(failed, PublishError::Unreadable { .. }) && failed.to_string().contains("01.wav"), "{failed}");
}
