//! A bundle as a file that can be read and sought through, without ever existing as a whole.

use std::io::{self, Read, Seek, SeekFrom};

use stowaway_domain::Digest;
use stowaway_domain::bundle::{BundleLayout, BundleSegment};
use stowaway_domain::range::ByteRange;

/// Made-up content: a function of the digest and the position, with a period that no power of two shares.
pub(super) fn content_of(digest: &Digest, first: u64, len: usize) -> Vec<u8> {
    let seed = digest.as_bytes();
    let period = 31;
    let start = usize::try_from(first % period).unwrap();
    seed[..31].iter().copied().cycle().skip(start).take(len).collect()
}

/// Reads blobs of a bundle: digest, first byte, length.
pub(super) type ReadBlob = fn(&Digest, u64, usize) -> Vec<u8>;

/// A position in a bundle.
pub(super) struct VirtualFile<'a> {
    pub(super) layout: &'a BundleLayout,
    pub(super) read_blob: ReadBlob,
    pub(super) position: u64,
}

/// The bytes of a range, one segment after the other.
pub(super) fn bytes_of(layout: &BundleLayout, range: ByteRange, read_blob: ReadBlob) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in layout.segments(range) {
        assert!(segment.len() > 0, "no segment is empty");
        match segment {
            BundleSegment::Text(text) => bytes.extend_from_slice(&text),
            BundleSegment::Blob { digest, range } => {
                bytes.extend(read_blob(&digest, range.first, usize::try_from(range.len()).unwrap()));
            }
        }
    }
    bytes
}

impl Read for VirtualFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.layout.total_size().saturating_sub(self.position);
        let len = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if len == 0 {
            return Ok(0);
        }
        let range = ByteRange { first: self.position, last: self.position + len as u64 - 1 };
        buffer[..len].copy_from_slice(&bytes_of(self.layout, range, self.read_blob));
        self.position += len as u64;
        Ok(len)
    }
}

impl Seek for VirtualFile<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(distance) => self.layout.total_size().checked_add_signed(distance),
            SeekFrom::Current(distance) => self.position.checked_add_signed(distance),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
