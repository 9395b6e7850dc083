//! Where things lie in the object store, below the configured prefix.

use std::fmt;
use std::sync::Arc;

use crate::coding::Coding;
use crate::upload::UploadId;
use crate::{Digest, Tag};

/// Every object the server writes or reads. One enum, so that no path is spelled twice.
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
    /// The bytes of a blob in an object that was there before, and that others may change.
    Adopted(Arc<AdoptedObject>),
}

/// An object that Stowaway did not write: where it lies, and which one it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AdoptedObject {
    /// Its key, relative to the configured prefix.
    pub path: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    /// The store's validator of it.
    pub etag: String,
}

/// First parts of the keys of everything that Stowaway writes.
const AREAS: [&str; 8] = ["blobs", "pieces", "descriptions", "uploads", "variants", "releases", "tags", "probe"];

impl StoreKey {
    /// Is it a key, or a prefix, of Stowaway's own?
    #[must_use]
    pub fn is_own(path: &str) -> bool {
        path.split('/').next().is_some_and(|first| AREAS.contains(&first))
    }

    /// The kind, as a metric label.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            // Of whoever wrote them.
            Self::Blob(_) | Self::Adopted(_) => "blob",
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

    /// SHA-256 of the object's bytes, where the key says it.
    #[must_use]
    pub fn content_digest(&self) -> Option<Digest> {
        match self {
            Self::Blob(digest)
            | Self::Variant(_, _, digest)
            | Self::Manifest(_, _, digest)
            | Self::ReleasePieces(_, _, digest)
            | Self::ReleaseChunks(_, _, digest) => Some(*digest),
            Self::Adopted(object) => Some(object.digest),
            Self::BlobPieces(_) | Self::BlobDescription(_) | Self::UploadFile(_) | Self::UploadTail(..) => None,
            Self::ReleaseRecord(..) | Self::TagState(_) => None,
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
            Self::Adopted(object) => formatter.write_str(&object.path),
        }
    }
}
