//! Step 1: lists the folder. Decides what is in, refuses what cannot be, reads nothing but `tag.toml`.
//!
//! Links to files inside the folder are followed (the bytes are stored once); links to folders, links that lead out and
//! links that lead nowhere are refused by name, so that a release never holds what its folder does not show.

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirEntry, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use stowaway_domain::AssetPath;
use stowaway_domain::layout::{is_left_out, natural_order};
use stowaway_domain::tag_metadata::{self, TagMetadata};

use super::PublishError;
use super::stamp::FileStamp;

/// Longest `tag.toml`.
pub(super) const TAG_METADATA_MAX_BYTES: u64 = 1024 * 1024;

/// `ELOOP` of Linux, for which the standard library has no stable name.
const LINKS_IN_A_CIRCLE: i32 = 40;

/// A folder as it was when it was listed.
#[derive(Debug)]
pub(super) struct ScannedFolder {
    root: PathBuf,
    pub(super) metadata: TagMetadata,
    /// The text of `tag.toml`, if there is one.
    pub(super) metadata_text: Option<String>,
    /// Where that came from, if there is a `tag.toml`.
    pub(super) metadata_file: Option<ScannedFile>,
    /// In natural order of their paths.
    pub(super) files: Vec<ScannedFile>,
}

/// A file of the folder.
#[derive(Debug, Clone)]
pub(super) struct ScannedFile {
    pub(super) path: AssetPath,
    /// Where the bytes are, links resolved.
    pub(super) location: PathBuf,
    pub(super) stamp: FileStamp,
}

impl ScannedFolder {
    /// Step 5: whether the folder is still what it was when it was listed, file by file, so that a release never mixes two
    /// states of it.
    pub(super) fn expect_settled(&self) -> Result<(), PublishError> {
        let mut now = Scan::of(&self.root)?;
        let metadata_file = now.take_metadata_file();
        let before: HashMap<&AssetPath, &ScannedFile> =
            self.files.iter().chain(&self.metadata_file).map(|file| (&file.path, file)).collect();
        let mut found = 0;
        for file in now.files.iter().chain(&metadata_file) {
            if before.get(&file.path).is_none_or(|known| known.stamp != file.stamp) {
                return Err(PublishError::Changed { path: file.path.clone() });
            }
            found += 1;
        }
        if found == before.len() {
            return Ok(());
        }
        let still_there: HashSet<&AssetPath> = now.files.iter().chain(&metadata_file).map(|file| &file.path).collect();
        match before.into_keys().find(|path| !still_there.contains(path)) {
            Some(path) => Err(PublishError::Changed { path: path.clone() }),
            None => Ok(()),
        }
    }
}

pub(super) fn scan(folder: &Path) -> Result<ScannedFolder, PublishError> {
    let root = open_root(folder)?;
    let mut scan = Scan::of(&root)?;
    let metadata_file = scan.take_metadata_file();
    let metadata_text = metadata_file.as_ref().map(|file| read_metadata(&file.location)).transpose()?;
    let metadata = metadata_text.as_deref().map(tag_metadata::parse).transpose()?.unwrap_or_default();
    if scan.files.is_empty() {
        return Err(PublishError::Empty { path: folder.to_owned() });
    }
    let files = scan.files;
    Ok(ScannedFolder { root, metadata, metadata_text, metadata_file, files })
}

fn open_root(folder: &Path) -> Result<PathBuf, PublishError> {
    let path = || folder.to_owned();
    let root = folder.canonicalize().map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => PublishError::NoFolder { path: path() },
        std::io::ErrorKind::NotADirectory => PublishError::NotAFolder { path: path() },
        _ => PublishError::Unreadable { path: path(), source },
    })?;
    if root.is_dir() { Ok(root) } else { Err(PublishError::NotAFolder { path: path() }) }
}

struct Scan<'a> {
    root: &'a Path,
    files: Vec<ScannedFile>,
}

impl<'a> Scan<'a> {
    /// Everything below `root`.
    fn of(root: &'a Path) -> Result<Self, PublishError> {
        let mut scan = Self { root, files: Vec::new() };
        scan.list(root, "")?;
        Ok(scan)
    }
    /// Lists one folder and what is below it. Its depth is bounded by the length of a path.
    fn list(&mut self, folder: &Path, prefix: &str) -> Result<(), PublishError> {
        for (name, entry) in entries(folder)? {
            let path: AssetPath = format!("{prefix}{name}").parse()?;
            let kind = entry.file_type().map_err(|source| unreadable(&entry.path(), source))?;
            if kind.is_dir() {
                self.list(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_symlink() {
                let (location, metadata) = self.follow(&path, &entry.path())?;
                self.add(path, location, &metadata)?;
            } else {
                let metadata = entry.metadata().map_err(|source| unreadable(&entry.path(), source))?;
                self.add(path, entry.path(), &metadata)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: AssetPath, location: PathBuf, metadata: &Metadata) -> Result<(), PublishError> {
        if !metadata.is_file() {
            return Err(PublishError::Special { path });
        }
        self.files.push(ScannedFile { path, location, stamp: FileStamp::of(metadata) });
        Ok(())
    }

    /// `tag.toml` is listed as any other file, so that it cannot be a link out of the folder or a pipe, and is no asset.
    fn take_metadata_file(&mut self) -> Option<ScannedFile> {
        let at = self.files.iter().position(|file| file.path.as_str() == tag_metadata::FILE_NAME)?;
        Some(self.files.remove(at))
    }

    fn follow(&self, path: &AssetPath, link: &Path) -> Result<(PathBuf, Metadata), PublishError> {
        let path = || path.clone();
        let target = link.canonicalize().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => PublishError::LinkBroken { path: path() },
            _ if source.raw_os_error() == Some(LINKS_IN_A_CIRCLE) => PublishError::LinkBroken { path: path() },
            _ => unreadable(link, source),
        })?;
        if !target.starts_with(self.root) {
            return Err(PublishError::LinkOutside { path: path(), target });
        }
        let metadata = fs::metadata(&target).map_err(|source| unreadable(&target, source))?;
        if metadata.is_dir() {
            return Err(PublishError::LinkToFolder { path: path() });
        }
        Ok((target, metadata))
    }
}

/// What is in a folder and not left out, in natural order.
fn entries(folder: &Path) -> Result<Vec<(String, DirEntry)>, PublishError> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
        let entry = entry.map_err(|source| unreadable(folder, source))?;
        if is_left_out(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let name = entry.file_name().into_string().map_err(|_| PublishError::NameNotText { path: entry.path() })?;
        entries.push((name, entry));
    }
    entries.sort_by(|(one, _), (other, _)| natural_order(one, other).then_with(|| one.cmp(other)));
    Ok(entries)
}

fn read_metadata(file: &Path) -> Result<String, PublishError> {
    let opened = fs::File::open(file).map_err(|source| unreadable(file, source))?;
    let mut bytes = Vec::new();
    opened.take(TAG_METADATA_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|source| unreadable(file, source))?;
    if bytes.len() as u64 > TAG_METADATA_MAX_BYTES {
        return Err(PublishError::MetadataNotText { reason: "has more than 1 MiB" });
    }
    metadata_text(bytes)
}

/// A `tag.toml` of these bytes.
pub(super) fn metadata_text(bytes: Vec<u8>) -> Result<String, PublishError> {
    String::from_utf8(bytes).map_err(|_| PublishError::MetadataNotText { reason: "is not UTF-8" })
}

fn unreadable(path: &Path, source: std::io::Error) -> PublishError {
    PublishError::Unreadable { path: path.to_owned(), source }
}
