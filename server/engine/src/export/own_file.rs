//! Files that an export writes for itself and for whoever serves the site.

use bytes::Bytes;
use stowaway_domain::Digest;
use stowaway_domain::cache_policy::CachePolicy;
use stowaway_domain::coding::Coding;
use stowaway_domain::negotiation::Varies;
use stowaway_domain::representation::RepresentationFacts;

use crate::read::Resource;

/// A file that is the export's own: no address of the server, and nothing that a cache may keep.
pub(super) fn own_file(bytes: Bytes, media_type: &str) -> Resource {
    let facts = RepresentationFacts {
        digest: Digest::of(&bytes),
        size: bytes.len() as u64,
        media_type: media_type.to_owned(),
        coding: Coding::Identity,
        varies: Varies::Never,
        cache: CachePolicy::NoStore,
        surrogate_keys: Vec::new(),
        extra: Vec::new(),
    };
    Resource::made_on_demand(facts, bytes)
}
