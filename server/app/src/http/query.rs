//! The values in the queries of the catalogue (`after` and `limit`) and of bundles (`selection`). That there are no other keys, and
//! none twice, `check_query` has seen to before.

use stowaway_domain::catalogue::{DEFAULT_LIMIT, MAX_LIMIT, PageRequest};
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;

/// Parses a raw query of the catalogue whose keys were checked.
///
/// # Errors
/// A bad value.
pub(crate) fn parse_page(raw_query: &str) -> Result<PageRequest, Problem> {
    let mut page = PageRequest { after: None, limit: DEFAULT_LIMIT };
    for (key, value) in url::form_urlencoded::parse(raw_query.as_bytes()) {
        if key == "after" {
            page.after = Some(value.parse().map_err(|error| refuse(format!("after: {error}.")))?);
        } else {
            let number = value.parse().ok().filter(|number| (1..=MAX_LIMIT).contains(number));
            page.limit = number.ok_or_else(|| refuse(format!("limit must be a number from 1 to {MAX_LIMIT}.")))?;
        }
    }
    Ok(page)
}

/// The raw query of a bundle whose keys were checked: the id of a selection, or nothing. It is taken as it is: ids need no encoding.
pub(crate) fn parse_selection(raw_query: &str) -> Option<&str> {
    raw_query.strip_prefix("selection=")
}

fn refuse(detail: String) -> Problem {
    Problem::new(ProblemCode::BadQuery, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_named_by_after_and_limit() {
        assert_eq!(parse_page(""), Ok(PageRequest::default()));
        let page = parse_page("after=b&limit=200").unwrap();
        assert_eq!((page.after.unwrap().as_str(), page.limit), ("b", 200));
    }

    #[test]
    fn other_values_are_refused() {
        for query in ["limit=0", "limit=201", "limit=x", "limit", "after=B", "after="] {
            assert_eq!(parse_page(query).unwrap_err().code, ProblemCode::BadQuery, "{query}");
        }
    }
}
