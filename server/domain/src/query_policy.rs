//! Which query keys an address takes.
//!
//! An edge keys its cache by the whole address. Were any query taken at an immutable one, anybody could fill an edge with copies
//! of one file, or make it fetch the same file for ever.

use crate::problem::Problem;
use crate::problem_code::ProblemCode;

/// The longest key that a problem repeats.
const SHOWN_CHARACTERS: usize = 40;

/// Kinds of address, as far as queries go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    /// `/tags`: a page of the catalogue.
    Catalogue,
    /// The manifest of the current release, and the stable alias of an asset.
    Current,
    /// Blobs, pieces, and the manifest and piece index of one release: the same bytes for ever.
    Immutable,
    /// The bundle of one release.
    Bundle,
    /// A page of the app, whose scripts read the query, and its parts.
    Page,
    /// Health, readiness and metrics.
    Operation,
}

/// Which keys there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowedKeys {
    /// These, each at most once, and written just so.
    Only(&'static [&'static str]),
    /// Any: they change nothing, and the answer is never kept for long.
    Any,
}

impl AddressKind {
    /// Which keys an address of this kind takes.
    #[must_use]
    pub const fn allowed_keys(self) -> AllowedKeys {
        match self {
            Self::Catalogue => AllowedKeys::Only(&["after", "limit"]),
            Self::Immutable => AllowedKeys::Only(&[]),
            Self::Bundle => AllowedKeys::Only(&["selection"]),
            // Podcast apps and trackers add keys of their own, and a listener must not suffer for it.
            Self::Current | Self::Page | Self::Operation => AllowedKeys::Any,
        }
    }
}

/// Checks the keys of a raw query, without the `?`. What the values may be is for the address to say.
///
/// Keys are compared as they were sent: one that is percent-encoded without need is another address, and refused.
///
/// # Errors
/// A key that the address does not have, or one twice: a problem that says which, and is never cached.
pub fn check_query(kind: AddressKind, raw_query: &str) -> Result<(), Problem> {
    let AllowedKeys::Only(allowed) = kind.allowed_keys() else { return Ok(()) };
    if raw_query.is_empty() {
        return Ok(());
    }
    // One more than there may be is enough to find a key that is unknown or there twice.
    let pairs = raw_query.split('&').take(allowed.len() + 1);
    let keys: Vec<&str> = pairs.map(|pair| pair.split_once('=').map_or(pair, |(key, _)| key)).collect();
    for (index, key) in keys.iter().enumerate() {
        if !allowed.contains(key) || keys[..index].contains(key) {
            return Err(refuse(key, allowed));
        }
    }
    Ok(())
}

fn refuse(key: &str, allowed: &[&str]) -> Problem {
    let shown: String = key.chars().take(SHOWN_CHARACTERS).collect();
    let detail = match allowed {
        [] => format!("The query key {shown:?} is not known here: ask without a query."),
        keys => format!("The query key {shown:?} is not known here, or there twice: use {}, once.", keys.join(" and ")),
    };
    Problem::new(ProblemCode::QueryNotAllowed, detail).with("key", shown)
}
