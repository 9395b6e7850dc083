//! What can go wrong with a store, by operation and key.

use std::io::{Error, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;

/// A failed operation on the store. `Display` names what and where; the cause is in `source()`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The configured address is not one of a store.
    #[error(
        "storage.url {url:?} {reason}: use file:///folder, s3://bucket/prefix, gs://bucket/prefix, az://container/prefix or memory:///"
    )]
    Url {
        /// As configured.
        url: String,
        /// What is wrong with it, after "storage.url …".
        reason: String,
    },
    /// The store could not be set up: missing credentials, a folder that cannot be made.
    #[error("the store {url:?} cannot be opened")]
    Open {
        /// As configured.
        url: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No object of that key.
    #[error("{key} is not in the store")]
    NotFound {
        /// The key.
        key: String,
    },
    /// An adopted object is not the one that was read.
    #[error("{key} was adopted, and somebody changed or replaced it since")]
    ObjectChanged {
        /// The key.
        key: String,
    },
    /// The store failed or did not answer.
    #[error("the store could not {operation} {key}")]
    Failed {
        /// `read`, `write`, `upload`, `look up` …
        operation: &'static str,
        /// The key.
        key: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Fewer bytes came than the range has.
    #[error("{key} ended after {received_bytes} of {expected_bytes} bytes")]
    Short {
        /// The key.
        key: String,
        /// Bytes of the range.
        expected_bytes: u64,
        /// Bytes that came.
        received_bytes: u64,
    },
    /// A document larger than its reader allows.
    #[error("{key} has more than the {max_bytes} bytes that fit")]
    TooLarge {
        /// The key.
        key: String,
        /// The reader's bound.
        max_bytes: u64,
    },
    /// The file to upload could not be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file to upload is not what it was said to be; nothing was stored.
    #[error("{} changed while it was uploaded", path.display())]
    FileChanged {
        /// The file.
        path: PathBuf,
    },
    /// The caller stopped the upload; nothing was stored.
    #[error("the upload of {key} was stopped")]
    Stopped {
        /// The key.
        key: String,
        /// The caller's reason.
        #[source]
        source: std::io::Error,
    },
    /// An error that several readers waited for.
    #[error(transparent)]
    Shared(Arc<Self>),
}

impl StoreError {
    /// Whether the object simply is not there.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether there is no room left, where the store says so.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let is_full = |error: &Error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
        let mut causes =
            std::iter::successors(Some(self as &(dyn std::error::Error + 'static)), |error| error.source());
        causes.any(|cause| cause.downcast_ref().is_some_and(is_full))
    }

    /// The same error for one more of those who waited for the same thing.
    #[must_use]
    pub fn again(this: &Arc<Self>) -> Self {
        match &**this {
            Self::NotFound { key } => Self::NotFound { key: key.clone() },
            Self::ObjectChanged { key } => Self::ObjectChanged { key: key.clone() },
            Self::Short { key, expected_bytes, received_bytes } => {
                Self::Short { key: key.clone(), expected_bytes: *expected_bytes, received_bytes: *received_bytes }
            }
            _ => Self::Shared(Arc::clone(this)),
        }
    }

    pub(super) fn of(operation: &'static str, key: String, source: object_store::Error) -> Self {
        match source {
            object_store::Error::NotFound { .. } => Self::NotFound { key },
            source => Self::Failed { operation, key, source: Box::new(source) },
        }
    }
}
