//! The loop of one connection: read a head, have it answered, send the answer, again. Every wait ends: by the client, the clock or the
//! drain.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::AsyncWrite as _;

use super::buffer::{Pool, Unread};
use super::head::{self, Persistence, Read};
use super::response::{DateText, REQUEST_TIMEOUT, write_head};
use super::{Answer, Ended, Lane, Phase, Reply};
use crate::segment::{Segments, Sending};
use crate::send::{send_both, send_bytes};
use crate::sent_bytes::{Fault, Tally, fault_of};
use crate::socket::Socket;

/// What the connections of a worker share.
pub(crate) struct Worker<L> {
    lane: L,
    pool: Pool,
    /// Where heads are written; never held across a wait.
    head: RefCell<Vec<u8>>,
    date: DateText,
}

/// What became of a connection.
pub(crate) enum Served {
    /// It is closed, or to be dropped.
    Ended,
    /// A request that is not for the lane: the bytes that were read and not answered.
    NotMine(Vec<u8>),
}

/// What is to be done next.
enum Step<A> {
    Read,
    Send { answer: A, how: How, head_bytes: usize },
    HandOver,
}

/// How an answer is to be sent.
#[derive(Clone, Copy)]
struct How {
    is_head: bool,
    is_http_1_0: bool,
    persistence: Persistence,
}

impl How {
    /// To a client that is not understood.
    const LAST: Self = Self { is_head: false, is_http_1_0: false, persistence: Persistence::Closed };
}

impl<L: Lane> Worker<L> {
    pub(crate) fn new(lane: L) -> Self {
        Self { lane, pool: Pool::default(), head: RefCell::default(), date: DateText::default() }
    }

    /// Serves a connection until it ends or asks for something else.
    ///
    /// # Errors
    /// The client left, was too slow, or a body broke off: nothing more can be sent.
    pub(crate) async fn serve(&self, socket: &mut Socket) -> io::Result<Served> {
        let mut unread = Unread::default();
        loop {
            match self.next_step(socket, &unread).await {
                Step::HandOver => return Ok(Served::NotMine(unread.bytes().to_vec())),
                Step::Read if unread.is_full() => return Ok(Served::NotMine(unread.bytes().to_vec())),
                Step::Read => {
                    if !self.read_more(socket, &mut unread).await? {
                        return Ok(Served::Ended);
                    }
                }
                Step::Send { answer, mut how, head_bytes } => {
                    unread.consume(head_bytes);
                    if socket.watched.is_draining() {
                        how.persistence = Persistence::Closed;
                    }
                    self.send(socket, answer, how, &mut unread).await?;
                    if how.persistence == Persistence::Closed || socket.watched.is_draining() {
                        self.close(socket, unread).await?;
                        return Ok(Served::Ended);
                    }
                }
            }
        }
    }

    async fn next_step(&self, socket: &Socket, unread: &Unread) -> Step<L::Answer> {
        let read = head::read(unread.bytes(), socket.counters.get(), |head| {
            let how = How { is_head: head.is_head(), is_http_1_0: head.is_http_1_0, persistence: head.connection };
            (self.lane.answer(head), how)
        });
        match read {
            Read::Other => Step::HandOver,
            Read::Partial => Step::Read,
            Read::Malformed => match self.lane.malformed() {
                Some(answer) => Step::Send { answer, how: How::LAST, head_bytes: unread.bytes().len() },
                None => Step::HandOver,
            },
            Read::Whole((reply, how), head_bytes) => match reply {
                Reply::NotMine => Step::HandOver,
                Reply::Now(answer) => Step::Send { answer, how, head_bytes },
                Reply::Later(answer) => {
                    socket.watched.enter(Phase::Answering);
                    Step::Send { answer: answer.await, how, head_bytes }
                }
            },
        }
    }

    /// Reads more of a head; false when there will be none.
    async fn read_more(&self, socket: &mut Socket, unread: &mut Unread) -> io::Result<bool> {
        match (unread.is_empty(), socket.watched.phase()) {
            (true, Phase::New) | (false, Phase::Head) => {}
            (true, _) => socket.watched.enter(Phase::Idle),
            (false, _) => socket.watched.enter(Phase::Head),
        }
        let read = poll_fn(|context| {
            if socket.watched.is_over() || (unread.is_empty() && socket.watched.is_draining()) {
                return Poll::Ready(None);
            }
            let polled = unread.poll_read(&mut socket.stream, &self.pool, context);
            if polled.is_pending() {
                unread.settle(&self.pool);
                socket.watched.park(context);
            }
            polled.map(Some)
        });
        match read.await {
            Some(count) => Ok(count? > 0),
            None if unread.is_empty() => Ok(false),
            None => {
                poll_fn(|context| socket.poll_send(context, |stream| send_bytes(stream, REQUEST_TIMEOUT, false)))
                    .await?;
                self.close(socket, std::mem::take(unread)).await?;
                Ok(false)
            }
        }
    }

    async fn send(&self, socket: &Socket, answer: L::Answer, how: How, unread: &mut Unread) -> io::Result<()> {
        let mut answering = Answering { answer, sent: Cell::new(0), from_files: Cell::new(0), fault: None };
        write_head(&mut self.head.borrow_mut(), &answering.answer, how.is_http_1_0, how.persistence, &self.date);
        let len = answering.answer.content_length().unwrap_or(0);
        let (body, len) =
            if how.is_head || len == 0 { (Segments::default(), 0) } else { (answering.answer.take_body(), len) };
        let (mut sending, mut head) = (Sending::new(body, len), HeadLeft::All);
        socket.watched.enter(Phase::Sending);
        let sent = poll_fn(|context| {
            let polled = self.poll_answer(context, socket, &mut head, &mut sending, &answering);
            if polled.is_pending() {
                if socket.watched.is_over() {
                    return Poll::Ready(Err(socket.give_up()));
                }
                unread.settle(&self.pool);
                socket.watched.park(context);
            }
            polled
        });
        let sent = sent.await;
        if let Err(error) = &sent {
            answering.fault = fault_of(error);
        }
        sent
    }

    /// Sends what is left of the head, and then of the body.
    fn poll_answer(
        &self,
        context: &mut Context<'_>,
        socket: &Socket,
        head: &mut HeadLeft,
        sending: &mut Sending,
        tally: &impl Tally,
    ) -> Poll<io::Result<()>> {
        if let HeadLeft::All = head {
            let written = self.head.borrow();
            *head = match poll_first(context, socket, &written, sending, tally) {
                Poll::Ready(count) => match written.get(count?..) {
                    None | Some([]) => HeadLeft::Nothing,
                    Some(left) => HeadLeft::Some(Bytes::copy_from_slice(left)),
                },
                Poll::Pending => HeadLeft::Some(Bytes::copy_from_slice(&written)),
            };
        }
        while let HeadLeft::Some(left) = head {
            let count = ready!(socket.poll_send(context, |stream| send_bytes(stream, left, sending.left_bytes() > 0)))?;
            drop(left.split_to(count));
            if left.is_empty() {
                *head = HeadLeft::Nothing;
            }
        }
        socket.poll_segments(context, sending, tally)
    }

    /// Ends the connection in a way that lets the client read everything: says that nothing follows, and waits for its end.
    async fn close(&self, socket: &mut Socket, mut unread: Unread) -> io::Result<()> {
        socket.watched.enter(Phase::Closing);
        poll_fn(|context| Pin::new(&mut socket.stream).poll_shutdown(context)).await?;
        loop {
            unread.consume(unread.bytes().len());
            let read = poll_fn(|context| {
                if socket.watched.is_over() {
                    return Poll::Ready(Ok(0));
                }
                let polled = unread.poll_read(&mut socket.stream, &self.pool, context);
                if polled.is_pending() {
                    unread.settle(&self.pool);
                    socket.watched.park(context);
                }
                polled
            });
            if read.await? == 0 {
                return Ok(());
            }
        }
    }
}

/// The first send of an answer: its head, and with it the body where that is bytes at hand. Gives the bytes of both that left.
fn poll_first(
    context: &mut Context<'_>,
    socket: &Socket,
    head: &[u8],
    sending: &mut Sending,
    tally: &impl Tally,
) -> Poll<io::Result<usize>> {
    socket.counters.count(|counters| counters.buffer_writes += 1);
    let left_bytes = sending.left_bytes();
    // What comes later, or fails, does so behind the head.
    let Some(bytes) = sending.at_hand(context) else {
        return socket.poll_send(context, |stream| send_bytes(stream, head, left_bytes > 0));
    };
    let more = (bytes.len() as u64) < left_bytes;
    let count = ready!(socket.poll_send(context, |stream| send_both(stream, head, &bytes, more)))?;
    if let Some(of_body) = count.checked_sub(head.len()) {
        sending.advance(of_body as u64, tally);
        socket.watched.add_sent(of_body as u64);
    }
    Poll::Ready(Ok(count))
}

/// How much of a head has not left.
enum HeadLeft {
    All,
    Some(Bytes),
    Nothing,
}

/// An answer that is being sent, and how far it is. However it ends, the answer is told.
struct Answering<A: Answer> {
    answer: A,
    sent: Cell<u64>,
    from_files: Cell<u64>,
    fault: Option<Fault>,
}

impl<A: Answer> Tally for Answering<A> {
    fn add(&self, count: u64, from_file: bool) {
        self.sent.set(self.sent.get() + count);
        if from_file {
            self.from_files.set(self.from_files.get() + count);
        }
    }
}

impl<A: Answer> Drop for Answering<A> {
    fn drop(&mut self) {
        self.answer.ended(&Ended {
            bytes_sent: self.sent.get(),
            from_files: self.from_files.get(),
            fault: self.fault.take(),
        });
    }
}
