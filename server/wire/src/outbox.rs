//! Where a body leaves its segments for the connection underneath: one transfer at a time, ended by one of the two.
//!
//! Body and connection live in one task, the dispatcher's. The body begins a transfer and looks for its end; the
//! connection sends it. A body that is dropped before the end breaks the connection, as the head has promised more.

use std::{
    cell::{Cell, RefCell, RefMut},
    io,
};

use crate::{segment::Sending, sent_bytes::SentBytes};

/// The segments of one body on their way, and the counter of what has left.
pub(crate) struct Transfer {
    pub(crate) segments: Sending,
    pub(crate) sent: SentBytes,
    /// Its first segment has been looked at.
    pub(crate) is_begun: bool,
}

/// How the transfer that was begun last stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    /// There is none, or it has been sent to its last byte.
    #[default]
    Idle,
    /// It is being sent.
    Sending,
    /// It failed or was given up: nothing may follow on this connection.
    Broken,
}

/// Shared by a connection and the body it is sending.
#[derive(Default)]
pub(crate) struct Outbox {
    transfer: RefCell<Option<Transfer>>,
    progress: Cell<Progress>,
}

impl Outbox {
    pub(crate) fn progress(&self) -> Progress {
        self.progress.get()
    }

    /// Hands segments to the connection.
    ///
    /// # Errors
    /// The connection is broken, or still sends another body (the HTTP layer polled two bodies at once).
    pub(crate) fn begin(&self, transfer: Transfer) -> io::Result<()> {
        match self.progress.get() {
            Progress::Idle => {}
            Progress::Sending => {
                self.fail();
                return Err(io::Error::other("a second body was begun while the first was being sent"));
            }
            Progress::Broken => return Err(broken()),
        }
        *self.transfer.borrow_mut() = Some(transfer);
        self.progress.set(Progress::Sending);
        Ok(())
    }

    /// The transfer being sent.
    ///
    /// # Errors
    /// The connection is broken.
    pub(crate) fn sending(&self) -> io::Result<Option<RefMut<'_, Transfer>>> {
        match self.progress.get() {
            Progress::Idle => Ok(None),
            Progress::Sending => Ok(RefMut::filter_map(self.transfer.borrow_mut(), Option::as_mut).ok()),
            Progress::Broken => Err(broken()),
        }
    }

    /// Notes that the transfer has been sent to its last byte and lets go of its files.
    pub(crate) fn finish(&self) {
        self.transfer.borrow_mut().take();
        self.progress.set(Progress::Idle);
    }

    /// Gives up: lets go of the files, and nothing can be written from now on.
    pub(crate) fn fail(&self) {
        self.transfer.borrow_mut().take();
        self.progress.set(Progress::Broken);
    }
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "a body was given up before the length that was promised")
}
