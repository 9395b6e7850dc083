//! Why a publication failed.

use std::sync::Arc;

use crate::db::DbError;
use crate::publish::PublishError;
use crate::store::StoreError;
use crate::uploads::UploadError;

/// A publication that made no release.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// The publish failed, or what was sent breaks a rule.
    #[error(transparent)]
    Publish(Arc<PublishError>),
    /// The task that published ended without a word.
    #[error("publishing failed inside this program: please report it")]
    Broken,
    /// Uploads could not be looked up.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
}
