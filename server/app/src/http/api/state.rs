//! What every request of the API shares.

use std::time::Duration;

use stowaway_engine::housekeeping::Housekeeping;
use stowaway_engine::publications::Publications;
use stowaway_engine::read::Reader;
use stowaway_engine::releases::Releases;
use stowaway_engine::tokens::{Authenticator, Tokens};
use stowaway_engine::uploads::Uploads;

/// Shared by all workers.
pub(crate) struct ApiState {
    /// Recognises tokens.
    pub(crate) authenticator: Authenticator,
    /// Makes and revokes them.
    pub(crate) tokens: Tokens,
    /// Looks at tags and moves their pointers.
    pub(crate) releases: Releases,
    /// Reads what is published.
    pub(crate) reader: Reader,
    /// Takes bytes.
    pub(crate) uploads: Uploads,
    /// Makes releases of them.
    pub(crate) publications: Publications,
    /// Runs jobs in the background.
    pub(crate) housekeeping: Housekeeping,
    /// How long a small body may take to come.
    pub(crate) body_timeout: Duration,
}
