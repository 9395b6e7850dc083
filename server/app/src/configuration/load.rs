//! Puts the layers together, refuses what is unknown or wrong, and keeps where each value comes from.

use std::path::{Path, PathBuf};

use config::{Config, ConfigError};

use super::layers::{self, Layer, Source};
use super::{ConfigurationError, Settings, check, keys};

/// The file that is read when none is named and this one exists.
const DEFAULT_FILE: &str = "stowaway.toml";
/// Holds store and database when neither is configured.
const DEFAULT_DATA_FOLDER: &str = "stowaway-data";
const STORE_FOLDER: &str = "store";
const SLICES_FOLDER: &str = "slices";
const DATABASE_FILE: &str = "stowaway.db";

/// The effective configuration and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    /// The values. `storage.url`, `database.url` and `cache.directory` are always there.
    pub(crate) settings: Settings,
    /// Later layers win.
    layers: [Layer; 3],
}

impl Configuration {
    /// Where the value of `key` comes from.
    pub(crate) fn source(&self, key: &str) -> Source {
        let found = self.layers.iter().rev().find_map(|layer| layer.values.get(key));
        found.map_or(Source::Default, |(_, source)| source.clone())
    }

    /// Takes another log level where nobody has set one.
    pub(crate) fn default_log_level(&mut self, level: &str) {
        if self.source("log.level") == Source::Default {
            level.clone_into(&mut self.settings.log.level);
        }
    }

    /// Moves store and database into `folder`, whatever was configured.
    pub(crate) fn keep_data_in(&mut self, folder: &Path) {
        self.settings.storage.url = Some(file_url("file", &folder.join(STORE_FOLDER)));
        self.settings.database.url = Some(file_url("sqlite", &folder.join(DATABASE_FILE)));
        self.settings.cache.directory = Some(folder.join(SLICES_FOLDER));
    }

    /// Address of the object store.
    pub(crate) fn storage_url(&self) -> &str {
        self.settings.storage.url.as_deref().unwrap_or_default()
    }

    /// Address of the database.
    pub(crate) fn database_url(&self) -> &str {
        self.settings.database.url.as_deref().unwrap_or_default()
    }
}

/// Loads the configuration of this process.
///
/// # Errors
/// An unknown key, a bad value, or a file that cannot be read.
pub(crate) fn load(file: Option<&Path>, flags: Layer) -> Result<Configuration, ConfigurationError> {
    let folder = std::env::current_dir().map_err(ConfigurationError::WorkingDirectory)?;
    let named = file.map(Path::to_owned).or_else(|| std::env::var_os("STOWAWAY_CONFIG").map(PathBuf::from));
    let default_exists = Path::new(DEFAULT_FILE).exists();
    let file = match named.or_else(|| default_exists.then(|| PathBuf::from(DEFAULT_FILE))) {
        Some(path) => layers::read_file(&path)?,
        None => Layer::default(),
    };
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    assemble([file, layers::from_environment(variables), flags], &folder)
}

/// The variables in which vendors of object stores keep credentials.
pub(crate) fn vendor_environment() -> Vec<(String, String)> {
    let is_vendors = |name: &str| ["AWS_", "AZURE_", "GOOGLE_"].iter().any(|prefix| name.starts_with(prefix));
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    variables.filter(|(name, _)| is_vendors(name)).collect()
}

/// The token for a server that is published to over the network.
pub(crate) fn token_from_environment() -> Option<String> {
    std::env::var("STOWAWAY_TOKEN").ok()
}

/// The publishing step at which a debug build stops dead, for tests of crashes.
pub(crate) fn fault_from_environment() -> Option<String> {
    if cfg!(debug_assertions) { std::env::var("STOWAWAY_FAULT_AT").ok() } else { None }
}

/// Merges `layers` over the defaults.
fn assemble(layers: [Layer; 3], folder: &Path) -> Result<Configuration, ConfigurationError> {
    refuse_unknown_keys(&layers)?;
    let mut settings = Settings::default();
    for count in 1..=layers.len() {
        settings = merge(&layers[..count]).map_err(|error| bad_value(&layers[..count], &error))?;
    }
    if let Some((key, message)) = check::find_fault(&settings) {
        return Err(describe(&layers, key, message));
    }
    let data = folder.join(DEFAULT_DATA_FOLDER);
    settings.storage.url.get_or_insert_with(|| file_url("file", &data.join(STORE_FOLDER)));
    settings.database.url.get_or_insert_with(|| file_url("sqlite", &data.join(DATABASE_FILE)));
    settings.cache.directory.get_or_insert_with(|| data.join(SLICES_FOLDER));
    Ok(Configuration { settings, layers })
}

fn refuse_unknown_keys(layers: &[Layer]) -> Result<(), ConfigurationError> {
    let mut all = layers.iter().flat_map(|layer| &layer.values);
    match all.find(|(key, _)| keys::find(key).is_none()) {
        Some((key, (_, place))) => Err(ConfigurationError::UnknownKey { place: place.clone(), key: key.clone() }),
        None => Ok(()),
    }
}

fn merge(layers: &[Layer]) -> Result<Settings, ConfigError> {
    let mut builder = Config::builder();
    for (key, (value, _)) in layers.iter().flat_map(|layer| &layer.values) {
        builder = builder.set_override(key, value.clone())?;
    }
    builder.build()?.try_deserialize()
}

/// Names the key of an error of the `config` crate and the place of the value.
fn bad_value(layers: &[Layer], error: &ConfigError) -> ConfigurationError {
    let (key, message) = match error {
        ConfigError::Type { key: Some(key), expected, .. } => (key.clone(), format!("expected {expected}")),
        ConfigError::At { key: Some(key), error, .. } => (key.clone(), error.to_string()),
        other => (String::new(), other.to_string()),
    };
    describe(layers, &key, message)
}

fn describe(layers: &[Layer], key: &str, message: String) -> ConfigurationError {
    let found = layers.iter().rev().find_map(|layer| layer.values.get(key));
    let (value, place) = match found {
        Some((value, place)) => (format!("{:?}", value.clone().into_string().unwrap_or_default()), place.clone()),
        None => ("what it is".to_owned(), Source::Default),
    };
    ConfigurationError::BadValue { place, key: key.to_owned(), value, message }
}

/// `scheme://<path>`, percent-encoded.
fn file_url(scheme: &str, path: &Path) -> String {
    let url = url::Url::from_file_path(path).map(|url| url.to_string()).unwrap_or_default();
    url.replacen("file", scheme, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(source: &Source, values: &[(&str, &str)]) -> Layer {
        let mut layer = Layer::default();
        for (key, value) in values {
            layer.set(key, *value, source.clone());
        }
        layer
    }

    fn assembled(file: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Configuration, ConfigurationError> {
        let file = layer(&Source::File("stowaway.toml".into(), 7), file);
        let environment = layer(&Source::Environment("STOWAWAY_X".to_owned()), environment);
        assemble([file, environment, Layer::default()], Path::new("/a b"))
    }

    #[test]
    fn later_layers_win_and_are_named() {
        let configuration =
            assembled(&[("http.workers", "2"), ("log.format", "json")], &[("http.workers", "3")]).unwrap();
        assert_eq!(configuration.settings.http.workers, 3);
        assert_eq!(configuration.source("http.workers").to_string(), "environment variable STOWAWAY_X");
        assert_eq!(configuration.source("log.format").to_string(), "stowaway.toml, line 7");
        assert_eq!(configuration.source("listen"), Source::Default);
    }

    #[test]
    fn default_places_are_in_the_working_directory() {
        let configuration = assembled(&[], &[]).unwrap();
        assert_eq!(configuration.storage_url(), "file:///a%20b/stowaway-data/store");
        assert_eq!(configuration.database_url(), "sqlite:///a%20b/stowaway-data/stowaway.db");
    }

    #[test]
    fn unknown_keys_and_bad_values_are_refused_by_name_and_place() {
        let message = |file: &[(&str, &str)]| assembled(file, &[]).unwrap_err().to_string();
        assert_eq!(message(&[("storage.ulr", "x")]), r#"stowaway.toml, line 7: there is no setting "storage.ulr""#);
        for (key, value) in [
            ("http.workers", "many"),
            ("http.workers", "-1"),
            ("listen", "here"),
            ("log.format", "xml"),
            ("log.level", "=x=["),
            ("log.level", "shout"),
            ("storage.url", "ftp://x"),
            ("http.read_chunk_bytes", "1"),
            ("telemetry.sample_ratio", "2"),
            ("http.keep_alive_seconds", "0"),
            ("storage.endpoint", "s3.example.org"),
            ("storage.path_style", "maybe"),
            ("cache.slice_bytes", "1000"),
            ("cache.max_bytes", "4194304"),
            ("cache.fills", "0"),
            ("cache.read_ahead_slices", "17"),
        ] {
            let message = message(&[(key, value)]);
            assert!(message.starts_with(&format!("stowaway.toml, line 7: {key} cannot be {value:?}: ")), "{message}");
        }
    }
}
