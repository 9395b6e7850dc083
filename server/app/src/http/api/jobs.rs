//! `/api/jobs`: what keeps house: what runs, what came of the last ones, and beginning one on this server.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use stowaway_domain::Tag;
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;
use stowaway_domain::scope::Access;
use stowaway_engine::housekeeping::JobOrder;
use utoipa::{IntoParams, ToSchema};

use super::authorized::Authorized;
use super::body::{JsonBody, optional_whole_number};
use super::job_entry::{JobEntry, JobPage};
use super::openapi::{BodyProblems, JobProblems, NotFound, QueryProblem, ScopeProblem, TokenProblems};
use super::page;
use super::problems;
use super::refused::Refused;
use super::state::ApiState;

/// Which page of jobs.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct JobQuery {
    /// `next` of the page before.
    #[param(pattern = "^[0-9a-f-]{36}$")]
    after: Option<String>,
    /// Most jobs on the page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// A job to be run by this server.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum NewJob {
    /// Looks for what nobody needs.
    Gc {
        /// Remove it; else it is only counted.
        #[serde(default)]
        delete: bool,
    },
    /// Reads everything that is stored again, and compares it with its digests.
    Scrub {
        /// Only what this tag needs.
        #[schema(value_type = Option<String>, pattern = "^[a-z0-9][a-z0-9._-]{0,127}$")]
        tag: Option<Tag>,
        /// At most so many bytes a second; without it as fast as the store gives them.
        #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
        #[serde(rename = "bytesPerSecond", default, deserialize_with = "optional_whole_number")]
        bytes_per_second: Option<u64>,
        /// Begin anew where the last one was stopped before its end.
        #[serde(default)]
        restart: bool,
    },
}

/// The jobs of all servers and commands, newest first
///
/// What a scrub found damaged is listed by `/api/jobs/{id}` only.
#[utoipa::path(
    tag = "jobs",
    params(JobQuery),
    responses((status = 200, description = "A page of jobs", body = JobPage), QueryProblem, TokenProblems, ScopeProblem)
)]
#[get("/jobs")]
pub(super) async fn list_jobs(
    api: Data<ApiState>,
    authorized: Authorized,
    query: Query<JobQuery>,
) -> Result<Json<JobPage>, Refused> {
    authorized.require(Access::Admin)?;
    let limit = page::limit(query.limit)?;
    if query.after.as_deref().is_some_and(|after| !is_id(after)) {
        return Err(Problem::new(ProblemCode::BadQuery, "after must be `next` of the page before.").into());
    }
    let mut rows = api.housekeeping.list(query.after.as_deref(), limit + 1).await?;
    let has_more = page::cut(&mut rows, limit);
    let now_ms = api.housekeeping.now_ms().await?;
    let next = rows.last().filter(|_| has_more).map(|row| row.id.clone());
    Ok(Json(JobPage { jobs: rows.into_iter().map(|row| JobEntry::new(row, now_ms)).collect(), next }))
}

/// A job, with everything that came of it
#[utoipa::path(
    tag = "jobs",
    params(("id" = String, Path, description = "Its identifier", pattern = "^[0-9a-f-]{36}$")),
    responses((status = 200, description = "The job", body = JobEntry), NotFound, TokenProblems, ScopeProblem)
)]
#[get("/jobs/{id}")]
pub(super) async fn get_job(
    api: Data<ApiState>,
    authorized: Authorized,
    id: Path<String>,
) -> Result<Json<JobEntry>, Refused> {
    authorized.require(Access::Admin)?;
    entry(&api, &id).await.map(Json)
}

/// Begins a job on this server
///
/// It goes on when the client leaves, and ends when the server does. One of each kind runs at a time, whatever the server.
#[utoipa::path(
    tag = "jobs",
    request_body = NewJob,
    responses(
        (status = 202, description = "The job runs; it is at `Location`", body = JobEntry),
        BodyProblems, JobProblems, TokenProblems, ScopeProblem
    )
)]
#[post("/jobs")]
pub(super) async fn begin_job(
    api: Data<ApiState>,
    authorized: Authorized,
    body: JsonBody<NewJob>,
) -> Result<HttpResponse, Refused> {
    authorized.require(Access::Admin)?;
    let JsonBody(new) = body;
    let id = api.housekeeping.begin(new.order()?).await?;
    let entry = entry(&api, &id).await?;
    Ok(HttpResponse::Accepted().insert_header(("location", format!("/api/jobs/{id}"))).json(entry))
}

async fn entry(api: &ApiState, id: &str) -> Result<JobEntry, Refused> {
    let row = if is_id(id) { api.housekeeping.find(id).await? } else { None };
    let row = row.ok_or_else(problems::no_such_job)?;
    Ok(JobEntry::new(row, api.housekeeping.now_ms().await?))
}

/// Can it be the identifier of a job?
fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

impl NewJob {
    fn order(self) -> Result<JobOrder, Refused> {
        Ok(match self {
            Self::Gc { delete } => JobOrder::Gc { delete },
            Self::Scrub { bytes_per_second: Some(0), .. } => {
                let detail = "bytesPerSecond must be at least 1; leave it out for no limit.";
                return Err(Problem::new(ProblemCode::BadBody, detail).with("member", "bytesPerSecond").into());
            }
            Self::Scrub { tag, bytes_per_second, restart } => JobOrder::Scrub { tag, bytes_per_second, restart },
        })
    }
}
