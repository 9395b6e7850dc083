//! The token of a request, for handlers.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use stowaway_domain::scope::{Access, Scopes};
use stowaway_domain::token::TokenId;
use stowaway_engine::tokens;

use super::problems;
use super::refused::Refused;

/// A token that [`gate`](super::gate) found good. A handler asks [`require`](Self::require) before it looks anything up, so that who
/// may not know does not learn what there is.
#[derive(Debug, Clone)]
pub(crate) struct Authorized(pub(super) tokens::Authorized);

impl Authorized {
    /// Goes on only if the token may.
    ///
    /// # Errors
    /// It may not: 403, with the scope that is needed.
    pub(crate) fn require(&self, access: Access<'_>) -> Result<(), Refused> {
        if self.0.allows(access) { Ok(()) } else { Err(problems::scope_missing(access).into()) }
    }

    /// What it may do.
    pub(crate) const fn scopes(&self) -> &Scopes {
        &self.0.scopes
    }

    /// Its public part: whose an upload is.
    pub(crate) const fn id(&self) -> &TokenId {
        &self.0.id
    }
}

impl FromRequest for Authorized {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or_else(|| problems::token_missing().into()))
    }
}
