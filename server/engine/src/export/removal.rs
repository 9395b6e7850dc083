//! Removing files of a folder for good, several at once: what is gone stays gone when the machine loses power.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Removes a file, and the folders above it, below `root`, that it was the last one in.
pub(super) fn remove_below(root: &Path, path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        // A folder was made of it, or of one above it, since it was noted.
        Err(error) if matches!(error.kind(), ErrorKind::IsADirectory | ErrorKind::NotADirectory) => return Ok(()),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    for folder in path.ancestors().skip(1).take_while(|folder| *folder != root) {
        match fs::remove_dir(folder) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {
                if sync_if_there(folder)? {
                    return Ok(());
                }
            }
            Err(error) => return Err(error),
        }
    }
    sync_folder(root)
}

/// Removes a file, if it is there.
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Syncs a folder that others lay in just now; false when another removal took the last of them out of it, and the folder with them.
fn sync_if_there(folder: &Path) -> io::Result<bool> {
    match sync_folder(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes what was made, moved or removed in a folder last.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    /// Folders that two removals empty at the same moment.
    const FOLDERS: usize = 600;

    #[test]
    fn a_folder_that_another_removal_took_is_no_failure() {
        let root = tempfile::tempdir().unwrap();
        assert!(sync_if_there(root.path()).unwrap());
        assert!(!sync_if_there(&root.path().join("gone")).unwrap());
        File::create_new(root.path().join("file")).unwrap();
        sync_if_there(&root.path().join("file/below")).expect_err("that is no removal");
    }

    #[test]
    fn removals_of_one_folder_do_not_stop_each_other() {
        let root = tempfile::tempdir().unwrap();
        let folder = |number: usize| root.path().join(format!("media/{number}"));
        for number in 0..FOLDERS {
            fs::create_dir_all(folder(number)).unwrap();
            for name in ["1.wav", "2.wav"] {
                File::create_new(folder(number).join(name)).unwrap();
            }
        }
        let at_once = Barrier::new(2);
        let remove_all = |name: &str, offset: fn(usize) -> usize| {
            // A failure is only told at the end, as the other side waits for each pair to begin.
            let removed: Vec<io::Result<()>> = (0..FOLDERS)
                .map(|number| {
                    at_once.wait();
                    // Some steps ahead of the other, or behind it: each order of their steps comes up.
                    for _ in 0..offset(number) {
                        remove_file(&root.path().join("nothing"))?;
                    }
                    remove_below(root.path(), &folder(number).join(name))
                })
                .collect();
            removed.into_iter().collect::<io::Result<()>>()
        };
        let both = std::thread::scope(|scope| {
            let other = scope.spawn(|| remove_all("2.wav", |number| number / 6 % 6));
            [remove_all("1.wav", |number| number % 6), other.join().unwrap()]
        });
        assert!(both.iter().all(Result::is_ok), "{both:?}");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "no folder is left either");
    }
}
