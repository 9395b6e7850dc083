//! The connection that HTTP/1 runs on: a TCP stream that, when flushed, also sends the segments a body left for it.
//!
//! It relies on one thing of the dispatcher above, and `tests/suite/dispatcher.rs` holds it to that: after polling a body,
//! it writes the head that it has buffered and then flushes, on every wake-up, until the body ends.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};

use crate::{
    counters::Counters,
    outbox::{Outbox, Progress, Transfer},
    segment::Segment,
    send::{Sent, send_bytes, send_file},
};

/// How many bytes one connection may send before its worker looks after the others.
const SHARE_BYTES: u64 = 2 * 1024 * 1024;

/// A TCP stream with an outbox.
pub(crate) struct Connection {
    stream: TcpStream,
    outbox: Rc<Outbox>,
}

/// A connection as a handler sees it: `request.conn_data::<ConnectionHandle>()`.
#[derive(Clone)]
pub struct ConnectionHandle(pub(crate) Rc<Outbox>);

impl ConnectionHandle {
    /// What the connection has done so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.0.counters.get()
    }
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, outbox: Rc::new(Outbox::new()) }
    }

    pub(crate) fn handle(&self) -> ConnectionHandle {
        ConnectionHandle(Rc::clone(&self.outbox))
    }

    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Does one send when the socket can take it, and notes when it is full.
    fn poll_send(
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
                    self.outbox.counters.count(|counters| counters.socket_full += 1);
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
    fn poll_transfer(&self, context: &mut Context<'_>, transfer: &mut Transfer) -> Poll<io::Result<()>> {
        let mut share_bytes = SHARE_BYTES;
        loop {
            let left_bytes = transfer.segments.left_bytes();
            let Some(segment) = ready!(transfer.segments.poll_front(context))? else { return Poll::Ready(Ok(())) };
            if share_bytes == 0 {
                self.outbox.counters.count(|counters| counters.yields += 1);
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let count = ready!(self.poll_segment(context, segment, left_bytes, share_bytes))?;
            share_bytes -= count;
            transfer.segments.advance(count, &transfer.sent);
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
                self.outbox.counters.count(|counters| counters.bytes_sends += 1);
                ready!(self.poll_send(context, |socket| send_bytes(socket, &bytes[..asked], len < left_bytes)))?
            }
            Segment::File { file, offset, .. } => ready!(self.poll_send(context, |socket| {
                self.outbox.counters.count(|counters| counters.file_sends += 1);
                send_file(socket, file, *offset, asked)
            }))?,
        };
        Poll::Ready(Ok(sent as u64))
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let sending = match this.outbox.sending()? {
            None => false,
            Some(transfer) if transfer.sent.get() == 0 => true,
            Some(_) => return Poll::Ready(Err(io::Error::other("bytes were written into the middle of a body"))),
        };
        this.outbox.counters.count(|counters| counters.buffer_writes += 1);
        // The head waits for the first bytes of its body, to share a packet with them.
        this.poll_send(context, |socket| send_bytes(socket, buffer, sending))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.outbox.progress() == Progress::Idle {
            return Poll::Ready(Ok(()));
        }
        let outcome = match this.outbox.sending()? {
            None => return Poll::Ready(Ok(())),
            Some(mut transfer) => {
                this.outbox.counters.count(|counters| counters.flushes += 1);
                let outcome = ready!(this.poll_transfer(context, &mut transfer));
                if let Err(error) = &outcome {
                    transfer.sent.broke_off(error);
                }
                outcome
            }
        };
        match outcome {
            Ok(()) => {
                this.outbox.finish();
                // The dispatcher has to come back to see that the body has ended.
                context.waker().wake_by_ref();
            }
            Err(_) => this.outbox.fail(),
        }
        Poll::Ready(outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
