//! Sending on a non-blocking socket: waits for room, counts what it does, and lets the neighbours go first now and then.

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

/// How many bytes one connection may send before its worker looks after the others.
const SHARE_BYTES: u64 = 2 * 1024 * 1024;

/// A socket, and who watches it.
pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    pub(crate) counters: Rc<CounterCell>,
    pub(crate) watched: Watched,
}

impl Socket {
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
            let Some(segment) = ready!(sending.poll_front(context))? else { return Poll::Ready(Ok(())) };
            if share_bytes == 0 {
                self.counters.count(|counters| counters.yields += 1);
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let count = ready!(self.poll_segment(context, segment, left_bytes, share_bytes))?;
            share_bytes -= count;
            sending.advance(count, tally);
            self.watched.add_sent(count);
        }
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
                send_file(socket, file, *offset, asked)
            }))?,
        };
        Poll::Ready(Ok(sent as u64))
    }
}
