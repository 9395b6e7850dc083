//! Frames several ranges as `multipart/byteranges` (RFC 9110 §15.3.7.2) with an exact length.

use bytes::Bytes;

use crate::answer::Segment;
use crate::content_range;
use crate::header_text::HeaderText;
use crate::range::ByteRange;
use crate::representation::Representation;

/// A framed body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multipart {
    /// `multipart/byteranges; boundary=…`.
    pub content_type: HeaderText,
    /// Text and bytes in turn.
    pub segments: Vec<Segment>,
    /// The exact sum over the segments.
    pub content_length: u64,
}

/// Frames `ranges` of a representation.
///
/// The boundary is the digest of the content: the same from every replica, and no content can hold its own digest.
#[must_use]
pub fn frame(representation: &Representation, ranges: &[ByteRange]) -> Multipart {
    let boundary = representation.digest.hex();
    let mut segments = Vec::with_capacity(ranges.len() * 2 + 1);
    for (index, range) in ranges.iter().enumerate() {
        let line_break = if index == 0 { "" } else { "\r\n" };
        let head = format!(
            "{line_break}--{boundary}\r\nContent-Type: {}\r\nContent-Range: {}\r\n\r\n",
            representation.media_type,
            content_range::of_range(range, representation.size)
        );
        segments.push(Segment::Text(head.into()));
        segments.push(Segment::Bytes(*range));
    }
    segments.push(Segment::Text(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
    Multipart {
        content_type: format!("multipart/byteranges; boundary={boundary}").into(),
        content_length: segments.iter().map(Segment::len).sum(),
        segments,
    }
}
