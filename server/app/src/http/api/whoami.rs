//! `/api/whoami`: what a token is and may do.

use actix_web::get;
use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::authorized::Authorized;
use super::openapi::TokenProblems;

/// The token of the request.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Whoami {
    /// Its public part.
    #[schema(example = "2KmPq0XzT4b")]
    id: String,
    /// What its owner calls it.
    name: String,
    /// What it may do: `admin`, `publish:PREFIX`, `read:PREFIX`.
    scopes: Vec<String>,
    /// From when on it is refused; absent: never.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

/// What the token of this request is and may do
#[utoipa::path(tag = "tokens", responses((status = 200, description = "The token", body = Whoami), TokenProblems))]
#[get("/whoami")]
pub(super) async fn get_whoami(Authorized(token): Authorized) -> Json<Whoami> {
    Json(Whoami {
        id: token.id.to_string(),
        name: token.name.to_string(),
        scopes: token.scopes.as_slice().iter().map(ToString::to_string).collect(),
        expires: token.expires,
    })
}
