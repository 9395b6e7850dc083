//! A folder that is watched: looked at again and again, which works on every file system and across machines, and costs one listing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// What a folder looks like: every file with its size and time. Two looks that are the same found the same files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderLook(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

impl FolderLook {
    /// Looks now. A file that vanishes meanwhile is not there.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn take(folder: &Path) -> std::io::Result<Self> {
        let mut found = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            let entries = match std::fs::read_dir(&next) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && next != folder => continue,
                entries => entries?,
            };
            for entry in entries {
                let path = entry?.path();
                // As the file is that a link leads to, which is what a publish reads.
                let Ok(meta) = std::fs::metadata(&path) else {
                    found.insert(path, (0, None));
                    continue;
                };
                if meta.is_dir() && !path.is_symlink() {
                    folders.push(path);
                } else {
                    found.insert(path, (meta.len(), meta.modified().ok()));
                }
            }
        }
        Ok(Self(found))
    }
}

/// Decides when a folder that is looked at again and again is to be published.
#[derive(Debug)]
pub struct Settling {
    settle: Duration,
    published: Option<FolderLook>,
    last: Option<(FolderLook, Instant)>,
}

impl Settling {
    /// Nothing is published yet. Files count as settled when nothing changed for `settle`.
    #[must_use]
    pub const fn new(settle: Duration) -> Self {
        Self { settle, published: None, last: None }
    }

    /// Takes a look that was taken at `now`: whether it is to be published. It is not asked for again until something changes.
    pub fn is_due(&mut self, look: FolderLook, now: Instant) -> bool {
        let since = match self.last.take() {
            Some((last, since)) if last == look => since,
            _ => now,
        };
        let is_due = self.published.as_ref() != Some(&look) && now.duration_since(since) >= self.settle;
        if is_due {
            self.published = Some(look.clone());
        }
        self.last = Some((look, since));
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(files: &[(&str, u64)]) -> FolderLook {
        FolderLook(files.iter().map(|&(name, size)| (PathBuf::from(name), (size, None))).collect())
    }

    #[test]
    fn a_folder_is_due_once_when_nothing_changed_for_long_enough() {
        let mut settling = Settling::new(Duration::from_secs(2));
        let began = Instant::now();
        let at = |seconds| began + Duration::from_secs(seconds);
        assert!(!settling.is_due(look(&[("a", 1)]), at(0)));
        assert!(!settling.is_due(look(&[("a", 1)]), at(1)));
        assert!(!settling.is_due(look(&[("a", 2)]), at(2)), "it grows");
        assert!(!settling.is_due(look(&[("a", 2)]), at(3)));
        assert!(settling.is_due(look(&[("a", 2)]), at(4)));
        assert!(!settling.is_due(look(&[("a", 2)]), at(9)), "it was published, or could not be");
        assert!(!settling.is_due(look(&[("a", 2), ("b", 1)]), at(10)));
        assert!(settling.is_due(look(&[("a", 2), ("b", 1)]), at(12)));
        assert!(!settling.is_due(look(&[("a", 2)]), at(13)));
        assert!(settling.is_due(look(&[("a", 2)]), at(20)));
    }

    #[test]
    fn a_look_sees_sizes_times_and_what_vanishes() {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("01")).unwrap();
        std::fs::write(folder.path().join("01/a.wav"), "a").unwrap();
        let first = FolderLook::take(folder.path()).unwrap();
        assert_eq!(first, FolderLook::take(folder.path()).unwrap());
        std::fs::write(folder.path().join("01/a.wav"), "ab").unwrap();
        let second = FolderLook::take(folder.path()).unwrap();
        assert_ne!(first, second);
        std::fs::remove_file(folder.path().join("01/a.wav")).unwrap();
        assert_ne!(second, FolderLook::take(folder.path()).unwrap());
        assert!(FolderLook::take(&folder.path().join("nothing")).is_err());
    }
}
