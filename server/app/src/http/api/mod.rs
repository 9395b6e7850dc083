//! The administration API below `/api`: JSON, problems, tokens. It shares connections and observation with the reads and nothing else:
//! whoever reads does not wait for it.
//!
//! A request passes [`observe`], which notes it and writes problems, then [`gate`], which knows its token, then a handler, which asks
//! [`Authorized`] whether that token may, and calls the engine. The OpenAPI document is collected from the handlers.

mod authorized;
mod body;
mod gate;
mod job_entry;
mod jobs;
mod observe;
mod openapi;
mod page;
mod problems;
mod publications;
mod refused;
mod releases;
mod shared_payload;
mod state;
mod stats;
mod tags;
mod tokens;
mod upload_body;
mod upload_problems;
mod uploads;
mod whoami;

use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, web};
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use openapi::openapi_json;
pub(crate) use refused::Refused;
pub(crate) use state::ApiState;

/// Puts the API into the application.
pub(super) fn register(config: &mut ServiceConfig<'_>) {
    let api = scope::scope("/api").wrap(from_fn(gate::authenticate)).wrap(from_fn(observe::observe));
    config.service(api.configure(routes).default_service(web::to(unknown)));
}

/// Every address of the API.
fn routes(config: &mut ServiceConfig<'_>) {
    config.service(openapi::get_openapi);
    config.service(whoami::get_whoami);
    config.service(tags::list_tags).service(tags::get_tag).service(tags::unpublish_tag).service(tags::roll_back_tag);
    config.service(releases::list_releases).service(releases::compare_releases);
    config.service(stats::get_stats).service(stats::get_tag_use);
    config.service(jobs::list_jobs).service(jobs::get_job).service(jobs::begin_job);
    config.service(publications::publish);
    config.service(uploads::tus_options).service(uploads::create_upload);
    config.service(uploads::upload_status).service(uploads::append_to_upload).service(uploads::remove_upload);
    config.service(tokens::list_tokens).service(tokens::create_token).service(tokens::revoke_token);
}

/// An address that there is not, or a method that it has not.
async fn unknown(request: HttpRequest) -> Refused {
    let allowed = openapi::methods(openapi::pattern_of(&request));
    if allowed.is_empty() {
        let detail = "Check the spelling; /api/openapi.json lists what is here.";
        return Problem::new(ProblemCode::AddressNotFound, detail).into();
    }
    let (method, allowed) = (request.method(), allowed.join(", "));
    Problem::new(ProblemCode::MethodNotAllowed, format!("{method} does nothing here: use {allowed}."))
        .with_header("allow", allowed)
        .into()
}
