//! Which queries are refused.

use proptest::prelude::*;
use stowaway_domain::problem_code::ProblemCode;
use stowaway_domain::query_policy::{AddressKind, check_query};

const ALL: [AddressKind; 6] = [
    AddressKind::Catalogue,
    AddressKind::Current,
    AddressKind::Immutable,
    AddressKind::Bundle,
    AddressKind::Page,
    AddressKind::Operation,
];

#[test]
fn no_query_is_taken_everywhere() {
    for kind in ALL {
        assert_eq!(check_query(kind, ""), Ok(()), "{kind:?}");
    }
}

#[test]
fn keys_are_taken_where_they_mean_something_or_do_no_harm() {
    for (kind, query) in [
        (AddressKind::Catalogue, "after=a&limit=2"),
        (AddressKind::Catalogue, "limit=2&after=a"),
        (AddressKind::Bundle, "selection=audio"),
        (AddressKind::Current, "utm_source=x&_=1"),
        (AddressKind::Page, "tag=t&item=01%2Fa.mp4"),
        (AddressKind::Operation, "x"),
    ] {
        assert_eq!(check_query(kind, query), Ok(()), "{kind:?} {query}");
    }
}

#[test]
fn everything_else_is_refused_by_name() {
    for (kind, query, key) in [
        (AddressKind::Immutable, "v=1", "v"),
        (AddressKind::Immutable, "v", "v"),
        (AddressKind::Immutable, "=1", ""),
        (AddressKind::Immutable, "&", ""),
        (AddressKind::Immutable, "a=1&b=2", "a"),
        (AddressKind::Bundle, "selection=a&selection=b", "selection"),
        (AddressKind::Bundle, "selection=a&", ""),
        (AddressKind::Bundle, "selectio%6e=a", "selectio%6e"),
        (AddressKind::Bundle, "Selection=a", "Selection"),
        (AddressKind::Catalogue, "after=a&page=2", "page"),
        (AddressKind::Catalogue, "after=a&limit=1&after=b", "after"),
    ] {
        let problem = check_query(kind, query).unwrap_err();
        assert_eq!(problem.code, ProblemCode::QueryNotAllowed, "{kind:?} {query}");
        assert_eq!(problem.extensions["key"], key, "{kind:?} {query}");
    }
}

#[test]
fn a_problem_says_what_to_do_and_repeats_no_more_than_can_be_read() {
    let long = "é".repeat(5000);
    let problem = check_query(AddressKind::Immutable, &long).unwrap_err();
    assert!(problem.detail.len() < 200 && problem.detail.ends_with("ask without a query."), "{}", problem.detail);
    let problem = check_query(AddressKind::Catalogue, "page=2").unwrap_err();
    assert!(problem.detail.ends_with("use after and limit, once."), "{}", problem.detail);
}

proptest! {
    #[test]
    fn an_immutable_address_takes_no_query_at_all(query in "\\PC{1,20}") {
        prop_assert!(check_query(AddressKind::Immutable, &query).is_err());
    }

    #[test]
    fn a_bundle_takes_one_selection_and_nothing_else(query in "(selection=[a-z]{0,3}|[a-z&=]{0,12})(&[a-z=]{0,12})?") {
        let one = query.strip_prefix("selection").is_some_and(|rest| {
            (rest.is_empty() || rest.starts_with('=')) && !rest.contains('&')
        });
        prop_assert_eq!(check_query(AddressKind::Bundle, &query).is_ok(), one || query.is_empty());
    }
}
