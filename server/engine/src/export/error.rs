//! Why an export did not come to its end.

use std::path::PathBuf;
use std::sync::Arc;

use stowaway_domain::Tag;

use crate::db::DbError;
use crate::read::ReadError;
use crate::store::StoreError;

/// A failed export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Nothing was published under the tag.
    #[error("there is no tag {0}")]
    NoTag(Tag),
    /// What is published cannot be read.
    #[error("{address} cannot be read")]
    Read {
        /// What was to be written.
        address: String,
        /// Why.
        #[source]
        source: Arc<ReadError>,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The bucket to export to cannot be opened.
    #[error(transparent)]
    Open(StoreError),
    /// Another export writes into the folder.
    #[error("another export writes into {}", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// The site cannot be read or written.
    #[error("{path} of the site cannot be {operation}")]
    Site {
        /// `read`, `written`, `removed`, `locked` or `looked up`.
        operation: &'static str,
        /// The file or object.
        path: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What earlier exports noted in the site is not understood.
    #[error("{path} of the site cannot be understood ({reason})")]
    Notes {
        /// The file or object.
        path: String,
        /// What does not fit.
        reason: String,
    },
    /// A folder cannot hold a release whose paths are none of a folder.
    #[error("{path} would be both a file and a folder of the site")]
    FileAndFolder {
        /// The path in the site.
        path: String,
    },
    /// Bytes came that are not those that the address promises.
    #[error("{address} is not what it should be: {reason}; nothing was written in its place")]
    Damaged {
        /// What was to be written.
        address: String,
        /// What does not fit.
        reason: String,
    },
}

impl ExportError {
    pub(super) fn site(
        operation: &'static str,
        path: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Site { operation, path: path.to_owned(), source: source.into() }
    }
}
