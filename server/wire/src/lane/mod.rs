//! The lane: an HTTP/1 loop of our own for GET and HEAD without a body, in front of actix-web on the same connection.
//!
//! It reads a head, asks the [`Lane`] for an [`Answer`], writes head and body, and reads the next: no buffers are held by a
//! connection that waits, and small answers leave in one system call. Whatever it does not take (another method, a body, an
//! upgrade, a head that is odd in any way, an address the lane does not know) goes to actix-web with every byte that was read,
//! and so does all that follows on that connection. It must not know what is being served.

#[cfg(target_os = "linux")]
mod buffer;
#[cfg(target_os = "linux")]
mod clock;
mod head;
#[cfg(target_os = "linux")]
mod response;
#[cfg(target_os = "linux")]
mod serve;
#[cfg(target_os = "linux")]
mod service;
#[cfg(target_os = "linux")]
mod watch;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

#[cfg(target_os = "linux")]
pub(crate) use clock::{Clock, Limits};
pub use head::RequestHead;
#[cfg(target_os = "linux")]
pub(crate) use service::LaneService;
#[cfg(target_os = "linux")]
pub(crate) use watch::{Phase, Watched};

use crate::segment::Segments;
use crate::sent_bytes::Fault;

/// What answers the lane's requests: one of a worker.
pub trait Lane: 'static {
    /// What it answers.
    type Answer: Answer;

    /// Answers a request, at once or after a while, or leaves it to actix-web.
    fn answer<'request>(&'request self, head: &RequestHead<'_, 'request>) -> Reply<'request, Self::Answer>;

    /// What whoever sent bytes that are no HTTP/1 is told, before the connection is closed: a 400. Without one it is actix-web's to say.
    fn malformed(&self) -> Option<Self::Answer> {
        None
    }
}

/// What a [`Lane`] says to a request.
pub enum Reply<'request, A> {
    /// The answer.
    Now(A),
    /// The answer, as soon as it is known.
    Later(Pin<Box<dyn Future<Output = A> + 'request>>),
    /// Not an address of the lane.
    NotMine,
}

/// An answer that the lane can send.
pub trait Answer: 'static {
    /// The HTTP status.
    fn status(&self) -> u16;

    /// The length of the body that GET gets, also for HEAD; nothing where there can be none (204, 304).
    fn content_length(&self) -> Option<u64>;

    /// Appends every header but Content-Length, Date and Connection, as `name: value` and CR LF.
    fn write_headers(&self, head: &mut Vec<u8>);

    /// The body; asked for once. Dropped unread for HEAD.
    fn take_body(&mut self) -> Segments;

    /// The body has ended, in whichever way. Called once, also when the connection is dropped.
    fn ended(&mut self, ended: &Ended);
}

/// How a body ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Bytes of the body that the operating system took.
    pub bytes_sent: u64,
    /// How many of them came from files.
    pub from_files: u64,
    /// Why it broke off, when it was not the client that left or fell silent.
    pub fault: Option<Fault>,
}

/// A lane that takes nothing: everything is actix-web's.
#[derive(Clone, Copy, Debug)]
pub struct NoLane;

impl Lane for NoLane {
    type Answer = Infallible;

    fn answer<'request>(&'request self, _: &RequestHead<'_, 'request>) -> Reply<'request, Infallible> {
        Reply::NotMine
    }
}

impl Answer for Infallible {
    fn status(&self) -> u16 {
        match *self {}
    }

    fn content_length(&self) -> Option<u64> {
        match *self {}
    }

    fn write_headers(&self, _: &mut Vec<u8>) {
        match *self {}
    }

    fn take_body(&mut self) -> Segments {
        match *self {}
    }

    fn ended(&mut self, _: &Ended) {
        match *self {}
    }
}
