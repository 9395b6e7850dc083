//! Slices as files: `slices-v1/SIZE/ab/DIGEST.NUMBER.CRC32`. A file has its name only when it is whole; until then it is `….part`.
//!
//! The name holds the CRC-32 of the bytes, so that what a crash, a power cut or a bad disk left behind is found out before it is served.

use std::fs::{self, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use stowaway_domain::Digest;
use stowaway_domain::slice::SliceSize;

/// The layout of everything below it; another layout gets another name.
const LAYOUT: &str = "slices-v1";
/// Held locked by the process that uses the folder.
const LOCK: &str = "lock";
/// Ending of a file that is not whole.
const PART: &str = "part";
/// Bytes read at once when a file is checked.
const CHECKED_AT_ONCE_BYTES: usize = 128 * 1024;

/// Which slice of which blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SliceId {
    pub(super) digest: Digest,
    pub(super) number: u64,
}

impl Hash for SliceId {
    /// Of the digest a part is enough, and faster than the whole.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.digest.prefix(), self.number).hash(state);
    }
}

/// A slice that lies in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) len: u64,
    pub(super) crc32: u32,
    /// Its bytes were seen by this process: written, or compared with the checksum.
    pub(super) is_checked: bool,
}

/// The folder, locked for this process.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    _lock: File,
}

impl Folder {
    /// Opens the folder and lists its whole slices, the one used last at the end. What is not whole is removed.
    pub(super) fn open(directory: &Path, size: SliceSize) -> io::Result<(Self, Vec<(SliceId, Held)>)> {
        let layout = directory.join(LAYOUT);
        fs::create_dir_all(&layout)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(layout.join(LOCK))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => io::Error::new(ErrorKind::ResourceBusy, "another process uses it"),
            fs::TryLockError::Error(error) => error,
        })?;
        let root = layout.join(size.bytes().to_string());
        remove_other_sizes(&layout, &root)?;
        fs::create_dir_all(&root)?;
        let held = scan(&root)?;
        Ok((Self { root, _lock: lock }, held))
    }

    /// A new file for a slice that is to be fetched.
    pub(super) fn create_part(&self, id: SliceId) -> io::Result<File> {
        let path = self.part_path(id);
        // Never into a file that is there: somebody may still be reading it.
        self.remove_part(id)?;
        let mut options = OpenOptions::new();
        options.create_new(true).read(true).write(true);
        match options.open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
                options.open(&path)
            }
            opened => opened,
        }
    }

    /// Gives a part that is whole its name.
    pub(super) fn keep_part(&self, id: SliceId, crc32: u32) -> io::Result<()> {
        fs::rename(self.part_path(id), self.path(id, crc32))
    }

    /// Removes a part.
    pub(super) fn remove_part(&self, id: SliceId) -> io::Result<()> {
        ignore_absent(fs::remove_file(self.part_path(id)))
    }

    /// Removes a slice.
    pub(super) fn remove(&self, id: SliceId, crc32: u32) -> io::Result<()> {
        ignore_absent(fs::remove_file(self.path(id, crc32)))
    }

    /// Opens a slice. One that this process has not seen yet is compared with its checksum.
    pub(super) fn open_slice(&self, id: SliceId, held: Held) -> io::Result<File> {
        let file = File::open(self.path(id, held.crc32))?;
        let damaged = |what| Err(io::Error::new(ErrorKind::InvalidData, what));
        if file.metadata()?.len() != held.len {
            return damaged("it has another length than before");
        }
        if !held.is_checked && checksum(&file, held.len)? != held.crc32 {
            return damaged("it has other bytes than were written");
        }
        Ok(file)
    }

    fn part_path(&self, id: SliceId) -> PathBuf {
        self.shelf(id).join(format!("{}.{}.{PART}", id.digest.hex(), id.number))
    }

    fn path(&self, id: SliceId, crc32: u32) -> PathBuf {
        self.shelf(id).join(format!("{}.{}.{crc32:08x}", id.digest.hex(), id.number))
    }

    fn shelf(&self, id: SliceId) -> PathBuf {
        self.root.join(&id.digest.hex()[..2])
    }
}

fn ignore_absent(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

fn checksum(file: &File, len: u64) -> io::Result<u32> {
    let (mut hasher, mut at, mut buffer) = (crc32fast::Hasher::new(), 0, vec![0; CHECKED_AT_ONCE_BYTES]);
    while at < len {
        let count = file.read_at(&mut buffer, at)?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        hasher.update(&buffer[..count]);
        at += count as u64;
    }
    Ok(hasher.finalize())
}

/// Slices of another size are of no use any more, and would be counted by nobody.
fn remove_other_sizes(layout: &Path, root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(layout)? {
        let path = entry?.path();
        let is_size = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.parse::<u64>().is_ok());
        if is_size && path != root {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

fn scan(root: &Path) -> io::Result<Vec<(SliceId, Held)>> {
    let mut found = Vec::new();
    for shelf in fs::read_dir(root)? {
        let shelf = shelf?;
        if !shelf.file_type()?.is_dir() {
            continue;
        }
        for entry in fs::read_dir(shelf.path())? {
            let entry = entry?;
            let Some((id, crc32)) = entry.file_name().to_str().and_then(parse) else {
                fs::remove_file(entry.path())?;
                continue;
            };
            let metadata = entry.metadata()?;
            found.push((last_used(&metadata), id, Held { len: metadata.len(), crc32, is_checked: false }));
        }
    }
    found.sort_by_key(|(used, ..)| *used);
    Ok(found.into_iter().map(|(_, id, held)| (id, held)).collect())
}

/// As far as the file system keeps account of it.
fn last_used(metadata: &fs::Metadata) -> SystemTime {
    let never = SystemTime::UNIX_EPOCH;
    metadata.accessed().unwrap_or(never).max(metadata.modified().unwrap_or(never))
}

/// The slice and checksum that a name tells, if it is one of a whole slice.
fn parse(name: &str) -> Option<(SliceId, u32)> {
    let mut words = name.split('.');
    let (digest, number, crc32) = (words.next()?, words.next()?, words.next()?);
    let id = SliceId { digest: Digest::parse_hex(digest).ok()?, number: number.parse().ok()? };
    let is_whole = crc32.len() == 8 && words.next().is_none();
    is_whole.then(|| u32::from_str_radix(crc32, 16).ok()).flatten().map(|crc32| (id, crc32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let id = SliceId { digest: Digest::of(b"x"), number: 12 };
        let hex = id.digest.hex();
        assert_eq!(parse(&format!("{hex}.12.0000beef")), Some((id, 0xbeef)));
        for other in ["12.part", "12", "12.beef", "12.0000beef.x", "x.0000beef", "-1.0000beef", "12.0000bexf"] {
            assert_eq!(parse(&format!("{hex}.{other}")), None, "{other}");
        }
    }
}
