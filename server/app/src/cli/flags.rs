//! Options of every command, and flags as the topmost configuration layer.

use std::path::PathBuf;

use clap::Args;

use crate::configuration::{ConfigurationError, Layer, Source};

/// Options of every command.
#[derive(Debug, Default, Args)]
pub(crate) struct GlobalFlags {
    /// Read this file instead of ./stowaway.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where objects lie, such as file:///srv/stowaway or s3://bucket/prefix
    #[arg(long, global = true, value_name = "URL")]
    storage_url: Option<String>,
    /// Where rows lie, such as sqlite:///srv/stowaway.db or postgres://…
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// How log lines look: text or json
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,
    /// What is logged: error, warn, info, debug, trace, or directives
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Set any key of the configuration; may be repeated
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl GlobalFlags {
    /// The flags as a layer.
    ///
    /// # Errors
    /// A `--set` without `=`.
    pub(crate) fn layer(&self) -> Result<Layer, ConfigurationError> {
        let mut layer = Layer::default();
        for given in &self.set {
            let (key, value) =
                given.split_once('=').ok_or_else(|| ConfigurationError::BadSet { given: given.clone() })?;
            layer.set(key.trim(), value, Source::Flag(format!("--set {}", key.trim())));
        }
        set_flag(&mut layer, "storage.url", "--storage-url", self.storage_url.as_deref());
        set_flag(&mut layer, "database.url", "--database-url", self.database_url.as_deref());
        set_flag(&mut layer, "log.format", "--log-format", self.log_format.as_deref());
        set_flag(&mut layer, "log.level", "--log-level", self.log_level.as_deref());
        Ok(layer)
    }
}

/// Puts the value of one flag into the layer, if it was given.
pub(crate) fn set_flag(layer: &mut Layer, key: &str, flag: &str, value: Option<&str>) {
    if let Some(value) = value {
        layer.set(key, value, Source::Flag(flag.to_owned()));
    }
}
