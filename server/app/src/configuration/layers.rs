//! Reads the layers above the defaults: the file, the environment and the flags, each value with the place it comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::ConfigurationError;

/// Begins every environment variable that sets a key; `__` stands for the dot.
pub(crate) const ENVIRONMENT_PREFIX: &str = "STOWAWAY_";
/// Variables with the prefix that are no settings: the file, the fault hook of debug builds, and what test drivers use.
const NOT_SETTINGS: &[&str] =
    &["STOWAWAY_CONFIG", "STOWAWAY_FAULT_AT", "STOWAWAY_TOKEN", "STOWAWAY_BIN", "STOWAWAY_BINARY"];
/// Variables of test drivers begin like this.
const TEST_PREFIX: &str = "STOWAWAY_TEST_";

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nowhere: the default.
    Default,
    /// A file, and the line counted from 1.
    File(PathBuf, usize),
    /// An environment variable.
    Environment(String),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path, line) => write!(formatter, "{}, line {line}", path.display()),
            Self::Environment(name) => write!(formatter, "environment variable {name}"),
            Self::Flag(flag) => write!(formatter, "flag {flag}"),
        }
    }
}

/// One layer: values by dotted key, each with its place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    /// Values by key.
    pub(crate) values: BTreeMap<String, (config::Value, Source)>,
}

impl Layer {
    /// Sets `key`, replacing what this layer had.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<config::ValueKind>, source: Source) {
        self.values.insert(key.to_owned(), (config::Value::new(None, value), source));
    }
}

/// Reads `path`.
///
/// # Errors
/// The file cannot be read or is no TOML.
pub(crate) fn read_file(path: &Path) -> Result<Layer, ConfigurationError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigurationError::Unreadable { path: path.to_owned(), source })?;
    parse_file(path, &text)
}

/// Reads TOML `text` that came from `path`.
fn parse_file(path: &Path, text: &str) -> Result<Layer, ConfigurationError> {
    let document = DeTable::parse(text).map_err(|error| ConfigurationError::Syntax {
        place: Source::File(path.to_owned(), line_at(text, error.span().map_or(0, |span| span.start))),
        message: error.message().to_owned(),
    })?;
    let mut layer = Layer::default();
    collect(path, text, "", document.get_ref(), &mut layer);
    Ok(layer)
}

/// Flattens a table into dotted keys.
fn collect(path: &Path, text: &str, prefix: &str, table: &DeTable<'_>, layer: &mut Layer) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
        match value.get_ref() {
            DeValue::Table(inner) => collect(path, text, &key, inner, layer),
            leaf => {
                let source = Source::File(path.to_owned(), line_at(text, name.span().start));
                layer.set(&key, value_kind(leaf), source);
            }
        }
    }
}

/// A TOML value as the `config` crate knows it. An integer that does not fit stays text, which every integer key refuses.
fn value_kind(value: &DeValue<'_>) -> config::ValueKind {
    match value {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.as_str().to_owned().into(), Into::into),
        DeValue::Float(number) => {
            number.as_str().parse::<f64>().map_or_else(|_| number.as_str().to_owned().into(), Into::into)
        }
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(moment) => moment.to_string().into(),
        DeValue::Array(items) => {
            let items: Vec<config::Value> =
                items.iter().map(|item| config::Value::new(None, value_kind(item.get_ref()))).collect();
            config::ValueKind::Array(items)
        }
        DeValue::Table(_) => config::ValueKind::Nil,
    }
}

/// The line of byte `offset`, counted from 1.
fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1
}

/// Takes the settings out of the variables of the process.
pub(crate) fn from_environment(variables: impl Iterator<Item = (String, String)>) -> Layer {
    let mut layer = Layer::default();
    for (name, value) in variables {
        let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
        if NOT_SETTINGS.contains(&name.as_str()) || name.starts_with(TEST_PREFIX) {
            continue;
        }
        layer.set(&rest.to_lowercase().replace("__", "."), value, Source::Environment(name.clone()));
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_dotted_keys_with_their_lines() {
        let text = "listen = '127.0.0.1:1'\n\n[http]\nworkers = 3\nkeep_alive_seconds = 0x1_0\n";
        let layer = parse_file(Path::new("stowaway.toml"), text).unwrap();
        let line = |key: &str| layer.values[key].1.to_string();
        assert_eq!(line("listen"), "stowaway.toml, line 1");
        assert_eq!(line("http.workers"), "stowaway.toml, line 4");
        assert_eq!(layer.values["http.workers"].0.kind, config::ValueKind::I64(3));
        assert_eq!(layer.values["http.keep_alive_seconds"].0.kind, config::ValueKind::I64(16));
    }

    #[test]
    fn a_file_that_is_no_toml_is_refused_with_its_line() {
        let error = parse_file(Path::new("x.toml"), "a = 1\nb = \n").unwrap_err();
        assert!(error.to_string().starts_with("x.toml, line 2"), "{error}");
    }

    #[test]
    fn two_underscores_stand_for_the_dot() {
        let variables = [("STOWAWAY_STORAGE__URL", "memory:"), ("STOWAWAY_BIN", "x"), ("HOME", "y")];
        let layer = from_environment(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(layer.values.keys().collect::<Vec<_>>(), ["storage.url"]);
    }
}
