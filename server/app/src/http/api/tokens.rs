//! `/api/tokens`: the tokens of the server, for those who administer it.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;
use stowaway_domain::scope::{Access, Scope, Scopes};
use stowaway_domain::token::{Lifetime, TokenName};
use stowaway_engine::db::TokenRow;
use utoipa::{IntoParams, ToSchema};

use super::authorized::Authorized;
use super::body::JsonBody;
use super::openapi::{BodyProblems, NotFound, QueryProblem, ScopeProblem, TokenProblems};
use super::refused::Refused;
use super::state::ApiState;
use super::{page, problems};

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TokenEntry {
    /// Its public part.
    #[schema(example = "2KmPq0XzT4b")]
    id: String,
    /// What its owner calls it.
    name: String,
    /// What it may do: `admin`, `publish:PREFIX`, `read:PREFIX`.
    scopes: Vec<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    created: String,
    /// From when on it is refused; absent: never.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    /// Since when it is refused because someone said so.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<String>,
    /// When it was last used, to the minute.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
}

/// A page of tokens.
#[derive(Serialize, ToSchema)]
struct TokenPage {
    /// Newest first.
    tokens: Vec<TokenEntry>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// Which page of tokens.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TokenQuery {
    /// `next` of the page before.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_u64)]
    after: Option<u64>,
    /// Most tokens on the page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What its owner calls it.
    #[schema(min_length = 1, max_length = 100, pattern = r"^[!-~]([ -~]*[!-~])?$", example = "ci")]
    name: String,
    /// What it may do: `admin`, `publish:PREFIX`, `read:PREFIX`, where PREFIX is how tags begin and may be empty.
    #[schema(value_type = Vec<ScopeText>, min_items = 1, max_items = 32, example = json!(["publish:my-course"]))]
    scopes: Vec<Scope>,
    /// How long it is good for: a number of days or hours, or `never`.
    #[schema(pattern = "^(never|[1-9][0-9]{0,3}[dh])$", default = "90d")]
    #[serde(default = "default_lifetime")]
    expires: String,
}

/// A scope: `admin`, `publish:PREFIX` or `read:PREFIX`.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = r"^(admin|(publish|read):([a-z0-9][a-z0-9._-]{0,127})?)$")]
#[expect(dead_code, reason = "describes a member of a document")]
struct ScopeText(String);

/// A token that was made, with its secret, which is shown only here.
#[derive(Serialize, ToSchema)]
struct CreatedToken {
    /// The whole token, for `Authorization: Bearer`.
    #[schema(example = "sw_2KmPq0XzT4b_…")]
    token: String,
    #[serde(flatten)]
    entry: TokenEntry,
}

fn default_lifetime() -> String {
    Lifetime::DEFAULT.to_owned()
}

impl From<TokenRow> for TokenEntry {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name.to_string(),
            scopes: row.scopes.as_slice().iter().map(ToString::to_string).collect(),
            created: row.created,
            expires: row.expires,
            revoked: row.revoked,
            last_used: row.last_used,
        }
    }
}

/// The tokens of the server, newest first
#[utoipa::path(
    tag = "tokens",
    params(TokenQuery),
    responses((status = 200, description = "A page of tokens", body = TokenPage), QueryProblem, TokenProblems, ScopeProblem)
)]
#[get("/tokens")]
pub(super) async fn list_tokens(
    api: Data<ApiState>,
    authorized: Authorized,
    query: Query<TokenQuery>,
) -> Result<Json<TokenPage>, Refused> {
    authorized.require(Access::Admin)?;
    let limit = page::limit(query.limit)?;
    let mut rows = api.tokens.list(page::after(query.after)?, limit + 1).await?;
    let has_more = page::cut(&mut rows, limit);
    let next = rows.last().filter(|_| has_more).map(|row| row.number);
    Ok(Json(TokenPage { tokens: rows.into_iter().map(TokenEntry::from).collect(), next }))
}

/// Makes a token
#[utoipa::path(
    tag = "tokens",
    request_body = NewToken,
    responses((status = 201, description = "The token, shown once", body = CreatedToken), BodyProblems, TokenProblems, ScopeProblem)
)]
#[post("/tokens")]
pub(super) async fn create_token(
    api: Data<ApiState>,
    authorized: Authorized,
    body: JsonBody<NewToken>,
) -> Result<HttpResponse, Refused> {
    authorized.require(Access::Admin)?;
    let JsonBody(new) = body;
    let name: TokenName = new.name.parse().map_err(|error| refuse("name", &error))?;
    let scopes = Scopes::new(new.scopes).map_err(|error| refuse("scopes", &error))?;
    let lifetime: Lifetime = new.expires.parse().map_err(|error| refuse("expires", &error))?;
    let (row, token) = api.tokens.create(name, scopes, lifetime).await?;
    Ok(HttpResponse::Created().json(CreatedToken { token: token.reveal(), entry: row.into() }))
}

/// Revokes a token: it is refused from now on
#[utoipa::path(
    tag = "tokens",
    params(("id" = String, Path, description = "The public part of the token", pattern = "^[0-9A-Za-z]{11}$")),
    responses((status = 200, description = "The token, revoked", body = TokenEntry), NotFound, TokenProblems, ScopeProblem)
)]
#[delete("/tokens/{id}")]
pub(super) async fn revoke_token(
    api: Data<ApiState>,
    authorized: Authorized,
    id: Path<String>,
) -> Result<Json<TokenEntry>, Refused> {
    authorized.require(Access::Admin)?;
    let id = id.parse().map_err(problems::no_token_id)?;
    let row = api.tokens.revoke(&id).await?.ok_or_else(|| problems::no_such_token(&id))?;
    Ok(Json(row.into()))
}

fn refuse(member: &str, error: &dyn std::error::Error) -> Refused {
    Problem::new(ProblemCode::BadBody, format!("{member}: {error}.")).with("member", member).into()
}
