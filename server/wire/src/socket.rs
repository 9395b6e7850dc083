//! Sending on a non-blocking socket: waits for room, counts what it does, and lets the neighbours go first now and then.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::counters::CounterCell;
use crate::lane::Watched;
use crate::segment::{Segment, Sending};
use crate::send::{Sent, send_bytes, send_file};
use crate::sent_bytes::Tally;
use crate::turns::give_way;

/// How many bytes one connection may send before its worker looks after the others.
const SHARE_BYTES: u64 = 2 * 1024 * 1024;
/// What the kernel's page cache is made of, or a part of it: nothing but speed depends on it.
const PAGE_BYTES: u64 = 4096;

/// From so many bytes on a body is sent corked: what a shorter one saves is less than the two system calls.
const CORKED_BYTES: u64 = 512 * 1024;

/// A socket, and who watches it.
pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    pub(crate) counters: Rc<CounterCell>,
    pub(crate) watched: Watched,
    is_corked: Cell<bool>,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, watched: Watched) -> Self {
        Self { stream, counters: Rc::default(), watched, is_corked: Cell::new(false) }
    }

    /// Does one send when the socket can take it, and notes when it is full.
    pub(crate) fn poll_send(
        &self,
        context: &mut Context<'_>,
        mut send: impl FnMut(&TcpStream) -> io::Result<Sent>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            let mut count = 0;
            let result = self.stream.try_io(Interest::WRITABLE, || {
                let sent = send(&self.stream)?;
                count = sent.count;
                // "Would block" is how tokio learns that it has to wait for the socket before the next send.
                if sent.full { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
            });
            match result {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.counters.count(|counters| counters.socket_full += 1);
                    if count > 0 {
                        return Poll::Ready(Ok(count));
                    }
                }
                Err(error) => return Poll::Ready(Err(error)),
                Ok(()) => return Poll::Ready(Ok(count)),
            }
        }
    }

    /// Sends segments until the body is complete, the socket is full or the share is used up.
    pub(crate) fn poll_segments(
        &self,
        context: &mut Context<'_>,
        sending: &mut Sending,
        tally: &impl Tally,
    ) -> Poll<io::Result<()>> {
        let mut share_bytes = SHARE_BYTES;
        loop {
            let left_bytes = sending.left_bytes();
            let Poll::Ready(front) = sending.poll_front(context) else {
                // What has come must not wait for what has not.
                self.cork(false)?;
                return Poll::Pending;
            };
            let Some(segment) = front? else { return Poll::Ready(self.cork(false)) };
            if left_bytes >= CORKED_BYTES {
                self.cork(true)?;
            }
            if share_bytes < PAGE_BYTES {
                self.counters.count(|counters| counters.yields += 1);
                return give_way(context);
            }
            let count = ready!(self.poll_segment(context, segment, left_bytes, share_bytes))?;
            share_bytes -= count;
            sending.advance(count, tally);
            self.watched.add_sent(count);
        }
    }

    /// Whether the kernel keeps back what does not fill a packet (`TCP_CORK`). Without it, every send into a full socket and every end of a share
    /// leaves a packet that is not full, which cost a sixth of the work of a long body.
    fn cork(&self, is_on: bool) -> io::Result<()> {
        if self.is_corked.replace(is_on) == is_on {
            return Ok(());
        }
        self.counters.count(|counters| counters.corks += 1);
        SockRef::from(&self.stream).set_tcp_cork(is_on)
    }

    /// The client was too slow: what waits in the kernel for it is dropped too, when the connection is.
    pub(crate) fn give_up(&self) -> io::Error {
        match SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)) {
            Ok(()) => io::ErrorKind::TimedOut.into(),
            Err(error) => error,
        }
    }

    fn poll_segment(
        &self,
        context: &mut Context<'_>,
        segment: &Segment,
        left_bytes: u64,
        share_bytes: u64,
    ) -> Poll<io::Result<u64>> {
        let len = segment.len().min(share_bytes);
        let asked = usize::try_from(len).expect("a share fits in memory");
        let sent = match segment {
            Segment::Bytes(bytes) => {
                self.counters.count(|counters| counters.bytes_sends += 1);
                ready!(self.poll_send(context, |socket| send_bytes(socket, &bytes[..asked], len < left_bytes)))?
            }
            Segment::File { file, offset, .. } => ready!(self.poll_send(context, |socket| {
                self.counters.count(|counters| counters.file_sends += 1);
                send_file(socket, file, *offset, to_page_end(*offset, asked, len < segment.len()))
            }))?,
        };
        Poll::Ready(Ok(sent as u64))
    }
}

/// How many bytes to send from `offset` on so that the next send begins with a page, as the kernel hands pages on: a share that ends within one
/// makes it split every run of pages that follows.
fn to_page_end(offset: u64, asked: usize, is_cut: bool) -> usize {
    let beyond_page = usize::try_from((offset + asked as u64) % PAGE_BYTES).expect("less than a page");
    if is_cut && beyond_page < asked { asked - beyond_page } else { asked }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_share_ends_with_a_page_and_the_end_of_a_segment_where_it_is() {
        let share = 2 * 1024 * 1024;
        assert_eq!(to_page_end(0, share, true), share);
        assert_eq!(to_page_end(1000, share, true), share - 1000);
        assert_eq!(to_page_end(4095, 4096, true), 1);
        assert_eq!(to_page_end(100, 200, true), 200, "less than a page is sent as it is");
        assert_eq!(to_page_end(1000, share, false), share, "the last bytes are not held back");
    }
}
