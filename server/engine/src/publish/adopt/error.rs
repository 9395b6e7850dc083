//! Why objects were not adopted.

use std::path::PathBuf;

use super::super::PublishError;
use crate::db::DbError;
use crate::store::StoreError;

/// An adoption that made no release.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// Nothing is there.
    #[error("there are no objects below {prefix:?}: give a prefix relative to storage.url")]
    Nothing {
        /// As given.
        prefix: String,
    },
    /// A list names an object that is not there.
    #[error("there is no object {key:?}: keys are relative to storage.url")]
    Missing {
        /// As listed.
        key: String,
    },
    /// A list names nothing.
    #[error("the list names no object")]
    EmptyList,
    /// An object that Stowaway wrote.
    #[error("{key:?} is an object of Stowaway's own: give the prefix of your files")]
    Own {
        /// The key or prefix.
        key: String,
    },
    /// Without a validator nobody could tell later whether it is still the same.
    #[error(
        "the store gives no entity tag for {key:?}, so that a change of it could not be noticed: publish a copy instead"
    )]
    NoValidator {
        /// The key.
        key: String,
    },
    /// The copy that parsers read could not be made.
    #[error("{} cannot be written: one copy of an object at a time needs room there", path.display())]
    Scratch {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What also ends a publish.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl AdoptError {
    /// Whether the objects or what was asked for is at fault, and not the machine, the store or the database.
    #[must_use]
    pub const fn is_misuse(&self) -> bool {
        match self {
            Self::Nothing { .. }
            | Self::Missing { .. }
            | Self::EmptyList
            | Self::Own { .. }
            | Self::NoValidator { .. } => true,
            Self::Scratch { .. } => false,
            Self::Publish(error) => error.is_misuse(),
        }
    }
}

impl From<StoreError> for AdoptError {
    fn from(error: StoreError) -> Self {
        Self::Publish(PublishError::Store(error))
    }
}

impl From<DbError> for AdoptError {
    fn from(error: DbError) -> Self {
        Self::Publish(PublishError::Database(error))
    }
}
