//! Why something cannot be read. The first group is the reader's business, the second the operator's.

use std::time::Duration;

use stowaway_domain::{AssetPath, Digest, Tag};

use crate::db::DbError;
use crate::store::StoreError;

/// Something that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No release was ever published under the tag.
    #[error("there is no tag {0}")]
    NoTag(Tag),
    /// It was published, and taken back since.
    #[error("the tag {tag} is not offered any more, since {since}")]
    Unpublished {
        /// The tag.
        tag: Tag,
        /// RFC 3339 UTC.
        since: String,
    },
    /// The tag has no such release.
    #[error("the tag {tag} has no release {release}")]
    NoRelease {
        /// The tag.
        tag: Tag,
        /// The number asked for.
        release: u64,
    },
    /// The tag had such a release, and let it go.
    #[error("release {release} of {tag} was retired")]
    Retired {
        /// The tag.
        tag: Tag,
        /// The number asked for.
        release: u64,
    },
    /// No release needed the blob any more, and it was removed.
    #[error("the blob {0} was removed")]
    BlobRemoved(Digest),
    /// The release has no such selection.
    #[error("release {release} of {tag} has no selection {selection:?}")]
    NoSelection {
        /// The tag.
        tag: Tag,
        /// The release.
        release: u64,
        /// The id asked for.
        selection: String,
    },
    /// The current release has no asset there.
    #[error("release {release} of {tag} has no asset at {path}")]
    NoAsset {
        /// The tag.
        tag: Tag,
        /// Its current release.
        release: u64,
        /// The path asked for.
        path: AssetPath,
    },
    /// No release names the blob, or not by that name.
    #[error("there is no blob {digest} under the name {file_name:?}")]
    NoBlob {
        /// The digest asked for.
        digest: Digest,
        /// The name asked for.
        file_name: String,
    },
    /// No such blob, or not that many pieces.
    #[error("the blob {digest} has no pieces {first} to {last}")]
    NoPieces {
        /// The digest asked for.
        digest: Digest,
        /// First piece asked for.
        first: usize,
        /// Last piece asked for.
        last: usize,
        /// How many it has.
        pieces: usize,
    },
    /// No such blob, so that it has no piece index.
    #[error("there is no blob {0}")]
    NoPieceIndex(Digest),
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] DbError),
    /// The database did not answer.
    #[error("the database did not answer within {} ms", limit.as_millis())]
    DatabaseSilent {
        /// How long was waited.
        limit: Duration,
    },
    /// The store did not answer.
    #[error("the store did not answer within {} ms", limit.as_millis())]
    StoreSilent {
        /// How long was waited.
        limit: Duration,
    },
    /// A document could not be compressed.
    #[error("a document could not be compressed")]
    Compression(#[source] std::io::Error),
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// Stored bytes are not what the database or their address says.
    #[error("{key} in the store is damaged: {reason}")]
    Damaged {
        /// The object.
        key: String,
        /// What does not fit.
        reason: String,
    },
}

impl ReadError {
    /// Whether stored bytes are missing or not what they should be, while the store answers.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. }
                | Self::Store(StoreError::NotFound { .. } | StoreError::Short { .. } | StoreError::TooLarge { .. })
        )
    }
}
