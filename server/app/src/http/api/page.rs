//! Lists come in pages: up to `limit` entries after the one that `after` names.

use stowaway_domain::catalogue::{DEFAULT_LIMIT, MAX_LIMIT};
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;

use super::body::MAX_WHOLE;
use super::refused::Refused;

/// How many entries are on a page.
///
/// # Errors
/// None, or more than there may be.
pub(super) fn limit(asked: Option<u32>) -> Result<u32, Refused> {
    let limit = asked.unwrap_or(DEFAULT_LIMIT);
    if (1..=MAX_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::new(ProblemCode::BadQuery, format!("limit must be a number from 1 to {MAX_LIMIT}.")).into())
}

/// The number that a page begins after.
///
/// # Errors
/// It is larger than the numbers that every reader of JSON has exactly.
pub(super) fn after(asked: Option<u64>) -> Result<Option<u64>, Refused> {
    if asked.is_none_or(|after| after <= MAX_WHOLE) {
        return Ok(asked);
    }
    Err(Problem::new(ProblemCode::BadQuery, format!("after must be a number from 0 to {MAX_WHOLE}.")).into())
}

/// Cuts what was asked for with one entry more to the page; says whether there are more.
pub(super) fn cut<T>(entries: &mut Vec<T>, limit: u32) -> bool {
    let has_more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    has_more
}
