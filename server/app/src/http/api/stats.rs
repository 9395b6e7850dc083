//! `/api/stats` and `/api/tags/{tag}/use`: how much there is and what runs, and what one tag needs of it.

use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use stowaway_domain::Tag;
use stowaway_domain::scope::Access;
use utoipa::ToSchema;

use super::authorized::Authorized;
use super::job_entry::JobKindText;
use super::openapi::{NotFound, ScopeProblem, TokenProblems};
use super::refused::Refused;
use super::state::ApiState;

/// What there is in all.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Stats {
    /// Tags, also those not offered any more.
    tags: u64,
    /// Tags that are not offered any more.
    unpublished_tags: u64,
    /// Releases of all tags.
    releases: u64,
    /// Blobs, each counted once.
    blobs: u64,
    /// Bytes of the blobs.
    bytes_stored: u64,
    /// What keeps house now, whatever the server or command: a kind each.
    #[schema(value_type = Vec<JobKindText>)]
    running_jobs: Vec<String>,
}

/// What the releases of a tag need.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TagUseEntry {
    /// Its releases.
    releases: u64,
    /// Blobs of all of them, each counted once.
    blobs: u64,
    /// Bytes of these blobs.
    bytes_stored: u64,
    /// Bytes of those that no other tag has too.
    exclusive_bytes: u64,
}

/// How much there is in all
#[utoipa::path(tag = "stats", responses((status = 200, description = "What there is", body = Stats), TokenProblems, ScopeProblem))]
#[get("/stats")]
pub(super) async fn get_stats(api: Data<ApiState>, authorized: Authorized) -> Result<Json<Stats>, Refused> {
    authorized.require(Access::Admin)?;
    let totals = api.releases.totals().await?;
    Ok(Json(Stats {
        tags: totals.tags,
        unpublished_tags: totals.unpublished,
        releases: totals.releases,
        blobs: totals.blobs,
        bytes_stored: totals.bytes,
        running_jobs: api.housekeeping.running().await?,
    }))
}

/// What the releases of a tag need
#[utoipa::path(
    tag = "stats",
    params(("tag" = String, Path, description = "Its name", pattern = "^[a-z0-9][a-z0-9._-]{0,127}$")),
    responses((status = 200, description = "What it needs", body = TagUseEntry), NotFound, TokenProblems, ScopeProblem)
)]
#[get("/tags/{tag}/use")]
pub(super) async fn get_tag_use(
    api: Data<ApiState>,
    authorized: Authorized,
    tag: Path<Tag>,
) -> Result<Json<TagUseEntry>, Refused> {
    authorized.require(Access::Read(&tag))?;
    let needed = api.releases.tag_use(&tag).await?;
    Ok(Json(TagUseEntry {
        releases: needed.releases,
        blobs: needed.blobs,
        bytes_stored: needed.bytes,
        exclusive_bytes: needed.exclusive_bytes,
    }))
}
