//! The files of a release that come over the network: a list instead of a folder, under the rules of a folder.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::layout::{is_left_out, natural_order};
use crate::{AssetPath, Digest, tag_metadata};

/// Most files of one release that is published from a list.
pub const FILES_MAX: usize = 100_000;

/// A file, by its path in the folder and what its bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedFile {
    /// Path in the folder.
    pub path: AssetPath,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub digest: Digest,
}

/// Files in the order in which a folder with them would be listed, without those that a folder's listing leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileList(Vec<ListedFile>);

/// Why a list is none of a folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileListError {
    /// Nothing in it, or nothing but what is left out.
    #[error("the list has no files to publish: name at least one audio or video file")]
    Empty,
    /// More than [`FILES_MAX`].
    #[error("the list has {files} files: publish at most {FILES_MAX} in one release")]
    TooMany {
        /// How many.
        files: usize,
    },
    /// The same path twice.
    #[error("{path} is in the list twice: name each file once")]
    PathTwice {
        /// The path.
        path: AssetPath,
    },
    /// A file that another file lies in.
    #[error("{path} is both a file and a folder: rename one of them")]
    FileAndFolder {
        /// The path.
        path: AssetPath,
    },
    /// One digest, two sizes.
    #[error(
        "{path} has {size} bytes in the list, and another file of the same digest has {other_size}: measure them again"
    )]
    TwoSizes {
        /// The second file.
        path: AssetPath,
        /// Its size.
        size: u64,
        /// The size of the first.
        other_size: u64,
    },
    /// `tag.toml` is no asset.
    #[error("tag.toml is not published as a file: send its text beside the list")]
    MetadataFile,
}

impl FileList {
    /// Checks and sorts what a client sent.
    ///
    /// # Errors
    /// No folder could have these files.
    pub fn new(files: Vec<ListedFile>) -> Result<Self, FileListError> {
        if files.len() > FILES_MAX {
            return Err(FileListError::TooMany { files: files.len() });
        }
        let mut files = files;
        files.retain(|file| !file.path.as_str().split('/').any(is_left_out));
        if files.is_empty() {
            return Err(FileListError::Empty);
        }
        files.sort_by(|one, other| listing_order(&one.path, &other.path));
        match find_fault(&files) {
            Some(fault) => Err(fault),
            None => Ok(Self(files)),
        }
    }

    /// The files, in order.
    #[must_use]
    pub fn files(&self) -> &[ListedFile] {
        &self.0
    }

    /// Each blob once, with its size.
    #[must_use]
    pub fn blobs(&self) -> Vec<(Digest, u64)> {
        let mut seen = HashSet::new();
        self.0.iter().filter(|file| seen.insert(file.digest)).map(|file| (file.digest, file.size)).collect()
    }
}

fn find_fault(files: &[ListedFile]) -> Option<FileListError> {
    let mut paths: HashSet<&str> = HashSet::with_capacity(files.len());
    let mut sizes: HashMap<Digest, u64> = HashMap::new();
    for ListedFile { path, size, digest } in files {
        if path.as_str() == tag_metadata::FILE_NAME {
            return Some(FileListError::MetadataFile);
        }
        if !paths.insert(path.as_str()) {
            return Some(FileListError::PathTwice { path: path.clone() });
        }
        let first = *sizes.entry(*digest).or_insert(*size);
        if first != *size {
            return Some(FileListError::TwoSizes { path: path.clone(), size: *size, other_size: first });
        }
    }
    let lies_in_a_file = |file: &&ListedFile| folders(file.path.as_str()).any(|folder| paths.contains(folder));
    let inner = files.iter().find(lies_in_a_file)?;
    let outer = folders(inner.path.as_str()).find(|folder| paths.contains(folder))?;
    outer.parse().ok().map(|path| FileListError::FileAndFolder { path })
}

/// Every folder that a path lies in.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// The order in which a folder and what is below it are listed: name by name.
fn listing_order(one: &AssetPath, other: &AssetPath) -> Ordering {
    let (mut ones, mut others) = (one.as_str().split('/'), other.as_str().split('/'));
    loop {
        match (ones.next(), others.next()) {
            (Some(one), Some(other)) => match natural_order(one, other) {
                Ordering::Equal => {}
                order => return order,
            },
            (one, other) => return one.is_some().cmp(&other.is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> ListedFile {
        ListedFile { path: path.parse().unwrap(), size: path.len() as u64, digest: Digest::of(path.as_bytes()) }
    }

    fn listed(paths: &[&str]) -> Result<Vec<String>, FileListError> {
        let list = FileList::new(paths.iter().map(|path| file(path)).collect())?;
        Ok(list.files().iter().map(|file| file.path.to_string()).collect())
    }

    fn path(text: &str) -> AssetPath {
        text.parse().unwrap()
    }

    #[test]
    fn files_stand_as_a_folder_is_listed_without_what_it_leaves_out() {
        let given = ["10/a.mp3", "9/b.mp3", "9.mp3", ".DS_Store", "9/.git/config", "9/a.mp3", "b.mp3.part"];
        assert_eq!(listed(&given).unwrap(), ["9/a.mp3", "9/b.mp3", "9.mp3", "10/a.mp3"]);
    }

    #[test]
    fn what_no_folder_could_hold_is_refused() {
        assert_eq!(listed(&[]), Err(FileListError::Empty));
        assert_eq!(listed(&[".hidden"]), Err(FileListError::Empty));
        assert_eq!(listed(&["a.mp3", "a.mp3"]), Err(FileListError::PathTwice { path: path("a.mp3") }));
        assert_eq!(listed(&["a/b.mp3", "a"]), Err(FileListError::FileAndFolder { path: path("a") }));
        assert_eq!(listed(&["a/b/c.mp3", "a.mp3", "a"]), Err(FileListError::FileAndFolder { path: path("a") }));
        assert_eq!(listed(&["a.mp3", "tag.toml"]), Err(FileListError::MetadataFile));
        assert!(listed(&["a.mp3", "b/tag.toml"]).is_ok());
    }

    #[test]
    fn one_digest_has_one_size() {
        let mut other = file("a.mp3");
        (other.path, other.size) = (path("b.mp3"), 99);
        let refused = FileList::new(vec![file("a.mp3"), other]).unwrap_err();
        assert_eq!(refused, FileListError::TwoSizes { path: path("b.mp3"), size: 99, other_size: 5 });
    }

    #[test]
    fn a_blob_that_several_files_share_is_there_once() {
        let mut copy = file("a.mp3");
        copy.path = path("b.mp3");
        let list = FileList::new(vec![file("a.mp3"), copy]).unwrap();
        assert_eq!(list.blobs(), [(Digest::of(b"a.mp3"), 5)]);
    }
}
