//! The connection that HTTP/1 runs on: a TCP stream that, when flushed, also sends the segments a body left for it.
//!
//! It relies on one thing of the dispatcher above, and `tests/suite/dispatcher.rs` holds it to that: after polling a body,
//! it writes the head that it has buffered and then flushes, on every wake-up, until the body ends.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::Extensions;
use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    counters::{CounterCell, Counters},
    lane::Phase,
    outbox::{Outbox, Progress},
    send::send_bytes,
    socket::Socket,
};

/// A socket with an outbox, and bytes that were read of it before.
pub(crate) struct Connection {
    socket: Socket,
    outbox: Rc<Outbox>,
    read_before: Bytes,
    data: Cell<Option<Extensions>>,
}

/// A connection as a handler sees it: `request.conn_data::<ConnectionHandle>()`.
#[derive(Clone)]
pub struct ConnectionHandle {
    pub(crate) outbox: Rc<Outbox>,
    counters: Rc<CounterCell>,
}

impl ConnectionHandle {
    /// What the connection has done so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters.get()
    }
}

impl Connection {
    /// Goes on where the lane has left off: `read_before` are bytes that it read and did not answer, and `data` is what was
    /// remembered when the connection was accepted.
    pub(crate) fn new(socket: Socket, read_before: Vec<u8>, data: Extensions) -> Self {
        socket.watched.enter(Phase::Elsewhere);
        Self { socket, outbox: Rc::default(), read_before: read_before.into(), data: Cell::new(Some(data)) }
    }

    /// What handlers find as the connection's data.
    pub(crate) fn fill(&self, data: &mut Extensions) {
        let (outbox, counters) = (Rc::clone(&self.outbox), Rc::clone(&self.socket.counters));
        data.insert(ConnectionHandle { outbox, counters });
        data.extend(self.data.take().unwrap_or_default());
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.read_before.is_empty() {
            return Pin::new(&mut this.socket.stream).poll_read(context, buffer);
        }
        let count = this.read_before.len().min(buffer.remaining());
        buffer.put_slice(&this.read_before[..count]);
        this.read_before.advance(count);
        Poll::Ready(Ok(()))
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
        this.socket.counters.count(|counters| counters.buffer_writes += 1);
        // The head waits for the first bytes of its body, to share a packet with them.
        this.socket.poll_send(context, |socket| send_bytes(socket, buffer, sending))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.outbox.progress() == Progress::Idle {
            return Poll::Ready(Ok(()));
        }
        let outcome = match this.outbox.sending()? {
            None => return Poll::Ready(Ok(())),
            Some(mut transfer) => {
                this.socket.counters.count(|counters| counters.flushes += 1);
                let transfer = &mut *transfer;
                if !transfer.is_begun {
                    transfer.is_begun = true;
                    this.socket.watched.enter(Phase::Sending);
                }
                let polled = this.socket.poll_segments(context, &mut transfer.segments, &transfer.sent);
                let outcome = match polled {
                    Poll::Ready(outcome) => outcome,
                    Poll::Pending if this.socket.watched.is_over() => Err(this.socket.give_up()),
                    Poll::Pending => {
                        this.socket.watched.park(context);
                        return Poll::Pending;
                    }
                };
                if let Err(error) = &outcome {
                    transfer.sent.broke_off(error);
                }
                outcome
            }
        };
        this.socket.watched.enter(Phase::Elsewhere);
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
        Pin::new(&mut self.get_mut().socket.stream).poll_shutdown(context)
    }
}
