//! From a request to its answer: resolve, plan, open. Nothing else happens here, and nothing of it depends on the connection.

use std::sync::Arc;
use std::time::Duration;

use stowaway_domain::answer::{Answer, BodyPlan, Request, plan_answer};
use stowaway_domain::conditional::Method;
use stowaway_domain::header_text::HeaderText;
use stowaway_domain::problem::Problem;
use stowaway_domain::query_policy::check_query;
use stowaway_domain::want_repr_digest;
use stowaway_engine::read::{ReadError, Resource};

use super::answered::Answered;
use super::facts::{Known, RequestFacts, Verb};
use super::negotiate::negotiate;
use super::route::Route;
use super::server_timing::ServerTiming;
use super::state::ServerState;
use super::{error, operations, query};

/// Why there is no answer but a problem.
pub(super) enum Failed {
    /// It is the client's.
    Problem(Problem),
    /// It may be the operator's, and is not logged yet.
    Read(Arc<ReadError>),
}

/// Answers a request to the public listener; `route` is its parsed path. What that is resolved to is shown to `resolved`
/// when it could be opened.
pub(super) async fn answer(
    state: &ServerState,
    facts: &RequestFacts<'_>,
    route: Option<Route>,
    resolved: impl FnOnce(&Route, &Arc<Resource>),
) -> Answered {
    let verb = facts.verb();
    let answered = match (route, verb) {
        (None, _) => Err(error::unknown_address().into()),
        (Some(_), Verb::Other) => Err(error::method_not_allowed(facts.method).into()),
        (Some(_), Verb::Preflight) => Ok(Answered::preflight()),
        (Some(route), Verb::Read(method)) => read(state, facts, route, method, resolved).await,
    };
    answered.unwrap_or_else(|failed| Answered::problem(&failed.into_problem(), verb.read_method(), facts.path))
}

async fn read(
    state: &ServerState,
    facts: &RequestFacts<'_>,
    route: Route,
    method: Method,
    resolved: impl FnOnce(&Route, &Arc<Resource>),
) -> Result<Answered, Failed> {
    match route {
        Route::Health => Ok(operations::health(method)),
        Route::Ready => Ok(operations::ready(state, method, facts.query).await),
        Route::Metrics if !state.has_admin_listener => Ok(operations::metrics(state, method)),
        Route::Metrics => Err(error::unknown_address().into()),
        route => {
            let mut timing = ServerTiming::begin(state.has_server_timing);
            let resource = resolve(state, facts, &route).await?;
            timing.lap("resolve");
            let redirect = state.redirect.filter(|_| matches!(route, Route::Blob(..)));
            let answered =
                plan_and_open(state, facts, method, &resource, route.is_built_in(), redirect, timing).await?;
            resolved(&route, &resource);
            Ok(answered)
        }
    }
}

/// Answers a read from what its address was resolved to. Logs nothing.
///
/// # Errors
/// As [`answer`] would turn into a problem.
pub(super) async fn answer_from(
    state: &ServerState,
    facts: &RequestFacts<'_>,
    method: Method,
    resource: &Arc<Resource>,
    is_built_in: bool,
) -> Result<Answered, Failed> {
    let timing = ServerTiming::begin(state.has_server_timing);
    // Nothing of a store that signs addresses is answered from what is at hand.
    plan_and_open(state, facts, method, resource, is_built_in, None, timing).await
}

async fn plan_and_open(
    state: &ServerState,
    facts: &RequestFacts<'_>,
    method: Method,
    resource: &Arc<Resource>,
    is_built_in: bool,
    redirect: Option<Duration>,
    mut timing: ServerTiming,
) -> Result<Answered, Failed> {
    let form = negotiate(&state.reader, resource, facts, method).await?;
    timing.lap("negotiate");
    let digest_wish = want_repr_digest::parse(facts.header(Known::WantReprDigest));
    let request = Request { method, path: facts.path, conditions: facts.conditions(), digest_wish };
    let plan = |form: &Resource| plan_answer(&form.representation, &request);
    let mut answer = plan(&form);
    if let Some(valid) = redirect.filter(|_| matches!(answer.status, 200 | 206))
        && let Some(address) = state.reader.signed_address(&form, method == Method::Head, valid).await?
    {
        return Ok(Answered::redirect(address));
    }
    let mut opened = state.reader.open_spans(&form, std::mem::replace(&mut answer.body, BodyPlan::Empty)).await;
    if let Err(error) = opened.as_ref()
        && !Arc::ptr_eq(&form, resource)
        && error.is_damage()
    {
        // Everybody takes the bytes as they are.
        error::coded_form_lost(error);
        answer = plan(resource);
        opened = state.reader.open_spans(resource, std::mem::replace(&mut answer.body, BodyPlan::Empty)).await;
    }
    let body = opened?;
    let Answer { status, mut headers, content_length, .. } = answer;
    let from_slices = body.cache_status.map(|status| HeaderText::from_static(status.header()));
    let from_memory = || resource.cache_status().filter(|_| status < 400 && !is_built_in);
    let cache_status = from_slices.or_else(|| from_memory().map(HeaderText::from_static));
    headers.extend(cache_status.map(|status| ("cache-status", status)));
    timing.lap("open");
    headers.extend(timing.header());
    Ok(Answered { status, headers, content_length, spans: body.spans })
}

/// Finds what is published or built in under an address.
async fn resolve(state: &ServerState, facts: &RequestFacts<'_>, route: &Route) -> Result<Arc<Resource>, Failed> {
    check_query(route.kind(), facts.query)?;
    let reader = &state.reader;
    let found: Result<Arc<Resource>, Arc<ReadError>> = match route {
        Route::Catalogue => reader.catalogue_page(&query::parse_page(facts.query)?).await,
        Route::CurrentManifest(tag) => reader.current_manifest(tag).await,
        Route::ReleaseManifest(tag, release) => reader.release_manifest(tag, *release).await,
        Route::ReleasePieces(tag, release) => reader.release_pieces(tag, *release).await,
        Route::Metalink(tag, release) => reader.release_metalink(tag, *release).await,
        Route::Bundle(tag, release) => reader.bundle(tag, *release, query::parse_selection(facts.query)).await,
        Route::LatestBundle(tag) => reader.latest_bundle(tag, query::parse_selection(facts.query)).await,
        Route::Media(tag, path) => reader.media(tag, path).await,
        Route::Blob(digest, name) => reader.blob(digest, name).await,
        Route::BlobPieces(digest) => reader.blob_pieces(digest).await,
        Route::PieceRun(digest, run) => reader.piece_run(digest, run.first, run.last).await,
        Route::Page(file) => return Ok(state.client.find(file)?),
        Route::ServiceWorker => return Ok(state.client.find("sw.js")?),
        Route::Client(file) => return Ok(state.client.find(&format!("client/{file}"))?),
        Route::Health | Route::Ready | Route::Metrics => return Err(error::unknown_address().into()),
    };
    found.map_err(Failed::Read)
}

impl Failed {
    /// The problem; what is the operator's is logged.
    fn into_problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Read(error) => error::problem(&error),
        }
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<ReadError> for Failed {
    fn from(error: ReadError) -> Self {
        Self::Read(Arc::new(error))
    }
}

impl From<Arc<ReadError>> for Failed {
    fn from(error: Arc<ReadError>) -> Self {
        Self::Read(error)
    }
}
