//! What Stowaway does with stores and databases: no HTTP framework, no configuration, no environment.
//!
//! [`store`] and [`db`] keep things; [`uploads`] and [`publish`] write them, [`read`] reads them, and these two never import each other;
//! [`export`] writes what is read as a site of files. [`records`] notes in the store what the database can be made again from.

pub mod claims;
mod compress;
pub mod db;
pub mod error_chain;
pub mod export;
pub mod gc;
pub mod housekeeping;
pub mod jobs;
pub mod publications;
pub mod publish;
pub mod read;
pub mod records;
pub mod releases;
pub mod remote;
pub mod scrub;
pub mod slices;
mod span;
pub mod store;
mod timestamp;
pub mod tokens;
pub mod uploads;
