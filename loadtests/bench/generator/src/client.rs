//! One connection: its socket, and where in an answer it is.

use std::net::SocketAddrV4;
use std::os::fd::OwnedFd;
use std::time::Instant;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, connect, ipproto, recv, send, socket_with, sockopt,
};

use crate::request::Asked;

/// Where a connection is.
pub enum State {
    /// Nothing is under way.
    Idle,
    /// So much of a head has come.
    Head(Vec<u8>),
    /// So many bytes of a body are to come.
    Body { left: u64 },
}

pub struct Client {
    pub socket: OwnedFd,
    pub state: State,
    pub asked: Asked,
    pub sent_at: Instant,
    pub closes: bool,
    /// Bytes that a slow reader may take now.
    pub allowance: f64,
}

/// What a read brought.
pub enum Received {
    Bytes(usize),
    Nothing,
    End,
}

impl Client {
    pub fn connect(address: SocketAddrV4, receive_buffer_bytes: Option<usize>) -> Result<Self, String> {
        let socket = open(address, receive_buffer_bytes).map_err(|error| format!("{address}: {error}"))?;
        Ok(Self {
            socket,
            state: State::Idle,
            asked: Asked::default(),
            sent_at: Instant::now(),
            closes: false,
            allowance: 0.0,
        })
    }

    /// Sends a request, which always fits into an idle socket's buffer.
    pub fn send(&mut self, request: &[u8], asked: Asked) -> Result<(), Errno> {
        self.sent_at = Instant::now();
        (self.asked, self.state) = (asked, State::Head(Vec::new()));
        match send(&self.socket, request, SendFlags::NOSIGNAL)? {
            sent if sent == request.len() => Ok(()),
            _ => Err(Errno::MSGSIZE),
        }
    }

    /// Reads up to `buffer`; with `discard` the kernel drops the bytes instead of copying them, and the buffer stays as it was.
    pub fn receive(&self, buffer: &mut [u8], discard: bool) -> Result<Received, Errno> {
        let flags = if discard { RecvFlags::DONTWAIT | RecvFlags::TRUNC } else { RecvFlags::DONTWAIT };
        match recv(&self.socket, &mut *buffer, flags) {
            Ok((copied, received)) => match copied.max(received) {
                0 => Ok(Received::End),
                count => Ok(Received::Bytes(count)),
            },
            Err(Errno::AGAIN | Errno::INTR) => Ok(Received::Nothing),
            Err(error) => Err(error),
        }
    }
}

fn open(address: SocketAddrV4, receive_buffer_bytes: Option<usize>) -> Result<OwnedFd, Errno> {
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, Some(ipproto::TCP))?;
    sockopt::set_tcp_nodelay(&socket, true)?;
    if let Some(bytes) = receive_buffer_bytes {
        sockopt::set_socket_recv_buffer_size(&socket, bytes)?;
    }
    connect(&socket, &address)?;
    fcntl_setfl(&socket, fcntl_getfl(&socket)? | OFlags::NONBLOCK)?;
    Ok(socket)
}
