//! Lists of entity tags. Input: a tag's inside, a line break, the list.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stowaway_domain::entity_tag::{list_has_strong, list_has_weak};
use stowaway_fuzz::input::text;

fuzz_target!(|data: &[u8]| {
    let Some((inside, list)) = text(data).and_then(|text| text.split_once('\n')) else { return };
    let etag = format!("\"{}\"", inside.replace('"', ""));
    let (strong, weak) = (list_has_strong(list, &etag), list_has_weak(list, &etag));
    assert!(weak || !strong, "what matches strongly matches weakly: {list:?} {etag:?}");
    if strong && list.trim() != "*" {
        assert!(list.contains(&etag), "a match is in the list: {list:?} {etag:?}");
    }
    check_lists_that_hold_it(&etag, list);
    check_a_list_without_it(&etag, list);
});

/// At the front it is found whatever follows a comma; the weak form only where that counts.
fn check_lists_that_hold_it(etag: &str, list: &str) {
    assert!(list_has_strong(&format!("{etag},{list}"), etag));
    assert!(list_has_weak(&format!(" W/{etag} ,{list}"), etag));
    assert!(list_has_strong(&format!("W/{etag}, \"\" ,, {etag}"), etag));
    assert!(!list_has_strong(&format!("W/{etag}"), etag));
}

/// Tags of other lengths never match, however they are spelled.
fn check_a_list_without_it(etag: &str, list: &str) {
    let others: Vec<String> =
        list.split('"').map(|inside| format!("\"{inside}\"")).filter(|other| other != etag).collect();
    if !others.is_empty() {
        assert!(!list_has_weak(&others.join(", "), etag), "{others:?}");
    }
}
