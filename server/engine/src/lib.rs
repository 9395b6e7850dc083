//! What Stowaway does with stores and databases: no HTTP framework, no configuration, no environment.
//!
//! [`store`] and [`db`] keep things; [`publish`] writes them, [`read`] reads them, and these two never import each other.

mod compress;
pub mod db;
pub mod publish;
pub mod read;
pub mod slices;
mod span;
pub mod store;
