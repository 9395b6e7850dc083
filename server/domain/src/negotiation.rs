//! Which form of a document is the selected representation (RFC 9110 §12): decided before conditions and ranges, which then
//! apply to that form alone.

use crate::coding::{self, Coding};
use crate::conditional::{Conditions, Method};
use crate::entity_tag;

/// A form in which a document can be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form<'a> {
    /// How it is coded.
    pub coding: Coding,
    /// Bytes on the wire.
    pub size: u64,
    /// Its own strong entity tag.
    pub etag: &'a str,
}

/// By what an address chooses among forms: the request headers that its `Vary` names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Varies {
    /// There is one form, and `Accept-Encoding` is not looked at: media.
    #[default]
    Never,
    /// Documents and texts.
    ByCoding,
    /// Manifests at the address that changes with every release.
    ByCodingAndDictionary,
}

impl Varies {
    /// The value of `Vary`, the same on every form, identity, 304 and 406 included.
    #[must_use]
    pub const fn header(self) -> Option<&'static str> {
        match self {
            Self::Never => None,
            Self::ByCoding => Some("accept-encoding"),
            Self::ByCodingAndDictionary => Some("accept-encoding, available-dictionary"),
        }
    }
}

/// Selects one of the forms, by its position; nothing when the client accepts none of them.
///
/// 1. A form that the client names in If-Match or If-None-Match and accepts: it has that one, and is told about that one.
/// 2. A request for a range gets the form that If-Range names, else identity: bytes of a coded form are of use only to who holds
///    the rest of that very form, and a client that resumes without naming it must never get a mixture.
/// 3. Otherwise the highest weight, then the fewest bytes, then the first.
///
/// ```
/// use stowaway_domain::coding::Coding;
/// use stowaway_domain::conditional::{Conditions, Method};
/// use stowaway_domain::negotiation::{Form, select};
/// let forms = [
///     Form { coding: Coding::Identity, size: 90, etag: "\"i\"" },
///     Form { coding: Coding::Gzip, size: 40, etag: "\"g\"" },
///     Form { coding: Coding::Brotli, size: 30, etag: "\"b\"" },
/// ];
/// let none = Conditions::default();
/// assert_eq!(select(&forms, Some("gzip, br"), Method::Get, &none), Some(2));
/// assert_eq!(select(&forms, Some("gzip, br"), Method::Get, &Conditions { range: Some("bytes=0-"), ..none }), Some(0));
/// assert_eq!(select(&forms, Some("identity;q=0, zstd"), Method::Get, &none), None);
/// ```
#[must_use]
pub fn select(
    forms: &[Form<'_>],
    accept_encoding: Option<&str>,
    method: Method,
    conditions: &Conditions<'_>,
) -> Option<usize> {
    let accepted = || {
        let weighed =
            forms.iter().enumerate().map(|(at, form)| (at, form, coding::weight(form.coding, accept_encoding)));
        weighed.filter(|&(_, _, weight)| weight > 0)
    };
    let position = |found: Option<(usize, &Form<'_>, u16)>| found.map(|(at, ..)| at);
    let named = position(accepted().find(|(_, form, _)| is_named(form, conditions)));
    let for_range = || {
        if method != Method::Get || conditions.range.is_none() {
            return None;
        }
        let begun = conditions.if_range.map(|value| value.trim_matches([' ', '\t']));
        let same = position(accepted().find(|(_, form, _)| Some(form.etag) == begun));
        same.or_else(|| position(accepted().find(|(_, form, _)| form.coding == Coding::Identity)))
    };
    let best = || position(accepted().min_by_key(|(_, form, weight)| (u16::MAX - weight, form.size)));
    named.or_else(for_range).or_else(best)
}

/// Is this the form that the client says it has? `*` names none in particular.
fn is_named(form: &Form<'_>, conditions: &Conditions<'_>) -> bool {
    let lists = |list: Option<&str>, compare: fn(&str, &str) -> bool| {
        list.is_some_and(|list| list.trim_matches([' ', '\t']) != "*" && compare(list, form.etag))
    };
    lists(conditions.if_match, entity_tag::list_has_strong)
        || lists(conditions.if_none_match, entity_tag::list_has_weak)
}
