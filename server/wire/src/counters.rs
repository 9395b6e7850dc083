//! What one connection did, counted: the guard against a change that costs system calls.

use std::cell::Cell;

/// How often a connection did what costs; a copy taken at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Writes of the HTTP layer: heads and ordinary bodies.
    pub buffer_writes: u64,
    /// Calls of `sendfile(2)`.
    pub file_sends: u64,
    /// Sends of segments that are bytes in memory.
    pub bytes_sends: u64,
    /// Times the socket's buffer was full.
    pub socket_full: u64,
    /// Times a body used up its share and let the neighbours go first.
    pub yields: u64,
    /// Times the kernel was told to keep packets that are not full, or to send them.
    pub corks: u64,
    /// Times the HTTP layer asked to flush while a body was being sent.
    pub flushes: u64,
}

/// The counters of a connection, added to as it works.
#[derive(Default)]
pub(crate) struct CounterCell(Cell<Counters>);

impl CounterCell {
    pub(crate) fn get(&self) -> Counters {
        self.0.get()
    }

    #[cfg_attr(not(target_os = "linux"), expect(dead_code))]
    pub(crate) fn count(&self, add: impl FnOnce(&mut Counters)) {
        let mut counters = self.0.get();
        add(&mut counters);
        self.0.set(counters);
    }
}
