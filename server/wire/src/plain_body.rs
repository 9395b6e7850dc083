//! The body for connections that cannot send files themselves: bounded reads on blocking threads, one at a time.

use std::{
    fs::File,
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use actix_web::body::{BodySize, MessageBody};
use bytes::{Bytes, BytesMut};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{
    segment::{Segment, Sending},
    sent_bytes::SentBytes,
};

/// How many bytes of a file are in memory at a time, for one answer.
const READ_BYTES: u64 = 64 * 1024;

/// Segments as a stream of bytes of known length.
pub(crate) struct PlainBody {
    len: u64,
    segments: Sending,
    sent: SentBytes,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl PlainBody {
    pub(crate) fn new(len: u64, segments: Sending, sent: SentBytes) -> Self {
        Self { len, segments, sent, reading: None }
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        if self.reading.is_none() {
            match ready!(self.segments.poll_front(context))? {
                None => return Poll::Ready(Ok(None)),
                Some(Segment::Bytes(bytes)) => return Poll::Ready(Ok(Some(bytes.clone()))),
                Some(Segment::File { file, offset, len }) => {
                    let (file, offset, len) = (Arc::clone(file), *offset, (*len).min(READ_BYTES));
                    self.reading = Some(spawn_blocking(move || read_slice(&file, offset, len)));
                }
            }
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(Ok(None)) };
        let read = ready!(Pin::new(reading).poll(context)).map_err(io::Error::other);
        self.reading = None;
        Poll::Ready(read.flatten().map(Some))
    }
}

impl MessageBody for PlainBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.len)
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let this = self.get_mut();
        let chunk = ready!(this.poll_chunk(context));
        match &chunk {
            Ok(Some(bytes)) => this.segments.advance(bytes.len() as u64, &this.sent),
            Ok(None) => {}
            Err(error) => this.sent.broke_off(error),
        }
        Poll::Ready(chunk.transpose())
    }
}

fn read_slice(file: &File, offset: u64, len: u64) -> io::Result<Bytes> {
    let len = usize::try_from(len).expect("one read fits in memory");
    let mut bytes = BytesMut::zeroed(len);
    let mut filled = 0;
    while filled < len {
        match read_at(file, &mut bytes[filled..], offset + filled as u64) {
            Ok(0) => {
                let end = offset + filled as u64;
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    format!(
                        "the file ends before byte {end}, which was promised: was it cut while it was being served?"
                    ),
                ));
            }
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes.freeze())
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}
