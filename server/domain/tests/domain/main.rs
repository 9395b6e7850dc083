//! What the domain promises, tested from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod answers;
mod bundle;
mod catalogue;
mod coding;
mod fixtures;
mod layout;
mod metalink;
mod negotiation;
mod precondition_vectors;
mod problems;
mod properties;
mod query_policy;
mod range_vectors;
mod readium;
mod releases;
mod schemas;
mod selections;
mod store_keys;
mod tag_metadata;
