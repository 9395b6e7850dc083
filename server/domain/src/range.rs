//! Decides which bytes a `Range` header asks for (RFC 9110 §14). Pure: knows the size, never the bytes.

/// Most range-specs in one header; more are ignored as an attack or a mistake.
pub const MAX_RANGES: usize = 16;

/// Bytes `first` to `last`, both included, as HTTP counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteRange {
    /// Position of the first byte.
    pub first: u64,
    /// Position of the last byte, never below `first`.
    pub last: u64,
}

#[expect(clippy::len_without_is_empty, reason = "a byte range holds at least one byte")]
impl ByteRange {
    /// All `size` bytes; nothing where there are none.
    #[must_use]
    pub const fn whole(size: u64) -> Option<Self> {
        match size {
            0 => None,
            _ => Some(Self { first: 0, last: size - 1 }),
        }
    }

    /// Bytes in the range, at least one.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.last - self.first + 1
    }

    /// The position after the last byte, as Rust's ranges and object stores count.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.last + 1
    }
}

/// What a `Range` header comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangePlan {
    /// Everything, with status 200: no header, one that is not understood, or one that asks for all of it in slices.
    Whole,
    /// One range: a plain 206.
    Single(ByteRange),
    /// Two to [`MAX_RANGES`] ranges, ascending, disjoint and not adjacent: a `multipart/byteranges` 206.
    Multiple(Vec<ByteRange>),
    /// Nothing that exists was asked for: 416.
    Unsatisfiable,
}

/// One element of a ranges-specifier (RFC 9110 §14.1.1).
enum RangeSpec {
    FirstToLast { first: u64, last: u64 },
    Suffix { length: u64 },
}

/// Plans the answer to a `Range` header for a representation of `size` bytes.
///
/// Invalid headers and unknown units are ignored (RFC 9110 §14.2). Policy beyond the RFC: more than [`MAX_RANGES`] are
/// ignored; overlapping and adjacent ranges are joined and answered in ascending order; several that come to everything, or
/// ask for more bytes than there are, are answered whole.
///
/// ```
/// use stowaway_domain::range::{ByteRange, RangePlan, plan_ranges};
/// assert_eq!(plan_ranges(Some("bytes=-3"), 10), RangePlan::Single(ByteRange { first: 7, last: 9 }));
/// assert_eq!(plan_ranges(Some("items=0-1"), 10), RangePlan::Whole);
/// ```
#[must_use]
pub fn plan_ranges(header: Option<&str>, size: u64) -> RangePlan {
    let Some(set) = header.and_then(byte_range_set) else { return RangePlan::Whole };
    // On the stack: nearly every request asks for one range and must not pay for a list.
    let mut ranges = [ByteRange { first: 0, last: 0 }; MAX_RANGES];
    let (mut specs, mut satisfiable, mut asked_bytes) = (0, 0, 0_u64);
    for element in set.split(',').map(|element| element.trim_matches([' ', '\t'])).filter(|element| !element.is_empty())
    {
        let Some(spec) = parse_spec(element) else { return RangePlan::Whole };
        specs += 1;
        if specs > MAX_RANGES {
            return RangePlan::Whole;
        }
        match resolve(&spec, size) {
            Resolved::Range(range) => {
                ranges[satisfiable] = range;
                satisfiable += 1;
                asked_bytes = asked_bytes.saturating_add(range.len());
            }
            Resolved::AllOfNothing => return RangePlan::Whole,
            Resolved::Outside => {}
        }
    }
    match (specs, satisfiable) {
        (0, _) => RangePlan::Whole,
        (_, 0) => RangePlan::Unsatisfiable,
        (1, _) => RangePlan::Single(ranges[0]),
        _ if asked_bytes > size => RangePlan::Whole,
        _ => join(&mut ranges[..satisfiable], size),
    }
}

/// What follows `bytes=`, the unit in any case (RFC 9110 §14.1).
fn byte_range_set(header: &str) -> Option<&str> {
    let (unit, set) = header.split_once('=')?;
    unit.eq_ignore_ascii_case("bytes").then_some(set)
}

/// Reads `first-last`, `first-` or `-length`; anything else spoils the whole header.
fn parse_spec(element: &str) -> Option<RangeSpec> {
    let (first, last) = element.split_once('-')?;
    if first.is_empty() {
        return Some(RangeSpec::Suffix { length: parse_position(last)? });
    }
    let first = parse_position(first)?;
    let last = if last.is_empty() { u64::MAX } else { parse_position(last)? };
    (first <= last).then_some(RangeSpec::FirstToLast { first, last })
}

/// `1*DIGIT`, where numbers beyond `u64` mean "past every end" as well as any.
fn parse_position(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

/// A range-spec held against a size.
enum Resolved {
    Range(ByteRange),
    /// A suffix of an empty representation: satisfiable (RFC 9110 §14.1.2), but no 206 can say so.
    AllOfNothing,
    Outside,
}

fn resolve(spec: &RangeSpec, size: u64) -> Resolved {
    match *spec {
        RangeSpec::Suffix { length: 0 } => Resolved::Outside,
        RangeSpec::Suffix { .. } if size == 0 => Resolved::AllOfNothing,
        RangeSpec::Suffix { length } => {
            Resolved::Range(ByteRange { first: size.saturating_sub(length), last: size - 1 })
        }
        RangeSpec::FirstToLast { first, .. } if first >= size => Resolved::Outside,
        RangeSpec::FirstToLast { first, last } => Resolved::Range(ByteRange { first, last: last.min(size - 1) }),
    }
}

/// Sorts ranges and joins those that overlap or touch.
fn join(ranges: &mut [ByteRange], size: u64) -> RangePlan {
    ranges.sort_unstable();
    let mut joined: Vec<ByteRange> = Vec::with_capacity(ranges.len());
    for &range in ranges.iter() {
        match joined.last_mut() {
            Some(before) if range.first <= before.end() => before.last = before.last.max(range.last),
            _ => joined.push(range),
        }
    }
    match *joined {
        [only] if only.len() == size => RangePlan::Whole,
        [only] => RangePlan::Single(only),
        _ => RangePlan::Multiple(joined),
    }
}
