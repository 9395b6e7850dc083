//! The id under which a request is found in logs: the caller's if it sent a sane one, else our own.

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use stowaway_domain::header_text::HeaderText;

use super::facts::{Known, RequestFacts};

/// How the line begins that carries the id in both directions.
pub(super) const LINE: &str = "x-request-id: ";
/// The header of that line.
pub(super) const NAME: &str = LINE.split_at(LINE.len() - ": ".len()).0;
/// Longest id that is taken over.
const MAX_BYTES: usize = 64;

thread_local! {
    /// Where a thread's ids are, from the system's randomness on.
    static SOURCE: Cell<[u64; 2]> = Cell::new([0, 1].map(|half: u64| RandomState::new().hash_one(half)));
}

/// The id of a request: letters, digits and `-_.` only. It lies where it is kept: every request has one.
#[derive(Debug, Clone)]
pub(super) struct RequestId {
    text: [u8; MAX_BYTES],
    len: usize,
}

impl RequestId {
    /// The id that was sent, or else a new one.
    pub(super) fn of(facts: &RequestFacts<'_>) -> Self {
        sent(facts).map_or_else(made, Self::new)
    }

    /// The first [`MAX_BYTES`] of `id`, which is ASCII.
    fn new(id: &str) -> Self {
        let (mut text, len) = ([0; MAX_BYTES], id.len().min(MAX_BYTES));
        text[..len].copy_from_slice(&id.as_bytes()[..len]);
        Self { text, len }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.text[..self.len]
    }

    /// As the value of a header.
    pub(super) fn to_header_text(&self) -> HeaderText {
        HeaderText::from_ascii(self.as_bytes())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(str::from_utf8(self.as_bytes()).unwrap_or_default())
    }
}

/// A random UUID, by SplitMix64 from a random beginning: asking the system for each would cost a call a request. Ids tell requests
/// apart; nothing has to be unable to guess them.
fn made() -> RequestId {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let states = SOURCE.get().map(|state| state.wrapping_add(STEP));
    SOURCE.set(states);
    let [high, low] = states.map(mixed);
    let random = u128::from(high) << 64 | u128::from(low);
    let mut text = uuid::Uuid::encode_buffer();
    let id = uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid();
    RequestId::new(id.hyphenated().encode_lower(&mut text))
}

const fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// `x-request-id` when it cannot forge a log line, else the trace id of `traceparent` (W3C Trace Context §3.2).
fn sent<'a>(facts: &'a RequestFacts<'_>) -> Option<&'a str> {
    let id = facts.header(Known::RequestId).filter(|id| is_sane(id));
    id.or_else(|| facts.header(Known::TraceParent).and_then(trace_id))
}

fn is_sane(id: &str) -> bool {
    (1..=MAX_BYTES).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn trace_id(traceparent: &str) -> Option<&str> {
    let id = traceparent.split('-').nth(1)?;
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) && id.bytes().any(|byte| byte != b'0'))
        .then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_with(name: &str, value: &str) -> Option<String> {
        let facts = RequestFacts::new("GET", "/", "", std::iter::once((name, value.as_bytes())));
        sent(&facts).map(str::to_owned)
    }

    #[test]
    fn only_ids_that_cannot_forge_a_log_line_are_taken_over() {
        assert_eq!(sent_with(NAME, "abc-1.2_3").as_deref(), Some("abc-1.2_3"));
        for bad in ["", "a b", "a\"b", "a=b", &"a".repeat(65)] {
            assert_eq!(sent_with(NAME, bad), None, "{bad:?}");
        }
    }

    #[test]
    fn made_ids_are_uuids_and_never_the_same() {
        let here: Vec<String> = (0..1000).map(|_| made().to_string()).collect();
        let there =
            std::thread::spawn(|| (0..1000).map(|_| made().to_string()).collect::<Vec<String>>()).join().unwrap();
        let all: std::collections::HashSet<&String> = here.iter().chain(&there).collect();
        assert_eq!(all.len(), 2000);
        assert!(all.iter().all(|id| uuid::Uuid::parse_str(id).unwrap().get_version_num() == 4));
    }

    #[test]
    fn a_trace_context_gives_its_trace_id() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(sent_with("traceparent", &format!("00-{id}-00f067aa0ba902b7-01")).as_deref(), Some(id));
        assert_eq!(sent_with("traceparent", &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32))), None);
        assert_eq!(sent_with("traceparent", "nonsense"), None);
    }
}
