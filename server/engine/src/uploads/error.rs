//! Why an upload is refused or fails. `Display` says what to do; the cause is in `source()`.

use stowaway_domain::Digest;
use stowaway_domain::upload::{AppendRefusal, UploadId};

use super::UploadFaultPoint;
use crate::claims::ClaimError;
use crate::db::DbError;
use crate::store::StoreError;

/// An upload that did not go on. Bytes that were acknowledged stay, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Not there, or another token's.
    #[error(
        "this token has no upload {id}: it was removed, is another token's, or never was; begin again with POST /api/uploads"
    )]
    NotFound {
        /// As asked for.
        id: UploadId,
    },
    /// Its time is over.
    #[error("the upload {id} has expired: begin again with POST /api/uploads")]
    Expired {
        /// As asked for.
        id: UploadId,
        /// Milliseconds since 1970.
        expired_ms: u64,
    },
    /// More than an upload may have.
    #[error(
        "the upload has {size} bytes, the server takes {max_bytes} at most: divide the file, or have upload.max_bytes raised"
    )]
    TooLarge {
        /// As announced.
        size: u64,
        /// The bound.
        max_bytes: u64,
    },
    /// More than one owner may have.
    #[error("this token has {most} unfinished uploads, which is all it may have: finish or remove some of them")]
    TooMany {
        /// The bound.
        most: u64,
    },
    /// The append does not fit.
    #[error(transparent)]
    Append(#[from] AppendRefusal),
    /// Another append is going on.
    #[error("somebody else appends to the upload {id}: wait until that has ended, ask with HEAD, and go on from there")]
    Busy {
        /// As asked for.
        id: UploadId,
    },
    /// The server is full.
    #[error("the server takes as many appends as it can: try again in a moment")]
    Overloaded,
    /// The append is not what its checksum says; none of it was kept.
    #[error("the bytes of this append are not those of Upload-Checksum: none of them was kept, send them again")]
    Checksum,
    /// All bytes are there, and are not those of the digest. The upload is removed.
    #[error("the bytes that arrived have the SHA-256 {}, not {} as announced: the upload is removed, begin again", received.hex(), announced.hex())]
    Digest {
        /// By the client.
        announced: Digest,
        /// Of the bytes.
        received: Digest,
    },
    /// The client left or fell silent. What had arrived is kept, unless there was a checksum.
    #[error("the append was cut off: go on from {offset_bytes}")]
    Interrupted {
        /// Bytes that are durable.
        offset_bytes: u64,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What is recorded makes no sense.
    #[error("the upload cannot go on, {what}: remove it and begin again")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The bytes could not be claimed before they were stored.
    #[error(transparent)]
    Claim(ClaimError),
    /// A fault hook stopped it; only tests set one.
    #[error("stopped at the fault point {}", .0.name())]
    Fault(UploadFaultPoint),
}

impl From<ClaimError> for UploadError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Database(error) => Self::Database(error),
            ClaimError::Store(error) => Self::Store(error),
            error @ ClaimError::Forgotten => Self::Claim(error),
        }
    }
}
