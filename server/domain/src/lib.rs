//! The pure half of Stowaway: words, documents and decisions.
//!
//! Everything here is a function of its arguments: no I/O, no clock, no async. The engine acts on what is decided here and
//! the app renders it; see `ARCHITECTURE.md` for the map.

pub mod asset_path;
pub mod digest;
pub mod href;
pub mod manifest;
pub mod piece;
pub mod store_key;
pub mod tag;

pub use asset_path::AssetPath;
pub use digest::Digest;
pub use store_key::StoreKey;
pub use tag::Tag;
