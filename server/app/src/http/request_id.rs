//! The id under which a request is found in logs: the caller's if it sent a sane one, else our own.

use std::cell::Cell;
use std::hash::{BuildHasher as _, RandomState};

use stowaway_domain::header_text::HeaderText;

use super::facts::{Known, RequestFacts};

/// Header that carries the id in both directions.
pub(super) const NAME: &str = "x-request-id";
/// Longest id that is taken over.
const MAX_BYTES: usize = 64;

thread_local! {
    /// Keys from the system's randomness, and how many ids were made with them.
    static SOURCE: (RandomState, Cell<u64>) = (RandomState::new(), Cell::new(0));
}

/// The id of a request: letters, digits and `-_.` only.
pub(super) fn of(facts: &RequestFacts<'_>) -> HeaderText {
    sent(facts).map_or_else(made, str::to_owned).into()
}

/// A random UUID, by a keyed hash of a counter: asking the system for each would cost a call a request.
fn made() -> String {
    SOURCE.with(|(keys, count)| {
        let number = count.get();
        count.set(number + 1);
        let random = u128::from(keys.hash_one((number, 0_u8))) << 64 | u128::from(keys.hash_one((number, 1_u8)));
        uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid().to_string()
    })
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
        let here: Vec<String> = (0..1000).map(|_| made()).collect();
        let there = std::thread::spawn(|| (0..1000).map(|_| made()).collect::<Vec<String>>()).join().unwrap();
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
