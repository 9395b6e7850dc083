//! The pure half of Stowaway: words, documents and decisions.
//!
//! Everything here is a function of its arguments: no I/O, no clock, no async. The engine acts on what is decided here and
//! the app renders it; see `ARCHITECTURE.md` for the map.

pub mod answer;
pub mod asset_path;
pub mod available_dictionary;
pub mod bundle;
pub mod cache_policy;
pub mod catalogue;
pub mod chunk;
pub mod coding;
pub mod conditional;
pub mod content;
pub mod content_range;
pub mod cors;
pub mod delta;
pub mod difference;
pub mod digest;
pub mod entity_tag;
pub mod file_list;
pub mod header_text;
pub mod headers;
pub mod href;
pub mod http_date;
pub mod layout;
pub mod manifest;
pub mod media_type;
pub mod metalink;
pub mod multipart;
pub mod negotiation;
pub mod piece;
pub mod probe;
pub mod problem;
pub mod problem_code;
pub mod problem_reference;
pub mod query_policy;
pub mod range;
pub mod recency;
pub mod release;
pub mod repr_digest;
pub mod representation;
pub mod retention;
pub mod schema;
pub mod scope;
pub mod slice;
pub mod store_key;
pub mod tag;
pub mod tag_metadata;
pub mod token;
pub mod upload;
pub mod want_repr_digest;

pub use asset_path::AssetPath;
pub use digest::Digest;
pub use repr_digest::repr_digest;
pub use store_key::{Need, StoreKey, Subject};
pub use tag::Tag;
