//! One clock for all connections of a worker: it ticks while there are any, and says when the server drains.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::rt;

use super::watch::Watch;

/// Between two looks: a limit is kept to within so much.
const TICK: Duration = Duration::from_millis(250);

/// How long a connection may take over each thing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Idle between two requests.
    pub(crate) keep_alive: Duration,
    /// From the first byte of a head to its last, and from the connection to the first byte.
    pub(crate) request_head: Duration,
    /// From the end of the last answer until the client closes.
    pub(crate) closing: Duration,
    /// Without taking a byte of its answer.
    pub(crate) stall: Duration,
    /// How fast an answer must be taken, on average and with [`stall`](Self::stall) for free.
    pub(crate) minimum_bytes_per_second: u64,
}

/// The clock of a worker.
pub(crate) struct Clock {
    limits: Limits,
    begun: Instant,
    now_ms: Cell<u64>,
    is_ticking: Cell<bool>,
    is_draining: Cell<bool>,
    watched: RefCell<Vec<Rc<Watch>>>,
}

impl Clock {
    pub(crate) fn new(limits: Limits) -> Rc<Self> {
        Rc::new(Self {
            limits,
            begun: Instant::now(),
            now_ms: Cell::new(0),
            is_ticking: Cell::new(false),
            is_draining: Cell::new(false),
            watched: RefCell::default(),
        })
    }

    /// The time of the last tick, or a little later.
    pub(super) fn now_ms(&self) -> u64 {
        self.now_ms.get()
    }

    pub(super) fn is_draining(&self) -> bool {
        self.is_draining.get()
    }

    /// Connections that wait are closed, and answers that are being sent are the last of their connection.
    pub(crate) fn drain(&self) {
        self.is_draining.set(true);
        for watch in &*self.watched.borrow() {
            watch.wake();
        }
    }

    pub(super) fn add(self: &Rc<Self>, watch: Rc<Watch>) {
        let mut watched = self.watched.borrow_mut();
        watch.place.set(watched.len());
        watched.push(watch);
        drop(watched);
        if !self.is_ticking.replace(true) {
            self.update();
            let clock = Rc::clone(self);
            rt::spawn(async move {
                while clock.is_ticking.get() {
                    rt::time::sleep(TICK).await;
                    clock.tick();
                }
            });
        }
    }

    pub(super) fn remove(&self, place: usize) {
        let mut watched = self.watched.borrow_mut();
        watched.swap_remove(place);
        if let Some(moved) = watched.get(place) {
            moved.place.set(place);
        }
    }

    fn update(&self) {
        self.now_ms.set(u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX));
    }

    fn tick(&self) {
        self.update();
        let watched = self.watched.borrow();
        self.is_ticking.set(!watched.is_empty());
        for watch in &*watched {
            watch.look(self.now_ms.get(), &self.limits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Phase, Watched};
    use super::*;

    #[actix_web::test]
    async fn a_connection_after_a_quiet_minute_has_all_its_time() {
        let second = Duration::from_secs(1);
        let limits = Limits {
            keep_alive: second * 10,
            request_head: second * 10,
            closing: second * 10,
            stall: second * 10,
            minimum_bytes_per_second: 0,
        };
        let mut clock = Clock::new(limits);
        let a_minute_ago = Instant::now().checked_sub(second * 60).expect("the machine runs for longer");
        Rc::get_mut(&mut clock).expect("not shared yet").begun = a_minute_ago;
        let watched = Watched::new(Rc::clone(&clock));
        clock.tick();
        assert_eq!(watched.phase(), Phase::New);
        assert!(!watched.is_over(), "it has just come");
    }
}
