//! Configuration: defaults < `stowaway.toml` < `STOWAWAY_*` < flags. The only place that reads the environment.

mod check;
mod error;
mod keys;
mod layers;
mod load;
#[cfg(test)]
mod reference;
mod settings;

pub(crate) use error::ConfigurationError;
pub(crate) use keys::{KEYS, Key};
pub(crate) use layers::{Layer, Source};
pub(crate) use load::{Configuration, fault_from_environment, load, token_from_environment, vendor_environment};
pub(crate) use settings::{Cache, Http, Log, LogFormat, Settings, Upload};
