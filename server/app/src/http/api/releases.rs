//! `/api/tags/{tag}/releases` and `/api/tags/{tag}/diff`: what a tag was, and what changed.

use actix_web::get;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stowaway_domain::release::TagSummary;
use stowaway_domain::scope::Access;
use stowaway_domain::{Tag, href};
use stowaway_engine::db::ReleaseRow;
use utoipa::{IntoParams, ToSchema};

use super::authorized::Authorized;
use super::openapi::{NotFound, QueryProblem, ScopeProblem, StoreProblems, TokenProblems};
use super::refused::Refused;
use super::state::ApiState;
use super::{page, problems};

/// A release of a tag.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReleaseEntry {
    /// Its number.
    release: u64,
    /// Do readers of the tag get it?
    current: bool,
    /// Its digest.
    digest: String,
    /// When it was made.
    #[schema(format = DateTime)]
    modified: String,
    /// Lessons or episodes.
    items: u64,
    /// Bytes of everything.
    download_total: u64,
    /// Address of its manifest.
    manifest: String,
}

/// A page of releases.
#[derive(Serialize, ToSchema)]
struct ReleasePage {
    /// Newest first.
    releases: Vec<ReleaseEntry>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// Which page of releases.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReleaseQuery {
    /// `next` of the page before.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_u64)]
    after: Option<u64>,
    /// Most releases on the page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// Which releases to compare.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Compared {
    /// The release that a client has.
    #[param(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    from: u64,
    /// The release that it wants.
    #[param(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    to: u64,
}

/// The assets of a release against those of another.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DifferenceEntry {
    /// Paths that are only in the new one.
    added: Vec<String>,
    /// Paths that are only in the old one.
    removed: Vec<String>,
    /// Paths in both, with other bytes.
    changed: Vec<String>,
    /// How many are the same in both.
    unchanged: usize,
    /// What a client that has the old one fetches for the new one.
    bytes_to_fetch: u64,
}

fn entry(row: &ReleaseRow, current: Option<u64>) -> Result<ReleaseEntry, Refused> {
    let summary: TagSummary =
        serde_json::from_str(&row.summary).map_err(|error| problems::damaged_row(&row.tag, &error))?;
    Ok(ReleaseEntry {
        release: row.number,
        current: Some(row.number) == current,
        digest: row.release_digest.to_string(),
        modified: row.modified.clone(),
        items: summary.items,
        download_total: summary.download_total,
        manifest: href::release_manifest(&row.tag, row.number),
    })
}

/// The releases of a tag, newest first
#[utoipa::path(
    tag = "tags",
    params(("tag" = String, Path, description = "Its name", pattern = "^[a-z0-9][a-z0-9._-]{0,127}$"), ReleaseQuery),
    responses((status = 200, description = "A page of releases", body = ReleasePage), QueryProblem, NotFound, TokenProblems, ScopeProblem)
)]
#[get("/tags/{tag}/releases")]
pub(super) async fn list_releases(
    api: Data<ApiState>,
    authorized: Authorized,
    tag: Path<Tag>,
    query: Query<ReleaseQuery>,
) -> Result<Json<ReleasePage>, Refused> {
    authorized.require(Access::Read(&tag))?;
    let limit = page::limit(query.limit)?;
    let state = api.releases.tag(&tag).await?;
    let mut rows = api.releases.page(&tag, page::after(query.after)?, limit + 1).await?;
    let has_more = page::cut(&mut rows, limit);
    let current = Some(state.release).filter(|_| state.unpublished.is_none());
    let releases = rows.iter().map(|row| entry(row, current)).collect::<Result<_, _>>()?;
    Ok(Json(ReleasePage { releases, next: rows.last().filter(|_| has_more).map(|row| row.number) }))
}

/// What changed from one release of a tag to another, and what that costs a client
#[utoipa::path(
    tag = "tags",
    params(("tag" = String, Path, description = "Its name", pattern = "^[a-z0-9][a-z0-9._-]{0,127}$"), Compared),
    responses((status = 200, description = "The difference", body = DifferenceEntry), QueryProblem, NotFound, StoreProblems, TokenProblems, ScopeProblem)
)]
#[get("/tags/{tag}/diff")]
pub(super) async fn compare_releases(
    api: Data<ApiState>,
    authorized: Authorized,
    tag: Path<Tag>,
    query: Query<Compared>,
) -> Result<Json<DifferenceEntry>, Refused> {
    authorized.require(Access::Read(&tag))?;
    api.releases.tag(&tag).await?;
    let difference = api.reader.difference(&tag, query.from, query.to).await?;
    let texts = |paths: &[stowaway_domain::AssetPath]| paths.iter().map(ToString::to_string).collect();
    Ok(Json(DifferenceEntry {
        added: texts(&difference.added),
        removed: texts(&difference.removed),
        changed: texts(&difference.changed),
        unchanged: difference.unchanged,
        bytes_to_fetch: difference.bytes_to_fetch,
    }))
}
