//! Preconditions and their order. Input: the size in decimal, a line break, then a line a header as `Name: value`; with the line
//! `HEAD` it is a HEAD, with `opaque` dates only count when they are the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stowaway_domain::conditional::{Conditions, DateOrder, Decision, Method, Validators, decide};
use stowaway_domain::range::{RangePlan, plan_ranges};
use stowaway_domain::{entity_tag, http_date};
use stowaway_fuzz::input::{header, number_and_text};

/// Those of `server/domain/tests/vectors/preconditions.json`, so that its cases are a corpus.
const ETAG: &str = "\"sha256-A\"";
const LAST_MODIFIED_UNIX_S: u64 = 1_793_527_200;

fuzz_target!(|data: &[u8]| {
    let Some((size, lines)) = number_and_text(data) else { return };
    let has_line = |wanted: &str| lines.split('\n').any(|line| line == wanted);
    let method = if has_line("HEAD") { Method::Head } else { Method::Get };
    let date_order = if has_line("opaque") { DateOrder::Opaque } else { DateOrder::Chronological };
    let validators = Validators { etag: ETAG, last_modified_unix_s: LAST_MODIFIED_UNIX_S, date_order };
    let conditions = Conditions {
        if_match: header(lines, "if-match"),
        if_none_match: header(lines, "if-none-match"),
        if_modified_since: header(lines, "if-modified-since"),
        if_unmodified_since: header(lines, "if-unmodified-since"),
        if_range: header(lines, "if-range"),
        range: header(lines, "range"),
    };
    let decision = decide(method, &conditions, &validators, size);
    check_order(method, &conditions, &validators, size, &decision);
    check_dates(&conditions);
});

/// 412 before 304 before 416 and 206: each step is decided as if it stood alone, and the first that speaks wins.
fn check_order(
    method: Method,
    conditions: &Conditions<'_>,
    validators: &Validators<'_>,
    size: u64,
    decision: &Decision,
) {
    let alone = |only: Conditions<'_>| decide(method, &only, validators, size);
    let insisting = Conditions {
        if_match: conditions.if_match,
        if_unmodified_since: conditions.if_unmodified_since,
        ..Conditions::default()
    };
    let asking = Conditions {
        if_none_match: conditions.if_none_match,
        if_modified_since: conditions.if_modified_since,
        ..Conditions::default()
    };
    let ranged = Conditions { if_range: conditions.if_range, range: conditions.range, ..Conditions::default() };
    let expected = [alone(insisting), alone(asking), alone(ranged)].into_iter().find(|step| *step != Decision::Whole);
    assert_eq!(*decision, expected.unwrap_or(Decision::Whole), "{conditions:?}");

    // An entity tag silences the date beside it (RFC 9110 §13.1.3, §13.1.4).
    if conditions.if_match.is_some() {
        assert_eq!(alone(insisting), alone(Conditions { if_unmodified_since: None, ..insisting }));
        let is_ours = entity_tag::list_has_strong(conditions.if_match.unwrap_or_default(), ETAG);
        assert_eq!(alone(insisting) == Decision::PreconditionFailed, !is_ours);
    }
    if conditions.if_none_match.is_some() {
        assert_eq!(alone(asking), alone(Conditions { if_modified_since: None, ..asking }));
    }
    // The range is answered only to those who have, or do not ask for, this very version.
    let answered = alone(ranged);
    let is_ranged = !matches!(answered, Decision::Whole);
    match conditions.if_range.map(|value| value.trim_matches([' ', '\t'])) {
        _ if method == Method::Head => assert!(!is_ranged),
        Some(value) if value.starts_with("W/") || (value != ETAG && value.starts_with('"')) => {
            assert!(!is_ranged, "{value}")
        }
        Some(_)
            if validators.date_order == DateOrder::Opaque
                && conditions.if_range.and_then(http_date::parse).is_some() =>
        {
            assert!(!is_ranged)
        }
        Some(value) if value != ETAG && http_date::parse(value) != Some(LAST_MODIFIED_UNIX_S) => {
            assert!(!is_ranged, "{value}")
        }
        _ => assert_eq!(answered, of_plan(plan_ranges(conditions.range, size))),
    }
}

fn of_plan(plan: RangePlan) -> Decision {
    match plan {
        RangePlan::Whole => Decision::Whole,
        RangePlan::Single(range) => Decision::Partial(range),
        RangePlan::Multiple(ranges) => Decision::Multipart(ranges),
        RangePlan::Unsatisfiable => Decision::RangeNotSatisfiable,
    }
}

/// A date that was read is written as one that reads the same.
fn check_dates(conditions: &Conditions<'_>) {
    for date in
        [conditions.if_modified_since, conditions.if_unmodified_since, conditions.if_range].into_iter().flatten()
    {
        if let Some(unix_s) = http_date::parse(date) {
            assert_eq!(http_date::parse(&http_date::format(unix_s)), Some(unix_s), "{date:?}");
        }
    }
}
