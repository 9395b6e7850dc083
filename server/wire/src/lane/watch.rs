//! How long a connection may take over what it is doing. The connection notes what that is; the worker's [`Clock`] looks at all of
//! them from time to time. No connection and no request has a timer of its own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Waker};

use super::clock::{Clock, Limits};

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It was accepted and has sent nothing.
    New,
    /// It has sent a part of a head.
    Head,
    /// It waits for the next request.
    Idle,
    /// Its answer is being made: who makes it has limits of their own.
    Answering,
    /// Its answer is being sent.
    Sending,
    /// Nothing more is sent; the client is to close.
    Closing,
    /// actix-web looks after it.
    Elsewhere,
}

/// What the clock knows of one connection.
pub(super) struct Watch {
    pub(super) place: Cell<usize>,
    phase: Cell<Phase>,
    since_ms: Cell<u64>,
    /// Bytes sent in this phase.
    sent: Cell<u64>,
    /// As many had been sent when the clock looked last and found more than before, and when that was.
    seen_sent: Cell<u64>,
    moved_ms: Cell<u64>,
    is_over: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// A connection under the clock's eyes, until it is dropped.
pub(crate) struct Watched {
    clock: Rc<Clock>,
    watch: Rc<Watch>,
}

impl Watched {
    pub(super) fn new(clock: Rc<Clock>) -> Self {
        let watch = Rc::new(Watch {
            place: Cell::new(0),
            phase: Cell::new(Phase::New),
            since_ms: Cell::new(clock.now_ms()),
            sent: Cell::new(0),
            seen_sent: Cell::new(0),
            moved_ms: Cell::new(clock.now_ms()),
            is_over: Cell::new(false),
            waker: RefCell::new(None),
        });
        clock.add(Rc::clone(&watch));
        let watched = Self { clock, watch };
        // Only now the time is known: a clock without connections stands still.
        watched.enter(Phase::New);
        watched
    }

    /// The connection does something else from now on.
    pub(crate) fn enter(&self, phase: Phase) {
        let now_ms = self.clock.now_ms();
        self.watch.phase.set(phase);
        self.watch.since_ms.set(now_ms);
        self.watch.moved_ms.set(now_ms);
        self.watch.sent.set(0);
        self.watch.seen_sent.set(0);
    }

    pub(super) fn phase(&self) -> Phase {
        self.watch.phase.get()
    }

    pub(crate) fn add_sent(&self, count: u64) {
        self.watch.sent.set(self.watch.sent.get() + count);
    }

    /// Has it taken too long?
    pub(crate) fn is_over(&self) -> bool {
        self.watch.is_over.get()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.clock.is_draining()
    }

    /// Wakes the task when it has taken too long, or the server drains.
    pub(crate) fn park(&self, context: &Context<'_>) {
        let mut waker = self.watch.waker.borrow_mut();
        match &mut *waker {
            Some(known) => known.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.clock.remove(self.watch.place.get());
    }
}

impl Watch {
    /// Looks at the connection; wakes it when its time is over.
    pub(super) fn look(&self, now_ms: u64, limits: &Limits) {
        if self.sent.get() != self.seen_sent.get() {
            self.seen_sent.set(self.sent.get());
            self.moved_ms.set(now_ms);
        }
        let spent = Spent {
            in_phase_ms: now_ms - self.since_ms.get(),
            still_ms: now_ms - self.moved_ms.get(),
            sent: self.sent.get(),
        };
        if !self.is_over.get() && is_too_long(self.phase.get(), spent, limits) {
            self.is_over.set(true);
            self.wake();
        }
    }

    pub(super) fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }
}

/// What a connection has made of its time.
#[derive(Clone, Copy)]
struct Spent {
    in_phase_ms: u64,
    still_ms: u64,
    sent: u64,
}

fn is_too_long(phase: Phase, spent: Spent, limits: &Limits) -> bool {
    let longer = |time_ms: u64, limit: std::time::Duration| u128::from(time_ms) > limit.as_millis();
    match phase {
        Phase::New | Phase::Head => longer(spent.in_phase_ms, limits.request_head),
        Phase::Idle => longer(spent.in_phase_ms, limits.keep_alive),
        Phase::Answering | Phase::Elsewhere => false,
        Phase::Sending => longer(spent.still_ms, limits.stall) || is_too_slow(spent, limits),
        Phase::Closing => longer(spent.in_phase_ms, limits.closing),
    }
}

/// Fewer bytes than the rate asks for, where the time that a stall may take is free.
fn is_too_slow(spent: Spent, limits: &Limits) -> bool {
    let counted_ms = u128::from(spent.in_phase_ms).saturating_sub(limits.stall.as_millis());
    u128::from(spent.sent) * 1000 < counted_ms * u128::from(limits.minimum_bytes_per_second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const LIMITS: Limits = Limits {
        keep_alive: Duration::from_secs(75),
        request_head: Duration::from_secs(10),
        closing: Duration::from_secs(1),
        stall: Duration::from_secs(60),
        minimum_bytes_per_second: 1000,
    };

    fn too_long(phase: Phase, in_phase_s: u64, still_s: u64, sent: u64) -> bool {
        is_too_long(phase, Spent { in_phase_ms: in_phase_s * 1000, still_ms: still_s * 1000, sent }, &LIMITS)
    }

    #[test]
    fn each_phase_has_its_limit() {
        for (phase, limit_s) in [(Phase::New, 10), (Phase::Head, 10), (Phase::Idle, 75), (Phase::Closing, 1)] {
            assert!(!too_long(phase, limit_s, limit_s, 0), "{phase:?}");
            assert!(too_long(phase, limit_s + 1, limit_s + 1, 0), "{phase:?}");
        }
        assert!(!too_long(Phase::Answering, 1_000_000, 1_000_000, 0));
        assert!(!too_long(Phase::Elsewhere, 1_000_000, 1_000_000, 0));
    }

    #[test]
    fn an_answer_ends_when_it_stands_still_or_goes_slower_than_the_rate() {
        assert!(!too_long(Phase::Sending, 60, 60, 0));
        assert!(too_long(Phase::Sending, 61, 61, u64::MAX / 2000), "it stands still, however much was sent before");
        assert!(!too_long(Phase::Sending, 1060, 1, 1_000_000), "just the rate, after the free minute");
        assert!(too_long(Phase::Sending, 1061, 1, 1_000_000), "a byte now and then is not enough");
    }
}
