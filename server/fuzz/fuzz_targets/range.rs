//! `Range` headers. Input: the size in decimal, a line break, the header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stowaway_domain::range::{ByteRange, MAX_RANGES, RangePlan, plan_ranges};
use stowaway_fuzz::input::number_and_text;
use stowaway_fuzz::second_opinion::{Asked, bytes_asked};

/// Up to here every single byte is counted.
const SMALL_BYTES: u64 = 2048;

fuzz_target!(|data: &[u8]| {
    let Some((size, header)) = number_and_text(data) else { return };
    let plan = plan_ranges(Some(header), size);
    check_bounds(&plan, size);
    check_order_does_not_matter(&plan, header, size);
    if size <= SMALL_BYTES {
        check_every_byte(&plan, header, size);
    }
});

fn ranges(plan: &RangePlan) -> &[ByteRange] {
    match plan {
        RangePlan::Single(range) => std::slice::from_ref(range),
        RangePlan::Multiple(ranges) => ranges,
        RangePlan::Whole | RangePlan::Unsatisfiable => &[],
    }
}

/// Within the size, ascending, apart from one another, and no more bytes than there are.
fn check_bounds(plan: &RangePlan, size: u64) {
    let ranges = ranges(plan);
    assert!(ranges.len() <= MAX_RANGES);
    assert!(ranges.iter().all(|range| range.first <= range.last && range.last < size), "{plan:?} of {size}");
    assert!(ranges.windows(2).all(|pair| pair[0].last + 1 < pair[1].first), "{plan:?}");
    let total: u128 = ranges.iter().map(|range| u128::from(range.len())).sum();
    assert!(total <= u128::from(size));
    if let RangePlan::Multiple(several) = plan {
        assert!(several.len() >= 2 && total < u128::from(size), "{plan:?}");
    }
}

/// The list is a set: backwards it asks for the same.
fn check_order_does_not_matter(plan: &RangePlan, header: &str, size: u64) {
    let Some((unit, list)) = header.split_once('=') else { return assert_eq!(*plan, RangePlan::Whole) };
    let backwards: Vec<&str> = list.rsplit(',').collect();
    assert_eq!(*plan, plan_ranges(Some(&format!("{unit}=,{} ,", backwards.join("\t, "))), size));
}

/// The same bytes as somebody who counts them one by one.
fn check_every_byte(plan: &RangePlan, header: &str, size: u64) {
    match (bytes_asked(header, size, MAX_RANGES), plan) {
        (Asked::Ignored, RangePlan::Whole) | (Asked::Nothing, RangePlan::Unsatisfiable) => {}
        (Asked::Bytes(wanted), RangePlan::Whole) => assert_eq!(wanted.len() as u64, size, "{header:?}"),
        (Asked::Bytes(wanted), plan) if !ranges(plan).is_empty() => {
            assert!(
                ranges(plan).iter().flat_map(|range| range.first..=range.last).eq(wanted),
                "{header:?} of {size}: {plan:?}"
            );
        }
        (asked, plan) => panic!("{header:?} of {size}: {plan:?}, but {asked:?}"),
    }
}
