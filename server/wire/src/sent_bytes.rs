//! How much of a body has left, and why it broke off: shared by the body and whoever writes the access log.

use std::{
    cell::{Cell, RefCell},
    error::Error as _,
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
    from_files: Cell<u64>,
    fault: RefCell<Option<Fault>>,
}

/// What broke a body off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The error and all that is behind it, in one line.
    pub message: String,
    /// A file ended before the bytes that were promised of it.
    pub is_short_file: bool,
}

impl SentBytes {
    /// The number of bytes so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.count.get()
    }

    /// How many of them came from files.
    #[must_use]
    pub fn from_files(&self) -> u64 {
        self.0.from_files.get()
    }

    /// Why the connection broke the body off, when it was not the client that left or fell silent: the HTTP layer does not tell.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.0.fault.borrow().clone()
    }

    /// Notes what ended the body early.
    pub(crate) fn broke_off(&self, error: &io::Error) {
        if let Some(fault) = fault_of(error) {
            *self.0.fault.borrow_mut() = Some(fault);
        }
    }
}

/// Something that counts what was sent.
pub(crate) trait Tally {
    fn add(&self, count: u64, from_file: bool);
}

impl Tally for SentBytes {
    fn add(&self, count: u64, from_file: bool) {
        self.0.count.set(self.0.count.get() + count);
        if from_file {
            self.0.from_files.set(self.0.from_files.get() + count);
        }
    }
}

/// What broke a body off; nothing when the client left or fell silent. Only reads of files end with `UnexpectedEof`: what a stream of
/// segments says comes as an error of another kind.
pub(crate) fn fault_of(error: &io::Error) -> Option<Fault> {
    let is_short_file = error.kind() == io::ErrorKind::UnexpectedEof;
    (!is_of_the_client(error.kind())).then(|| Fault { message: with_sources(error), is_short_file })
}

/// The error and all that is behind it, in one line.
fn with_sources(error: &io::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

const fn is_of_the_client(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, TimedOut};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | TimedOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_that_ends_early_is_a_short_file() {
        let short = |error: io::Error| fault_of(&error).map(|fault| fault.is_short_file);
        assert_eq!(short(io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends")), Some(true));
        assert_eq!(short(io::Error::other("the store is away")), Some(false));
        let of_a_stream = io::Error::other(io::Error::from(io::ErrorKind::UnexpectedEof));
        assert_eq!(short(of_a_stream), Some(false), "what a store gave too little of");
        assert_eq!(short(io::ErrorKind::BrokenPipe.into()), None);
    }
}
