//! `/api/tags`: the tags that a token may read, and the moves of their pointers.

use actix_web::http::header::ETAG;
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use stowaway_domain::Tag;
use stowaway_domain::release::TagSummary;
use stowaway_domain::scope::Access;
use stowaway_engine::db::TagState;
use stowaway_engine::releases::{Expected, version};
use utoipa::{IntoParams, ToSchema};

use super::authorized::Authorized;
use super::body::{JsonBody, whole_number};
use super::openapi::{BodyProblems, ConditionProblem, NotFound, QueryProblem, ScopeProblem, TokenProblems};
use super::refused::Refused;
use super::state::ApiState;
use super::{page, problems};

/// A tag and its current release.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TagEntry {
    /// Its name.
    #[schema(example = "my-course")]
    tag: String,
    /// Title of the current release.
    title: String,
    /// Number of the current release.
    release: u64,
    /// Highest number that a release of it ever had.
    last_release: u64,
    /// Digest of the current release.
    digest: String,
    /// When the current release was made.
    #[schema(format = DateTime)]
    modified: String,
    /// Lessons or episodes.
    items: u64,
    /// Bytes of everything.
    download_total: u64,
    /// Since when the tag is not offered any more; absent while it is.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    unpublished: Option<String>,
}

/// A page of tags.
#[derive(Serialize, ToSchema)]
struct TagPage {
    /// By name.
    tags: Vec<TagEntry>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which page of tags.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TagQuery {
    /// `next` of the page before.
    #[param(value_type = Option<String>, pattern = "^[a-z0-9][a-z0-9._-]{0,127}$")]
    after: Option<Tag>,
    /// Most tags on the page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// Where the pointer is to go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rollback {
    /// The release that is to be the current one.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    #[serde(deserialize_with = "whole_number")]
    release: u64,
}

fn entry(state: TagState) -> Result<TagEntry, Refused> {
    let summary: TagSummary =
        serde_json::from_str(&state.summary).map_err(|error| problems::damaged_row(&state.tag, &error))?;
    Ok(TagEntry {
        tag: state.tag.to_string(),
        title: summary.metadata.title,
        release: state.release,
        last_release: state.last_release,
        digest: state.digest.to_string(),
        modified: state.modified,
        items: summary.items,
        download_total: summary.download_total,
        unpublished: state.unpublished,
    })
}

/// One tag, with the validator that a change may be made to depend on.
fn one(state: TagState) -> Result<HttpResponse, Refused> {
    let etag = format!("\"{}\"", version(&state));
    Ok(HttpResponse::Ok().insert_header((ETAG, etag)).json(entry(state)?))
}

/// The tags that the token may read, by name
#[utoipa::path(
    tag = "tags",
    params(TagQuery),
    responses((status = 200, description = "A page of tags, also of those not offered any more", body = TagPage), QueryProblem, TokenProblems)
)]
#[get("/tags")]
pub(super) async fn list_tags(
    api: Data<ApiState>,
    authorized: Authorized,
    query: Query<TagQuery>,
) -> Result<Json<TagPage>, Refused> {
    let limit = page::limit(query.limit)?;
    let mut states = api.releases.tags(&authorized.scopes().readable(), query.after.as_ref(), limit + 1).await?;
    let has_more = page::cut(&mut states, limit);
    let next = states.last().filter(|_| has_more).map(|state| state.tag.to_string());
    Ok(Json(TagPage { tags: states.into_iter().map(entry).collect::<Result<_, _>>()?, next }))
}

/// A tag and its current release
#[utoipa::path(
    tag = "tags",
    params(("tag" = String, Path, description = "Its name", pattern = "^[a-z0-9][a-z0-9._-]{0,127}$")),
    responses((status = 200, description = "The tag", body = TagEntry, headers(("etag" = String, description = "Its version, for If-Match"))),
        NotFound, TokenProblems, ScopeProblem)
)]
#[get("/tags/{tag}")]
pub(super) async fn get_tag(
    api: Data<ApiState>,
    authorized: Authorized,
    tag: Path<Tag>,
) -> Result<HttpResponse, Refused> {
    authorized.require(Access::Read(&tag))?;
    one(api.releases.tag(&tag).await?)
}

/// Takes a tag back: it is not offered any more, and its releases stay
#[utoipa::path(
    tag = "tags",
    params(
        ("tag" = String, Path, description = "Its name", pattern = "^[a-z0-9][a-z0-9._-]{0,127}$"),
        ("if-match" = Option<String>, Header, description = "Only if it is still this version"),
    ),
    responses((status = 200, description = "The tag, not offered any more", body = TagEntry, headers(("etag" = String, description = "Its version"))),
        NotFound, ConditionProblem, TokenProblems, ScopeProblem)
)]
#[delete("/tags/{tag}")]
pub(super) async fn unpublish_tag(
    api: Data<ApiState>,
    authorized: Authorized,
    tag: Path<Tag>,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    authorized.require(Access::Admin)?;
    one(api.releases.unpublish(&tag, expected(&request).as_ref()).await?.state)
}

/// Makes an old release the current one, and offers the tag again if it was taken back
#[utoipa::path(
    tag = "tags",
    params(
        ("tag" = String, Path, description = "Its name", pattern = "^[a-z0-9][a-z0-9._-]{0,127}$"),
        ("if-match" = Option<String>, Header, description = "Only if it is still this version"),
    ),
    request_body = Rollback,
    responses((status = 200, description = "The tag at that release", body = TagEntry, headers(("etag" = String, description = "Its version"))),
        NotFound, ConditionProblem, BodyProblems, TokenProblems, ScopeProblem)
)]
#[post("/tags/{tag}/rollback")]
pub(super) async fn roll_back_tag(
    api: Data<ApiState>,
    authorized: Authorized,
    tag: Path<Tag>,
    request: HttpRequest,
    body: JsonBody<Rollback>,
) -> Result<HttpResponse, Refused> {
    authorized.require(Access::Publish(&tag))?;
    let JsonBody(Rollback { release }) = body;
    one(api.releases.roll_back(&tag, release, expected(&request).as_ref()).await?.state)
}

/// RFC 9110 §13.1.1: the versions on which the request is to hold; `*` is any that exists, which is asked for anyway.
fn expected(request: &HttpRequest) -> Option<Expected> {
    let values = request.headers().get_all("if-match").map(|value| value.to_str().unwrap_or_default());
    let tags: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    if tags.is_empty() || tags == ["*"] {
        return None;
    }
    let version = |tag: &str| tag.strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
    Some(Expected::one_of(tags.into_iter().filter_map(version).collect()))
}
