//! Lets requests with a good token through, and those to what is open to everybody.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpRequest};

use super::authorized::Authorized;
use super::openapi;
use super::problems;
use super::refused::Refused;
use super::state::ApiState;
use crate::http::client_address::ClientAddress;

/// Recognises the token and leaves it where [`Authorized`] finds it.
pub(super) async fn authenticate(
    api: Data<ApiState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !is_open(request.request()) {
        match recognise(&api, request.request()).await {
            Ok(authorized) => {
                request.extensions_mut().insert(authorized);
            }
            Err(refused) => return Ok(request.error_response(refused)),
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

async fn recognise(api: &ApiState, request: &HttpRequest) -> Result<Authorized, Refused> {
    let token = bearer(request).ok_or_else(problems::token_missing)?;
    let address = ClientAddress::of_request(request);
    Ok(Authorized(api.authenticator.authenticate(token, address).await?))
}

/// The description of the API, and what tus asks beforehand (OPTIONS).
fn is_open(request: &HttpRequest) -> bool {
    openapi::pattern_of(request) == openapi::ADDRESS || request.method() == Method::OPTIONS
}

/// RFC 6750 §2.1. Of several such headers none counts.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let value = values.next().filter(|_| values.next().is_none())?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn bearer_of(values: &[&str]) -> Option<String> {
        let request = values
            .iter()
            .fold(TestRequest::default(), |request, value| request.append_header((AUTHORIZATION, (*value).to_owned())));
        bearer(&request.to_http_request()).map(str::to_owned)
    }

    #[test]
    fn one_bearer_token_counts_in_any_case_of_its_scheme() {
        assert_eq!(bearer_of(&["Bearer sw_x"]).as_deref(), Some("sw_x"));
        assert_eq!(bearer_of(&["bearer  sw_x "]).as_deref(), Some("sw_x"));
        for none in [&[][..], &["Bearer"], &["Basic eA=="], &["sw_x"], &["Bearer sw_x", "Bearer sw_y"]] {
            assert_eq!(bearer_of(none), None, "{none:?}");
        }
    }
}
