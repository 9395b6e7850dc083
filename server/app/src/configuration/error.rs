//! Why a configuration is refused. Every message names the key and the place; [`ConfigurationError::remedy`] says what to do.

use std::path::PathBuf;

use super::keys;
use super::layers::Source;

/// A configuration that is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigurationError {
    /// The file cannot be read.
    #[error("the configuration file {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// File and line.
        place: Source,
        /// What the parser said.
        message: String,
    },
    /// A key that does not exist.
    #[error("{place}: there is no setting {key:?}")]
    UnknownKey {
        /// Where it was set.
        place: Source,
        /// The dotted key.
        key: String,
    },
    /// A value that its key does not take.
    #[error("{place}: {key} cannot be {value}: {message}")]
    BadValue {
        /// Where it was set.
        place: Source,
        /// The dotted key.
        key: String,
        /// The value as it was given.
        value: String,
        /// What is wrong with it.
        message: String,
    },
    /// A `--set` without `=`.
    #[error("--set {given:?} has no \"=\"")]
    BadSet {
        /// What was given.
        given: String,
    },
    /// The working directory, which the default places need, is gone.
    #[error("the working directory cannot be found")]
    WorkingDirectory(#[source] std::io::Error),
}

impl ConfigurationError {
    /// What to do about it.
    pub(crate) fn remedy(&self) -> String {
        match self {
            Self::Unreadable { .. } => "name a file that exists with --config, or remove that option".to_owned(),
            Self::Syntax { .. } => "write it as TOML: key = \"value\" lines under [section] headings".to_owned(),
            Self::UnknownKey { key, .. } => keys::suggest(key),
            Self::BadValue { key, .. } => {
                keys::find(key).map_or_else(String::new, |known| format!("{key} is {}", known.meaning))
            }
            Self::BadSet { .. } => "write --set KEY=VALUE, such as --set http.workers=4".to_owned(),
            Self::WorkingDirectory(_) => {
                "change to a directory that exists, or set storage.url and database.url".to_owned()
            }
        }
    }
}
