//! Finds the form of a resource that a request gets, and the headers that only this says. The engine has the forms, the domain decides.

use std::sync::Arc;

use stowaway_domain::available_dictionary::{self, RequestContext};
use stowaway_domain::coding::Coding;
use stowaway_domain::conditional::Method;
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;
use stowaway_engine::read::{Asked, Reader, Resource};

use super::dispatch::Failed;
use super::facts::{Known, RequestFacts};

/// The form to answer with.
///
/// # Errors
/// The client accepts none, or one could not be made.
pub(super) async fn negotiate(
    reader: &Reader,
    resource: &Arc<Resource>,
    facts: &RequestFacts<'_>,
    method: Method,
) -> Result<Arc<Resource>, Failed> {
    let context = RequestContext {
        site: facts.header(Known::FetchSite),
        mode: facts.header(Known::FetchMode),
        has_origin: facts.header(Known::Origin).is_some(),
    };
    let dictionary = facts.header(Known::AvailableDictionary).filter(|_| context.allows_dictionary());
    let asked = Asked {
        method,
        conditions: facts.conditions(),
        accept_encoding: facts.header(Known::AcceptEncoding),
        dictionary: dictionary.and_then(available_dictionary::parse),
    };
    let selected = reader.select(resource, &asked).await?;
    selected.ok_or_else(|| not_acceptable(resource).into())
}

fn not_acceptable(resource: &Resource) -> Problem {
    let codings = [Coding::Brotli, Coding::Zstd, Coding::Gzip].map(|coding| coding.token().unwrap_or_default());
    let detail = format!("Accept one of {}, or identity.", codings.join(", "));
    let problem = Problem::new(ProblemCode::NotAcceptable, detail).with("codings", codings.as_slice());
    match resource.representation.vary() {
        Some(names) => problem.with_header("vary", names),
        None => problem,
    }
}
