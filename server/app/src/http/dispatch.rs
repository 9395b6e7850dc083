//! From a request to its answer: resolve, plan, render. Nothing else happens here.

use std::sync::Arc;

use actix_web::HttpRequest;
use stowaway_domain::answer::{Request, plan_answer};
use stowaway_domain::conditional::Method;
use stowaway_domain::problem::Problem;
use stowaway_domain::query_policy::{AddressKind, check_query};
use stowaway_engine::read::{ReadError, Resource};

use super::render::{self, Rendered};
use super::request::{ConditionHeaders, Verb};
use super::route::Route;
use super::state::ServerState;
use super::{error, operations, query};

/// Answers a request to the public listener; `route` is its parsed path.
pub(super) async fn dispatch(state: &ServerState, request: &HttpRequest, route: Option<Route>) -> Rendered {
    let verb = Verb::of(request.method());
    let answered = match (route, verb) {
        (None, _) => Err(error::unknown_address()),
        (Some(_), Verb::Other) => Err(error::method_not_allowed(request.method().as_str())),
        (Some(_), Verb::Preflight) => Ok(render::preflight()),
        (Some(route), Verb::Read(method)) => answer(state, request, route, method).await,
    };
    answered.unwrap_or_else(|problem| render::problem(&problem, verb.read_method(), request.uri().path()))
}

async fn answer(state: &ServerState, request: &HttpRequest, route: Route, method: Method) -> Result<Rendered, Problem> {
    match route {
        Route::Health => Ok(operations::health(method)),
        Route::Ready => Ok(operations::ready(state, method).await),
        Route::Metrics if !state.has_admin_listener => Ok(operations::metrics(state, method)),
        Route::Metrics => Err(error::unknown_address()),
        route => {
            let resource = resolve(state, request, &route).await?;
            let headers = ConditionHeaders::of(request);
            let planned = plan_answer(
                &resource.representation,
                &Request { method, path: request.uri().path(), conditions: headers.conditions() },
            );
            render::answer(&state.reader, request, &resource, planned).await.map_err(|failed| error::problem(&failed))
        }
    }
}

/// Finds what is published or built in under an address.
async fn resolve(state: &ServerState, request: &HttpRequest, route: &Route) -> Result<Arc<Resource>, Problem> {
    if route.kind() == AddressKind::Immutable {
        check_query(AddressKind::Immutable, request.query_string())?;
    }
    let reader = &state.reader;
    let found: Result<Arc<Resource>, Arc<ReadError>> = match route {
        Route::Catalogue => reader.catalogue_page(&query::parse_page(request.query_string())?).await,
        Route::CurrentManifest(tag) => reader.current_manifest(tag).await,
        Route::ReleaseManifest(tag, release) => reader.release_manifest(tag, *release).await,
        Route::ReleasePieces(tag, release) => reader.release_pieces(tag, *release).await,
        Route::Bundle(tag, release) => {
            reader.bundle(tag, *release, query::parse_selection(request.query_string())?.as_deref()).await
        }
        Route::LatestBundle(tag) => {
            reader.latest_bundle(tag, query::parse_selection(request.query_string())?.as_deref()).await
        }
        Route::Media(tag, path) => reader.media(tag, path).await,
        Route::Blob(digest, name) => reader.blob(digest, name).await,
        Route::BlobPieces(digest) => reader.blob_pieces(digest).await,
        Route::PieceRun(digest, run) => reader.piece_run(digest, run.first, run.last).await,
        Route::Page(file) => return state.client.find(file),
        Route::ServiceWorker => return state.client.find("sw.js"),
        Route::Client(file) => return state.client.find(&format!("client/{file}")),
        Route::Health | Route::Ready | Route::Metrics => return Err(error::unknown_address()),
    };
    found.map_err(|failed| error::problem(&failed))
}
