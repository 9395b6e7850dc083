//! How much of a body has left, and why it broke off: shared by the body and whoever writes the access log.

use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
};

/// Bytes of one body that the operating system (or, for a plain body, the HTTP layer) has taken so far.
///
/// [`respond`](crate::respond) puts one into the response's extensions. It stays right when the client disconnects:
/// read it when the body is dropped. Head and framing are not counted, nor is anything for HEAD.
#[derive(Clone, Debug, Default)]
pub struct SentBytes(Rc<State>);

#[derive(Debug, Default)]
struct State {
    count: Cell<u64>,
    fault: RefCell<Option<String>>,
}

impl SentBytes {
    /// The number of bytes so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.count.get()
    }

    /// Why the connection broke the body off, when it was not the client that left or fell silent: the HTTP layer does not tell.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        self.0.fault.borrow().clone()
    }

    pub(crate) fn add(&self, count: u64) {
        self.0.count.set(self.0.count.get() + count);
    }

    /// Notes what ended the body early.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code))]
    pub(crate) fn broke_off(&self, error: &io::Error) {
        if !is_of_the_client(error.kind()) {
            *self.0.fault.borrow_mut() = Some(error.to_string());
        }
    }
}

const fn is_of_the_client(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, TimedOut};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | TimedOut)
}
