//! Where things lie in the object store, below the configured prefix.

use std::fmt;

use crate::coding::Coding;
use crate::upload::UploadId;
use crate::{Digest, Tag};

/// Every object the server writes. One enum, so that no path is spelled twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StoreKey {
    /// The bytes of a blob.
    Blob(Digest),
    /// The piece index of a blob.
    BlobPieces(Digest),
    /// What one read of a blob in the store found out: a note for the next publish.
    BlobDescription(Digest),
    /// The bytes of an upload that are there, in a store that is a folder.
    UploadFile(UploadId),
    /// The bytes of an upload up to an offset that do not fill a part yet, in other stores.
    UploadTail(UploadId, u64),
    /// A coded form of a document or text: the digest of the identity form, the coding, and the digest of the coded bytes. Another
    /// version of a compressor may make other bytes, and the database row says which ones are served.
    Variant(Digest, Coding, Digest),
    /// The manifest of a release, by the digest of its bytes: two publishers that both try for the same number write two
    /// objects, and the database row says which one is the release.
    Manifest(Tag, u64, Digest),
    /// The piece index of a release, by the digest of its bytes.
    ReleasePieces(Tag, u64, Digest),
    /// The chunks of the blobs of a release, for its Metalink, by the digest of its bytes.
    ReleaseChunks(Tag, u64, Digest),
    /// The rows of a release, from which the database can be made again, by the digest of its manifest.
    ReleaseRecord(Tag, u64, Digest),
    /// What a tag is since it was made to point at an older release or was taken back. The one object that is written again.
    TagState(Tag),
}

impl StoreKey {
    /// The kind, as a metric label.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Blob(_) => "blob",
            Self::BlobPieces(_) => "blob_pieces",
            Self::BlobDescription(_) => "blob_description",
            Self::UploadFile(_) => "upload_file",
            Self::UploadTail(..) => "upload_tail",
            Self::Variant(..) => "variant",
            Self::Manifest(..) => "manifest",
            Self::ReleasePieces(..) => "release_pieces",
            Self::ReleaseChunks(..) => "release_chunks",
            Self::ReleaseRecord(..) => "release_record",
            Self::TagState(_) => "tag_state",
        }
    }
}

impl fmt::Display for StoreKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blob(digest) => {
                write!(formatter, "blobs/{}/{}", &digest.hex()[..2], digest.hex())
            }
            Self::BlobPieces(digest) => write!(formatter, "pieces/{}/{}.json", &digest.hex()[..2], digest.hex()),
            Self::BlobDescription(digest) => {
                write!(formatter, "descriptions/{}/{}.json", &digest.hex()[..2], digest.hex())
            }
            Self::UploadFile(upload) => write!(formatter, "uploads/{upload}/bytes"),
            Self::UploadTail(upload, offset) => write!(formatter, "uploads/{upload}/tail-{offset}"),
            Self::Variant(identity, coding, digest) => {
                let (identity, token) = (identity.hex(), coding.token().unwrap_or("identity"));
                write!(formatter, "variants/{}/{identity}/{}.{token}", &identity[..2], digest.hex())
            }
            Self::Manifest(tag, release, digest) => {
                write!(formatter, "releases/{tag}/{release}/manifest-{}.json", digest.hex())
            }
            Self::ReleasePieces(tag, release, digest) => {
                write!(formatter, "releases/{tag}/{release}/pieces-{}.json", digest.hex())
            }
            Self::ReleaseChunks(tag, release, digest) => {
                write!(formatter, "releases/{tag}/{release}/chunks-{}.json", digest.hex())
            }
            Self::ReleaseRecord(tag, release, digest) => {
                write!(formatter, "releases/{tag}/{release}/record-{}.jsonl", digest.hex())
            }
            Self::TagState(tag) => write!(formatter, "tags/{tag}.jsonl"),
        }
    }
}
