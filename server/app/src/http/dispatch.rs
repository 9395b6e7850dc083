//! From a request to its answer: resolve, plan, open. Nothing else happens here, and nothing of it depends on the connection.

use std::sync::Arc;

use stowaway_domain::answer::{Answer, Request, plan_answer};
use stowaway_domain::conditional::Method;
use stowaway_domain::header_text::HeaderText;
use stowaway_domain::problem::Problem;
use stowaway_domain::query_policy::{AddressKind, check_query};
use stowaway_domain::want_repr_digest;
use stowaway_engine::read::{ReadError, Resource};

use super::answered::Answered;
use super::facts::{Known, RequestFacts, Verb};
use super::negotiate::negotiate;
use super::route::Route;
use super::server_timing::ServerTiming;
use super::state::ServerState;
use super::{error, operations, query};

/// Answers a request to the public listener; `route` is its parsed path.
pub(super) async fn answer(state: &ServerState, facts: &RequestFacts<'_>, route: Option<Route>) -> Answered {
    let verb = facts.verb();
    let answered = match (route, verb) {
        (None, _) => Err(error::unknown_address()),
        (Some(_), Verb::Other) => Err(error::method_not_allowed(facts.method)),
        (Some(_), Verb::Preflight) => Ok(Answered::preflight()),
        (Some(route), Verb::Read(method)) => read(state, facts, route, method).await,
    };
    answered.unwrap_or_else(|problem| Answered::problem(&problem, verb.read_method(), facts.path))
}

async fn read(
    state: &ServerState,
    facts: &RequestFacts<'_>,
    route: Route,
    method: Method,
) -> Result<Answered, Problem> {
    match route {
        Route::Health => Ok(operations::health(method)),
        Route::Ready => Ok(operations::ready(state, method).await),
        Route::Metrics if !state.has_admin_listener => Ok(operations::metrics(state, method)),
        Route::Metrics => Err(error::unknown_address()),
        route => {
            let mut timing = ServerTiming::begin(state.has_server_timing);
            let resource = resolve(state, facts, &route).await?;
            timing.lap("resolve");
            let form = negotiate(&state.reader, &resource, facts, method).await?;
            timing.lap("negotiate");
            let digest_wish = want_repr_digest::parse(facts.header(Known::WantReprDigest));
            let request = Request { method, path: facts.path, conditions: facts.conditions(), digest_wish };
            let Answer { status, mut headers, content_length, body } = plan_answer(&form.representation, &request);
            let body = state.reader.open_spans(&form, body).await.map_err(|failed| error::problem(&failed))?;
            let from_slices = body.cache_status.map(|status| HeaderText::from_static(status.header()));
            let from_memory = || resource.cache_status().filter(|_| status < 400 && !route.is_built_in());
            let cache_status = from_slices.or_else(|| from_memory().map(HeaderText::from_static));
            headers.extend(cache_status.map(|status| ("cache-status", status)));
            timing.lap("open");
            headers.extend(timing.header());
            Ok(Answered { status, headers, content_length, spans: body.spans })
        }
    }
}

/// Finds what is published or built in under an address.
async fn resolve(state: &ServerState, facts: &RequestFacts<'_>, route: &Route) -> Result<Arc<Resource>, Problem> {
    if route.kind() == AddressKind::Immutable {
        check_query(AddressKind::Immutable, facts.query)?;
    }
    let reader = &state.reader;
    let found: Result<Arc<Resource>, Arc<ReadError>> = match route {
        Route::Catalogue => reader.catalogue_page(&query::parse_page(facts.query)?).await,
        Route::CurrentManifest(tag) => reader.current_manifest(tag).await,
        Route::ReleaseManifest(tag, release) => reader.release_manifest(tag, *release).await,
        Route::ReleasePieces(tag, release) => reader.release_pieces(tag, *release).await,
        Route::Metalink(tag, release) => reader.release_metalink(tag, *release).await,
        Route::Bundle(tag, release) => {
            reader.bundle(tag, *release, query::parse_selection(facts.query)?.as_deref()).await
        }
        Route::LatestBundle(tag) => reader.latest_bundle(tag, query::parse_selection(facts.query)?.as_deref()).await,
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
