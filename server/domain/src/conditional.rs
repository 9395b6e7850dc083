//! Evaluates preconditions in the order of RFC 9110 §13.2.2 and then the range. Pure: decides, renders nothing.

use crate::entity_tag;
use crate::http_date;
use crate::range::{ByteRange, RangePlan, plan_ranges};

/// The methods that read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Head and body.
    Get,
    /// Head only; ranges are ignored (RFC 9110 §14.2).
    Head,
}

/// How far dates can be trusted to be in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// A later date means later bytes, or the bytes never change: compared as RFC 9110 §13.1.3 and §13.1.4 say.
    Chronological,
    /// The date names the bytes and nothing else, because it comes from their digest and the address changes its bytes:
    /// only the very same date says "unchanged". A wrong 304 would keep a reader on an old release for ever; a needless 200
    /// costs one document.
    Opaque,
}

/// What an answer is compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validators<'a> {
    /// The strong entity tag, quotes included.
    pub etag: &'a str,
    /// `Last-Modified`, seconds since 1970.
    pub last_modified_unix_s: u64,
    /// How to compare it.
    pub date_order: DateOrder,
}

/// The request headers that matter here. A header that occurs more than once is joined with `, ` first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conditions<'a> {
    /// `If-Match`.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
    /// `If-Modified-Since`.
    pub if_modified_since: Option<&'a str>,
    /// `If-Unmodified-Since`.
    pub if_unmodified_since: Option<&'a str>,
    /// `If-Range`.
    pub if_range: Option<&'a str>,
    /// `Range`.
    pub range: Option<&'a str>,
}

/// What to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// 200 with everything.
    Whole,
    /// 206 with one range.
    Partial(ByteRange),
    /// 206 with several.
    Multipart(Vec<ByteRange>),
    /// 304.
    NotModified,
    /// 412.
    PreconditionFailed,
    /// 416.
    RangeNotSatisfiable,
}

/// Decides in the order of RFC 9110 §13.2.2: If-Match, else If-Unmodified-Since; If-None-Match, else If-Modified-Since;
/// then Range as far as If-Range allows.
///
/// ```
/// use stowaway_domain::conditional::{Conditions, DateOrder, Decision, Method, Validators, decide};
/// let validators = Validators { etag: "\"a\"", last_modified_unix_s: 0, date_order: DateOrder::Chronological };
/// let conditions = Conditions { if_match: Some("\"b\""), range: Some("bytes=999-"), ..Conditions::default() };
/// assert_eq!(decide(Method::Get, &conditions, &validators, 10), Decision::PreconditionFailed);
/// ```
#[must_use]
pub fn decide(method: Method, conditions: &Conditions<'_>, validators: &Validators<'_>, size: u64) -> Decision {
    if !may_proceed(conditions, validators) {
        return Decision::PreconditionFailed;
    }
    if is_unchanged(conditions, validators) {
        return Decision::NotModified;
    }
    if method == Method::Head || !if_range_allows(conditions.if_range, validators) {
        return Decision::Whole;
    }
    match plan_ranges(conditions.range, size) {
        RangePlan::Whole => Decision::Whole,
        RangePlan::Single(range) => Decision::Partial(range),
        RangePlan::Multiple(ranges) => Decision::Multipart(ranges),
        RangePlan::Unsatisfiable => Decision::RangeNotSatisfiable,
    }
}

/// Steps 1 and 2: the reader insists on a version.
fn may_proceed(conditions: &Conditions<'_>, validators: &Validators<'_>) -> bool {
    if let Some(list) = conditions.if_match {
        return entity_tag::list_has_strong(list, validators.etag);
    }
    let Some(date_unix_s) = conditions.if_unmodified_since.and_then(http_date::parse) else { return true };
    not_changed_since(date_unix_s, validators)
}

/// Steps 3 and 4: the reader has a version already.
fn is_unchanged(conditions: &Conditions<'_>, validators: &Validators<'_>) -> bool {
    if let Some(list) = conditions.if_none_match {
        return entity_tag::list_has_weak(list, validators.etag);
    }
    let Some(date_unix_s) = conditions.if_modified_since.and_then(http_date::parse) else { return false };
    not_changed_since(date_unix_s, validators)
}

const fn not_changed_since(date_unix_s: u64, validators: &Validators<'_>) -> bool {
    match validators.date_order {
        DateOrder::Chronological => validators.last_modified_unix_s <= date_unix_s,
        DateOrder::Opaque => validators.last_modified_unix_s == date_unix_s,
    }
}

/// Step 5: strong comparison only (RFC 9110 §13.1.5): of one entity tag, or of the exact date where dates are strong, which
/// they are only at an address that never changes its bytes.
fn if_range_allows(if_range: Option<&str>, validators: &Validators<'_>) -> bool {
    let Some(value) = if_range.map(|value| value.trim_matches([' ', '\t'])) else { return true };
    let has_strong_dates = validators.date_order == DateOrder::Chronological;
    value == validators.etag || (has_strong_dates && http_date::parse(value) == Some(validators.last_modified_unix_s))
}
