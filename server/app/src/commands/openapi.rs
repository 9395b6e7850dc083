//! `stowaway openapi`: the description of the administration API.

use super::output;
use crate::failure::Failure;
use crate::http::openapi_json;

/// Prints it.
pub(super) fn run() -> Result<(), Failure> {
    output::print(openapi_json().trim_end())
}
