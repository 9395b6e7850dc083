//! The admin listener: metrics and health away from the public address.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::answered::Answered;
use super::facts::Verb;
use super::render::{self, AnswerBody};
use super::route::Route;
use super::state::ServerState;
use super::{error, operations};

/// Answers every request to the admin listener.
pub(super) async fn handle(state: Data<ServerState>, request: HttpRequest) -> HttpResponse<AnswerBody> {
    let facts = render::facts(&request);
    let verb = facts.verb();
    let refuse = |problem| Answered::problem(&problem, verb.read_method(), facts.path);
    let answered = match (Route::parse(facts.path), verb) {
        (Some(Route::Health), Verb::Read(method)) => operations::health(method),
        (Some(Route::Ready), Verb::Read(method)) => operations::ready(&state, method, facts.query).await,
        (Some(Route::Metrics), Verb::Read(method)) => operations::metrics(&state, method),
        (Some(Route::Health | Route::Ready | Route::Metrics), _) => refuse(error::method_not_allowed(facts.method)),
        _ => refuse(error::unknown_address()),
    };
    render::render(&request, answered)
}
