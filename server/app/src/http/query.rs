//! The queries of the catalogue (`after` and `limit`) and of bundles (`selection`).

use stowaway_domain::catalogue::{DEFAULT_LIMIT, MAX_LIMIT, PageRequest};
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;
use stowaway_domain::query_policy::{AddressKind, check_query};

/// Parses a raw query.
///
/// # Errors
/// An unknown key, a key twice, or a bad value.
pub(crate) fn parse_page(raw_query: &str) -> Result<PageRequest, Problem> {
    let (mut after, mut limit) = (None, None);
    for (key, value) in url::form_urlencoded::parse(raw_query.as_bytes()) {
        match key.as_ref() {
            "after" if after.is_none() => {
                after = Some(value.parse().map_err(|error| refuse(format!("after: {error}.")))?);
            }
            "limit" if limit.is_none() => {
                let number = value.parse().ok().filter(|number| (1..=MAX_LIMIT).contains(number));
                limit = Some(number.ok_or_else(|| refuse(format!("limit must be a number from 1 to {MAX_LIMIT}.")))?);
            }
            "after" | "limit" => return Err(refuse(format!("{key} is there twice: send it once."))),
            other => return Err(refuse(format!("There is no query key {other:?} here: use after and limit."))),
        }
    }
    Ok(PageRequest { after, limit: limit.unwrap_or(DEFAULT_LIMIT) })
}

/// Parses the raw query of a bundle: the id of a selection, or nothing. It is taken as it is: ids need no encoding.
///
/// # Errors
/// An unknown key, or one twice.
pub(crate) fn parse_selection(raw_query: &str) -> Result<Option<String>, Problem> {
    check_query(AddressKind::Bundle, raw_query)?;
    Ok(raw_query.strip_prefix("selection=").map(str::to_owned))
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
    fn anything_else_is_refused() {
        for query in ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "after=B", "after=", "page=2"] {
            assert_eq!(parse_page(query).unwrap_err().code, ProblemCode::BadQuery, "{query}");
        }
    }
}
