//! Runs a plan: connects, keeps every connection busy, and ends when it has measured enough.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, Instant};

use rustix::event::Timespec;
use rustix::event::epoll::{self, Event, EventData, EventFlags};

use crate::client::{Client, Received, State};
use crate::head::{self, Head};
use crate::plan::{Mode, Plan};
use crate::request::Requests;
use crate::tally::{Report, Tally};

/// Bytes read at once where they are looked at.
const COPY_BYTES: usize = 256 * 1024;
/// Bytes dropped at once where they are not. The buffer is never written, so it takes no memory.
const DISCARD_BYTES: usize = 64 << 20;
/// Heads are read with little of the body behind them, as that is copied.
const HEAD_BYTES: usize = 4096;
/// A slow reader takes its share every so often; the readers take turns in that time.
const TURN: Duration = Duration::from_millis(100);
const TURNS: usize = 20;
/// A run of a number of requests that does not end has failed.
const PATIENCE: Duration = Duration::from_secs(120);

struct Run {
    plan: Plan,
    requests: Requests,
    tally: Tally,
    verify: Option<File>,
    buffer: Vec<u8>,
    expected: Vec<u8>,
}

/// Runs a plan to its end.
///
/// # Errors
/// The server cannot be reached, or says what makes no sense here. The message is for a person.
pub fn run(plan: Plan) -> Result<Report, String> {
    let verify = plan
        .verify
        .as_ref()
        .map(|path| File::open(path).map_err(|error| format!("{}: {error}", path.display())))
        .transpose()?;
    let buffer = vec![0; if verify.is_some() { COPY_BYTES } else { DISCARD_BYTES }];
    let connect = |_| Client::connect(plan.address, plan.receive_buffer_bytes);
    let mut clients = (0..plan.connections).map(connect).collect::<Result<Vec<_>, _>>()?;
    let (requests, tally) = (Requests::new(&plan), Tally::new(plan.pids.clone()));
    let mut run = Run { plan, requests, tally, verify, buffer, expected: vec![0; COPY_BYTES] };
    if matches!(run.plan.mode, Mode::Conditional) {
        run.learn_etag(&mut clients[0])?;
    }
    match run.plan.bytes_per_second {
        Some(rate) => run.slowly(&mut clients, rate)?,
        None => run.fast(&mut clients)?,
    }
    run.tally.report()
}

impl Run {
    /// As fast as answers come.
    fn fast(&mut self, clients: &mut [Client]) -> Result<(), String> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(text)?;
        let watch = |client: &Client, index: usize| {
            epoll::add(&poll, &client.socket, EventData::new_u64(index as u64), EventFlags::IN).map_err(text)
        };
        for (index, client) in clients.iter_mut().enumerate() {
            watch(client, index)?;
            self.ask(client)?;
        }
        let wait = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
        let mut events: Vec<Event> = Vec::with_capacity(256);
        let begun = Instant::now();
        while !self.is_over(begun)? {
            epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), Some(&wait)).map_err(text)?;
            for event in events.drain(..) {
                let index = usize::try_from(event.data.u64()).map_err(text)?;
                if !self.take(&mut clients[index], u64::MAX)? && self.may_ask() {
                    clients[index] = self.connect_again()?;
                    watch(&clients[index], index)?;
                    self.ask(&mut clients[index])?;
                }
            }
        }
        Ok(())
    }

    /// As slow readers: each takes its share of bytes a turn.
    fn slowly(&mut self, clients: &mut [Client], rate: u64) -> Result<(), String> {
        for client in &mut *clients {
            self.ask(client)?;
        }
        let share = rate as f64 * TURN.as_secs_f64();
        let (begun, mut turn, mut next) = (Instant::now(), 0, Instant::now());
        while !self.is_over(begun)? {
            let count = clients.len();
            for client in &mut clients[turn * count / TURNS..(turn + 1) * count / TURNS] {
                client.allowance = (client.allowance + share).min(share * 3.0);
                if !self.take(client, client.allowance as u64)? {
                    *client = self.connect_again()?;
                    self.ask(client)?;
                }
            }
            turn = (turn + 1) % TURNS;
            next += TURN / TURNS as u32;
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        Ok(())
    }

    fn is_over(&mut self, begun: Instant) -> Result<bool, String> {
        self.tally.look();
        if self.tally.measured().is_none()
            && (self.plan.requests.is_some() || begun.elapsed().as_secs_f64() >= self.plan.warm_seconds)
        {
            self.tally.begin();
        }
        match (self.plan.requests, self.tally.measured()) {
            (Some(wanted), _) if self.tally.requests() >= wanted => Ok(true),
            (Some(wanted), _) if begun.elapsed() > PATIENCE => {
                Err(format!("only {} of {wanted} requests were answered", self.tally.requests()))
            }
            (Some(_), _) => Ok(false),
            (None, measured) => Ok(measured.is_some_and(|measured| measured.as_secs_f64() >= self.plan.seconds)),
        }
    }

    fn may_ask(&self) -> bool {
        self.plan.requests.is_none_or(|wanted| self.requests.count() < wanted)
    }

    fn ask(&mut self, client: &mut Client) -> Result<(), String> {
        if self.tally.measured().is_none() && self.plan.requests.is_some() {
            self.tally.begin();
        }
        if self.may_ask() {
            let (request, asked) = self.requests.make(&self.plan.mode);
            client.send(request, asked).map_err(text)?;
        } else {
            client.state = State::Idle;
        }
        Ok(())
    }

    /// A connection that broke or was closed makes way for a new one; its request counts as not asked.
    fn connect_again(&mut self) -> Result<Client, String> {
        Client::connect(self.plan.address, self.plan.receive_buffer_bytes)
    }

    /// Takes what has come, up to `budget` bytes, and asks again when an answer is complete. False: the connection is over.
    fn take(&mut self, client: &mut Client, mut budget: u64) -> Result<bool, String> {
        while budget > 0 && !matches!(client.state, State::Idle) {
            let discard = self.verify.is_none() && matches!(client.state, State::Body { .. });
            let limit = match client.state {
                State::Body { left } => left.min(budget),
                _ => (HEAD_BYTES as u64).min(budget),
            };
            let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(self.buffer.len());
            let count = match client.receive(&mut self.buffer[..limit], discard) {
                Ok(Received::Bytes(count)) => count,
                Ok(Received::Nothing) => return Ok(true),
                Ok(Received::End) | Err(_) => {
                    self.tally.broken += 1;
                    return Ok(false);
                }
            };
            budget -= (count as u64).min(budget);
            client.allowance -= count as f64;
            self.accept(client, count)?;
            if matches!(client.state, State::Body { left: 0 }) {
                self.tally.add_request(client.sent_at.elapsed());
                if client.closes {
                    return Ok(false);
                }
                self.ask(client)?;
            }
        }
        Ok(true)
    }

    /// Moves a connection on by `count` bytes, which are in the buffer unless they were dropped.
    fn accept(&mut self, client: &mut Client, count: usize) -> Result<(), String> {
        match &mut client.state {
            State::Idle => {}
            State::Head(received) => {
                received.extend_from_slice(&self.buffer[..count]);
                if let Some(head) = head::parse(received)? {
                    let first = received.split_off(head.length);
                    self.begin_body(client, &head, &first)?;
                }
            }
            State::Body { left } => {
                *left -= count as u64;
                self.tally.add_bytes(count as u64);
                let bytes = std::mem::take(&mut self.buffer);
                self.check(client, &bytes[..count])?;
                self.buffer = bytes;
            }
        }
        Ok(())
    }

    fn begin_body(&mut self, client: &mut Client, head: &Head, first: &[u8]) -> Result<(), String> {
        *self.tally.statuses.entry(head.status).or_default() += 1;
        self.requests.learn(head.etag.as_deref());
        client.closes = head.closes;
        let length = head.body_bytes()?;
        if head.status != client.asked.status || client.asked.length.is_some_and(|asked| asked != length) {
            self.tally.wrong += 1;
        }
        let left = length.checked_sub(first.len() as u64).ok_or("more bytes came than the head says")?;
        self.tally.add_bytes(first.len() as u64);
        client.state = State::Body { left };
        self.check(client, first)
    }

    /// Compares bytes with the file, where there is one.
    fn check(&mut self, client: &mut Client, bytes: &[u8]) -> Result<(), String> {
        let Some(file) = &self.verify else { return Ok(()) };
        let expected = &mut self.expected[..bytes.len()];
        file.read_exact_at(expected, client.asked.offset).map_err(text)?;
        if expected != bytes {
            self.tally.wrong += 1;
        }
        client.asked.offset += bytes.len() as u64;
        Ok(())
    }

    /// One request ahead of all, for its entity tag.
    fn learn_etag(&mut self, client: &mut Client) -> Result<(), String> {
        let (request, asked) = self.requests.make(&Mode::Whole);
        client.send(request, asked).map_err(text)?;
        let begun = Instant::now();
        while !matches!(client.state, State::Body { left: 0 }) {
            match client.receive(&mut self.buffer[..HEAD_BYTES], false).map_err(text)? {
                Received::Bytes(count) => self.accept(client, count)?,
                Received::Nothing if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(1)),
                _ => return Err("the first answer did not end".to_owned()),
            }
        }
        if self.requests.knows_etag() { Ok(()) } else { Err("the first answer has no entity tag".to_owned()) }
    }
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
