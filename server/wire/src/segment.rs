//! What an answer's body is made of: bytes at hand and slices of open files.

use std::{
    fmt,
    fs::File,
    io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;

use crate::sent_bytes::Tally;

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

/// The segments of one body: none, one, several that are known, or found one after the other.
#[derive(Default)]
pub struct Segments(Source);

#[derive(Default)]
enum Source {
    #[default]
    Ended,
    One(Segment),
    Many(std::vec::IntoIter<Segment>),
    Found(SegmentStream),
}

type SegmentStream = Pin<Box<dyn Stream<Item = io::Result<Segment>>>>;

impl Segments {
    /// Segments that are found while those before are sent. An error breaks the connection off, as does an end before the length
    /// that was promised.
    pub fn stream(segments: impl Stream<Item = io::Result<Segment>> + 'static) -> Self {
        Self(Source::Found(Box::pin(segments)))
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Segment>>> {
        match mem::take(&mut self.0) {
            Source::Ended => Poll::Ready(None),
            Source::One(segment) => Poll::Ready(Some(Ok(segment))),
            Source::Many(mut segments) => {
                let next = segments.next().map(Ok);
                self.0 = Source::Many(segments);
                Poll::Ready(next)
            }
            Source::Found(mut segments) => {
                let next = segments.as_mut().poll_next(context);
                self.0 = Source::Found(segments);
                next
            }
        }
    }
}

impl From<Segment> for Segments {
    fn from(segment: Segment) -> Self {
        Self(Source::One(segment))
    }
}

impl From<Vec<Segment>> for Segments {
    fn from(segments: Vec<Segment>) -> Self {
        Self(Source::Many(segments.into_iter()))
    }
}

/// The segments of one body on their way, held to the length that was promised.
pub(crate) struct Sending {
    source: Segments,
    current: Option<Segment>,
    left_bytes: u64,
    /// What [`at_hand`](Self::at_hand) came upon.
    failed: Option<io::Error>,
}

impl Sending {
    pub(crate) fn new(source: Segments, len: u64) -> Self {
        Self { source, current: None, left_bytes: len, failed: None }
    }

    /// The segment to send from now, or `None` when the promised length has been reached.
    ///
    /// # Errors
    /// The segments fail, end before the promised length, or go beyond it.
    pub(crate) fn poll_front(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<&mut Segment>>> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Err(error));
        }
        while self.current.as_ref().is_none_or(Segment::is_empty) {
            // What was sent lets go of its file before the next is looked for.
            self.current = None;
            match ready!(self.source.poll_next(context)).transpose()? {
                None if self.left_bytes == 0 => return Poll::Ready(Ok(None)),
                None => {
                    return Poll::Ready(Err(mismatch(
                        "the segments of a body end before the length that was promised",
                    )));
                }
                Some(segment) if segment.len() > self.left_bytes => {
                    return Poll::Ready(Err(mismatch("the segments of a body go beyond the length that was promised")));
                }
                Some(segment) => self.current = Some(segment),
            }
        }
        Poll::Ready(Ok(self.current.as_mut()))
    }

    /// Notes that `count` bytes of the front segment have been sent, in `tally` too.
    pub(crate) fn advance(&mut self, count: u64, tally: &impl Tally) {
        self.left_bytes -= count;
        if let Some(segment) = &mut self.current {
            segment.advance(count);
            tally.add(count, matches!(segment, Segment::File { .. }));
        }
    }

    /// The segment to send from now, when it is bytes and known already. What fails is left for
    /// [`poll_front`](Self::poll_front) to tell.
    pub(crate) fn at_hand(&mut self, context: &mut Context<'_>) -> Option<Bytes> {
        if self.left_bytes == 0 {
            return None;
        }
        match self.poll_front(context) {
            Poll::Ready(Ok(Some(Segment::Bytes(bytes)))) => Some(bytes.clone()),
            Poll::Ready(Err(error)) => {
                self.failed = Some(error);
                None
            }
            _ => None,
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
    use std::io;
    use std::task::{Context, Poll, Waker};

    use super::{Segment, Segments, Sending};
    use crate::SentBytes;
    use bytes::Bytes;
    use futures_core::Stream;

    fn segment(text: &'static str) -> Segment {
        Segment::Bytes(Bytes::from_static(text.as_bytes()))
    }

    /// A stream that is not ready every second time it is asked.
    struct Halting(Vec<io::Result<Segment>>, bool);

    impl Stream for Halting {
        type Item = io::Result<Segment>;

        fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.1 = !self.1;
            if self.1 {
                return Poll::Pending;
            }
            Poll::Ready((!self.0.is_empty()).then(|| self.0.remove(0)))
        }
    }

    fn both(texts: &[&'static str], len: u64) -> [Sending; 2] {
        let known: Vec<Segment> = texts.iter().map(|text| segment(text)).collect();
        let found = Halting(known.iter().cloned().map(Ok).collect(), false);
        [Sending::new(known.into(), len), Sending::new(Segments::stream(found), len)]
    }

    fn drain(mut sending: Sending) -> io::Result<u64> {
        let sent = SentBytes::default();
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match sending.poll_front(&mut context) {
                Poll::Pending => {}
                Poll::Ready(segment) => {
                    let Some(segment) = segment? else { return Ok(sent.get()) };
                    let count = segment.len().min(2);
                    sending.advance(count, &sent);
                }
            }
        }
    }

    #[test]
    fn segments_end_exactly_at_the_promised_length() {
        for sending in both(&["abc", "", "de"], 5) {
            assert_eq!(drain(sending).unwrap(), 5);
        }
        for sending in both(&[], 0) {
            assert_eq!(drain(sending).unwrap(), 0);
        }
        assert_eq!(drain(Sending::new(segment("abc").into(), 3)).unwrap(), 3);
    }

    #[test]
    fn too_few_bytes_are_an_error() {
        for sending in both(&["abc"], 4) {
            assert_eq!(drain(sending).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn too_many_bytes_are_an_error_before_any_of_them_is_sent() {
        for sending in both(&["abc", "de"], 4).into_iter().chain(both(&["abc", "de"], 3)) {
            assert_eq!(drain(sending).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn a_stream_that_fails_is_an_error_after_what_came_before() {
        let found = Halting(vec![Ok(segment("abc")), Err(io::ErrorKind::NotFound.into())], false);
        assert_eq!(drain(Sending::new(Segments::stream(found), 4)).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
