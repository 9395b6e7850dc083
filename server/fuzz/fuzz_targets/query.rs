//! Queries. Input: the query of a request, without the question mark.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stowaway_domain::catalogue::MAX_LIMIT;
use stowaway_domain::conditional::Method;
use stowaway_domain::query_policy::{AddressKind, AllowedKeys, check_query};
use stowaway_fuzz::input::text;

#[path = "../../app/src/http/query.rs"]
mod query;

const KINDS: [AddressKind; 6] = [
    AddressKind::Catalogue,
    AddressKind::Current,
    AddressKind::Immutable,
    AddressKind::Bundle,
    AddressKind::Page,
    AddressKind::Operation,
];

fuzz_target!(|data: &[u8]| {
    let Some(raw) = text(data) else { return };
    for kind in KINDS {
        check_kind(kind, raw);
    }
    if check_query(AddressKind::Catalogue, raw).is_ok()
        && let Ok(page) = query::parse_page(raw)
    {
        assert!((1..=MAX_LIMIT).contains(&page.limit), "{raw:?}");
    }
    if check_query(AddressKind::Bundle, raw).is_ok() {
        match query::parse_selection(raw) {
            None => assert!(!raw.starts_with("selection="), "{raw:?}"),
            Some(id) => assert_eq!(raw, format!("selection={id}")),
        }
    }
});

/// A query passes when each of its keys is known and there once; the refusal is never kept by a cache.
fn check_kind(kind: AddressKind, raw: &str) {
    let checked = check_query(kind, raw);
    let AllowedKeys::Only(allowed) = kind.allowed_keys() else { return assert_eq!(checked, Ok(())) };
    let keys: Vec<&str> =
        if raw.is_empty() { vec![] } else { raw.split('&').map(|pair| pair.split('=').next().unwrap_or("")).collect() };
    let is_good = keys.iter().all(|key| allowed.contains(key))
        && allowed.iter().all(|key| keys.iter().filter(|there| *there == key).count() <= 1);
    assert_eq!(checked.is_ok(), is_good, "{kind:?} {raw:?}");
    if let Err(problem) = checked {
        let answer = problem.answer(Method::Get, "/");
        assert!((400..500).contains(&answer.status));
        let kept = answer.headers.iter().find(|(name, _)| *name == "cache-control").map(|(_, value)| value.as_str());
        assert_eq!(kept, Some("no-store"));
        assert!(answer.headers.iter().all(|(_, value)| !value.as_str().contains(['\r', '\n'])));
    }
}
