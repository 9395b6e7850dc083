//! The body of a segmented answer as the HTTP layer sees it: silent for HEAD, beside it on our own connections, and a
//! plain stream of bytes anywhere else.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
#[cfg(target_os = "linux")]
use std::{mem, rc::Rc};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;

#[cfg(target_os = "linux")]
use crate::outbox::{Outbox, Progress, Transfer};
use crate::plain_body::PlainBody;

/// The body that [`respond`](crate::respond) makes. It can be wrapped like any other, by what looks at bodies and does
/// not change them; its chunks are empty of what the connection sends itself, for which there is
/// [`SentBytes`](crate::SentBytes).
pub struct FileBody(pub(crate) SegmentedBody);

impl MessageBody for FileBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        self.0.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.get_mut().0.poll_next(context)
    }
}

/// How the bytes of one answer reach the client.
pub(crate) enum SegmentedBody {
    /// HEAD: what GET would send has its length in the head, and nothing follows.
    Silent,
    /// The HTTP layer reads and writes every byte.
    Plain(PlainBody),
    /// The connection sends the segments itself; this end only begins and awaits that.
    #[cfg(target_os = "linux")]
    Beside(BesideBody),
}

impl SegmentedBody {
    fn size(&self) -> BodySize {
        match self {
            Self::Plain(body) => body.size(),
            // A stream whose Content-Length is in the head: the encoder must not count bytes that it never sees. For
            // HEAD too: actix-http's encoder goes by the method of the request that it decoded last, and so takes
            // pipelined HEADs for what comes after them.
            Self::Silent => BodySize::Stream,
            #[cfg(target_os = "linux")]
            Self::Beside(_) => BodySize::Stream,
        }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match self {
            Self::Silent => Poll::Ready(None),
            Self::Plain(body) => Pin::new(body).poll_next(context),
            #[cfg(target_os = "linux")]
            Self::Beside(body) => body.poll_end(),
        }
    }
}

/// A body whose segments the connection sends.
#[cfg(target_os = "linux")]
pub(crate) struct BesideBody {
    outbox: Rc<Outbox>,
    state: State,
}

#[cfg(target_os = "linux")]
enum State {
    Planned(Transfer),
    Sending,
    Ended,
}

#[cfg(target_os = "linux")]
impl BesideBody {
    pub(crate) fn new(outbox: Rc<Outbox>, transfer: Transfer) -> Self {
        Self { outbox, state: State::Planned(transfer) }
    }

    /// Ready when the connection has sent the last byte. The waker is not kept: the connection is polled by the same
    /// task and wakes it.
    fn poll_end(&mut self) -> Poll<Option<io::Result<Bytes>>> {
        match mem::replace(&mut self.state, State::Ended) {
            State::Planned(transfer) => match self.outbox.begin(transfer) {
                Ok(()) => {
                    self.state = State::Sending;
                    Poll::Pending
                }
                Err(error) => Poll::Ready(Some(Err(error))),
            },
            State::Sending => match self.outbox.progress() {
                Progress::Sending => {
                    self.state = State::Sending;
                    Poll::Pending
                }
                Progress::Idle => Poll::Ready(None),
                Progress::Broken => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
            },
            State::Ended => Poll::Ready(None),
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for BesideBody {
    fn drop(&mut self) {
        if matches!(self.state, State::Sending) && self.outbox.progress() == Progress::Sending {
            self.outbox.fail();
        }
    }
}
