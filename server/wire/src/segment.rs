//! What an answer's body is made of: bytes at hand and slices of open files.

use std::{fmt, fs::File, io, sync::Arc};

use bytes::Bytes;

/// One contiguous run of an answer's body.
#[derive(Clone)]
pub enum Segment {
    /// Bytes in memory: the framing of a multipart answer, the headers of an archive.
    Bytes(Bytes),
    /// `len` bytes of `file`, from `offset` on. The file's own position is neither used nor moved, so that any number
    /// of answers may share one open file.
    File {
        /// The open file; kept open until the segment has been sent or its connection is gone.
        file: Arc<File>,
        /// Where the slice begins, in bytes from the file's start.
        offset: u64,
        /// How many bytes the slice has.
        len: u64,
    },
}

impl Segment {
    /// How many bytes of this segment are still to be sent.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { len, .. } => *len,
        }
    }

    /// Whether nothing of this segment is left to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the first `count` bytes away, which must not be more than there are.
    pub(crate) fn advance(&mut self, count: u64) {
        match self {
            Self::Bytes(bytes) => {
                let count = usize::try_from(count).expect("a part of bytes in memory fits in memory");
                drop(bytes.split_to(count));
            }
            Self::File { offset, len, .. } => {
                *offset += count;
                *len -= count;
            }
        }
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(formatter, "Bytes({})", bytes.len()),
            Self::File { offset, len, .. } => write!(formatter, "File({offset}+{len})"),
        }
    }
}

/// The segments of one body, taken one after the other and held to the length that was promised.
pub(crate) struct Segments {
    source: Box<dyn Iterator<Item = Segment>>,
    current: Option<Segment>,
    left_bytes: u64,
}

impl Segments {
    pub(crate) fn new(source: Box<dyn Iterator<Item = Segment>>, len: u64) -> Self {
        Self { source, current: None, left_bytes: len }
    }

    /// The segment to send from now, or `None` when the promised length has been reached.
    ///
    /// # Errors
    /// The segments end before the promised length, or go beyond it.
    pub(crate) fn front(&mut self) -> io::Result<Option<&mut Segment>> {
        while self.current.as_ref().is_none_or(Segment::is_empty) {
            self.current = self.source.next();
            match &self.current {
                None if self.left_bytes == 0 => return Ok(None),
                None => return Err(mismatch("the segments of a body end before the length that was promised")),
                Some(segment) if segment.len() > self.left_bytes => {
                    return Err(mismatch("the segments of a body go beyond the length that was promised"));
                }
                Some(_) => {}
            }
        }
        Ok(self.current.as_mut())
    }

    /// Notes that `count` bytes of the front segment have been sent.
    pub(crate) fn advance(&mut self, count: u64) {
        self.left_bytes -= count;
        if let Some(segment) = &mut self.current {
            segment.advance(count);
        }
    }

    /// How many bytes are still to be sent, all segments together.
    pub(crate) fn left_bytes(&self) -> u64 {
        self.left_bytes
    }
}

fn mismatch(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::{Segment, Segments};
    use bytes::Bytes;

    fn segments(texts: &'static [&'static str], len: u64) -> Segments {
        Segments::new(Box::new(texts.iter().map(|text| Segment::Bytes(Bytes::from_static(text.as_bytes())))), len)
    }

    fn drain(mut segments: Segments) -> std::io::Result<u64> {
        let mut sent = 0;
        while let Some(segment) = segments.front()? {
            let count = segment.len().min(2);
            segments.advance(count);
            sent += count;
        }
        Ok(sent)
    }

    #[test]
    fn segments_end_exactly_at_the_promised_length() {
        assert_eq!(drain(segments(&["abc", "", "de"], 5)).unwrap(), 5);
        assert_eq!(drain(segments(&[], 0)).unwrap(), 0);
    }

    #[test]
    fn too_few_bytes_are_an_error() {
        assert_eq!(drain(segments(&["abc"], 4)).unwrap_err().kind(), std::io::ErrorKind::InvalidData);
    }

    #[test]
    fn too_many_bytes_are_an_error_before_any_of_them_is_sent() {
        assert_eq!(drain(segments(&["abc", "de"], 4)).unwrap_err().kind(), std::io::ErrorKind::InvalidData);
        assert_eq!(drain(segments(&["abc", "de"], 3)).unwrap_err().kind(), std::io::ErrorKind::InvalidData);
    }
}
