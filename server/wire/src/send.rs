//! One send on a socket: what the kernel took, and whether the socket is full now.
//!
//! The program must ignore SIGPIPE (as Rust programs do from their start), because `sendfile(2)` cannot be told to.

use std::{
    fs::File,
    io::{self, IoSlice},
    os::fd::{AsFd, BorrowedFd},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::sendfile,
    io::{Errno, retry_on_intr},
    net::{SendAncillaryBuffer, SendFlags, send, sendmsg},
};

/// What became of one send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Bytes that the kernel took.
    pub(crate) count: usize,
    /// The socket takes nothing more until it reports itself writable.
    pub(crate) full: bool,
}

/// Sends bytes; with `more`, the kernel may wait for what follows to fill a packet.
///
/// # Errors
/// What the kernel says. A full socket is no error.
pub(crate) fn send_bytes(socket: impl AsFd, bytes: &[u8], more: bool) -> io::Result<Sent> {
    let flags = if more { SendFlags::NOSIGNAL | SendFlags::MORE } else { SendFlags::NOSIGNAL };
    outcome(socket.as_fd(), retry_on_intr(|| send(&socket, bytes, flags)), bytes.len())
}

/// Sends two runs of bytes as one.
///
/// # Errors
/// What the kernel says. A full socket is no error.
pub(crate) fn send_both(socket: impl AsFd, first: &[u8], second: &[u8], more: bool) -> io::Result<Sent> {
    let flags = if more { SendFlags::NOSIGNAL | SendFlags::MORE } else { SendFlags::NOSIGNAL };
    let both = [IoSlice::new(first), IoSlice::new(second)];
    let send = || sendmsg(&socket, &both, &mut SendAncillaryBuffer::default(), flags);
    outcome(socket.as_fd(), retry_on_intr(send), first.len() + second.len())
}

/// Sends up to `len` bytes of a file from `offset` on, without their passing through this program.
///
/// # Errors
/// What the kernel says, and `UnexpectedEof` when the file ends at or before `offset`.
pub(crate) fn send_file(socket: impl AsFd, file: &File, offset: u64, len: usize) -> io::Result<Sent> {
    let mut from = offset;
    let sent = outcome(socket.as_fd(), retry_on_intr(|| sendfile(&socket, file, Some(&mut from), len)), len)?;
    if sent.count == 0 && !sent.full {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("the file ends before byte {offset}, which was promised: was it cut while it was being served?"),
        ));
    }
    Ok(sent)
}

/// A send shorter than asked mostly means a full socket, but also a file that ends or a signal. Waiting for a socket
/// that is not full waits for ever, so this asks the kernel, which then also sees to it that the wake-up comes.
fn outcome(socket: BorrowedFd<'_>, result: Result<usize, Errno>, asked: usize) -> io::Result<Sent> {
    match result {
        Ok(0) if asked > 0 => Ok(Sent { count: 0, full: false }),
        Ok(count) => Ok(Sent { count, full: count < asked && !is_writable(socket)? }),
        Err(Errno::AGAIN) => Ok(Sent { count: 0, full: true }),
        Err(error) => Err(error.into()),
    }
}

fn is_writable(socket: BorrowedFd<'_>) -> io::Result<bool> {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut watched = [PollFd::new(&socket, PollFlags::OUT)];
    Ok(retry_on_intr(|| poll(&mut watched, Some(&now)))? > 0)
}
