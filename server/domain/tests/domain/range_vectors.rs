//! Runs `tests/vectors/ranges.json`, which the client's planner runs too.

use serde::Deserialize;
use stowaway_domain::content_range;
use stowaway_domain::range::{ByteRange, MAX_RANGES, RangePlan, plan_ranges};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    max_ranges: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    size: u64,
    range: String,
    expect: Expectation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expectation {
    status: u16,
    #[serde(default)]
    parts: Vec<(u64, u64)>,
    content_range: Option<String>,
}

fn expected_plan(expect: &Expectation) -> RangePlan {
    let ranges: Vec<ByteRange> = expect.parts.iter().map(|&(first, last)| ByteRange { first, last }).collect();
    match (expect.status, ranges.as_slice()) {
        (200, []) => RangePlan::Whole,
        (206, [only]) => RangePlan::Single(*only),
        (206, [_, _, ..]) => RangePlan::Multiple(ranges),
        (416, []) => RangePlan::Unsatisfiable,
        other => panic!("the vector makes no sense: {other:?}"),
    }
}

#[test]
fn every_range_vector_is_planned_as_it_says() {
    let vectors: Vectors = serde_json::from_str(include_str!("../vectors/ranges.json")).unwrap();
    assert_eq!(vectors.max_ranges, MAX_RANGES);
    assert!(vectors.cases.len() > 50, "the file was cut short");
    for case in &vectors.cases {
        let plan = plan_ranges(Some(&case.range), case.size);
        assert_eq!(plan, expected_plan(&case.expect), "{}: {}", case.name, case.range);
        let written = match &plan {
            RangePlan::Single(range) => Some(content_range::of_range(range, case.size).to_string()),
            RangePlan::Unsatisfiable => Some(content_range::unsatisfied(case.size).to_string()),
            RangePlan::Whole | RangePlan::Multiple(_) => None,
        };
        assert_eq!(written, case.expect.content_range, "{}", case.name);
    }
}

#[test]
fn no_range_header_asks_for_everything() {
    assert_eq!(plan_ranges(None, 10), RangePlan::Whole);
    assert_eq!(plan_ranges(None, 0), RangePlan::Whole);
}

#[test]
fn two_range_headers_joined_by_the_server_are_ignored() {
    assert_eq!(plan_ranges(Some("bytes=0-1, bytes=4-5"), 10), RangePlan::Whole);
}

#[test]
fn a_suffix_makes_a_set_for_an_empty_asset_satisfiable() {
    assert_eq!(plan_ranges(Some("bytes=0-0,-5"), 0), RangePlan::Whole);
}

#[test]
fn three_ranges_of_which_the_middle_joins_the_others_become_one() {
    let joined = RangePlan::Single(ByteRange { first: 0, last: 29 });
    assert_eq!(plan_ranges(Some("bytes=20-29,0-9,10-19"), 100), joined);
}

#[test]
fn the_largest_size_there_can_be_does_not_overflow() {
    let last = u64::MAX - 1;
    assert_eq!(plan_ranges(Some("bytes=0-"), u64::MAX), RangePlan::Single(ByteRange { first: 0, last }));
    assert_eq!(plan_ranges(Some("bytes=-1"), u64::MAX), RangePlan::Single(ByteRange { first: last, last }));
    assert_eq!(plan_ranges(Some("bytes=0-,0-,0-"), u64::MAX), RangePlan::Whole);
}
