//! `Repr-Digest` (RFC 9530): the digest of the whole representation, whatever part of it is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Digest;

/// The header value: `sha-256=:<base64>:`, a structured-field dictionary of byte sequences.
///
/// ```
/// use stowaway_domain::{Digest, repr_digest};
/// assert_eq!(repr_digest(&Digest::of(b"")), "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
/// ```
#[must_use]
pub fn repr_digest(digest: &Digest) -> String {
    format!("sha-256=:{}:", STANDARD.encode(digest.as_bytes()))
}
