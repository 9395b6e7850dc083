//! The admin listener: metrics and health away from the public address.

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::request::Verb;
use super::route::Route;
use super::state::ServerState;
use super::{error, operations, render};

/// Answers every request to the admin listener.
pub(super) async fn dispatch(state: Data<ServerState>, request: HttpRequest) -> render::Rendered {
    let verb = Verb::of(request.method());
    let refuse = |problem| render::problem(&problem, verb.read_method(), request.uri().path());
    match (Route::parse(request.uri().path()), verb) {
        (Some(Route::Health), Verb::Read(method)) => operations::health(method),
        (Some(Route::Ready), Verb::Read(method)) => operations::ready(&state, method).await,
        (Some(Route::Metrics), Verb::Read(method)) => operations::metrics(&state, method),
        (Some(Route::Health | Route::Ready | Route::Metrics), _) => {
            refuse(error::method_not_allowed(request.method().as_str()))
        }
        _ => refuse(error::unknown_address()),
    }
}
