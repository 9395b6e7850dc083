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

    /// What has to be in use for the object to be.
    #[must_use]
    pub fn need(&self) -> Need {
        let document = |tag: &Tag, release, digest| Need::Document { tag: tag.clone(), release, digest };
        match self {
            Self::Blob(digest) | Self::BlobPieces(digest) | Self::BlobDescription(digest) => Need::Content(*digest),
            Self::Variant(identity, _, form) => Need::Form { identity: *identity, form: *form },
            Self::Manifest(tag, release, digest)
            | Self::ReleasePieces(tag, release, digest)
            | Self::ReleaseChunks(tag, release, digest) => document(tag, *release, *digest),
            Self::ReleaseRecord(tag, release, digest) => {
                Need::Record { tag: tag.clone(), release: *release, manifest: *digest }
            }
            Self::TagState(tag) => Need::Tag(tag.clone()),
            Self::UploadFile(upload) | Self::UploadTail(upload, _) => Need::Upload(upload.clone()),
            Self::Adopted(object) => Need::Foreign(object.digest),
        }
    }

    /// What stands or falls together with the object.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self.need() {
            Need::Content(digest) | Need::Form { identity: digest, .. } | Need::Foreign(digest) => {
                Subject::Content(digest)
            }
            Need::Document { tag, .. } | Need::Record { tag, .. } | Need::Tag(tag) => Subject::Tag(tag),
            Need::Upload(upload) => Subject::Upload(upload),
        }
    }

    /// The key that is written as `text`; nothing when the server writes no such object, so that whoever cleans up leaves it alone.
    /// What lies below `uploads/` is looked after by the uploads themselves, and what lies below `tags/` is never removed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let segments: Vec<&str> = text.split('/').collect();
        let key = match segments[..] {
            ["blobs", _, hex] => Self::Blob(Digest::parse_hex(hex).ok()?),
            ["descriptions", _, name] => Self::BlobDescription(Digest::parse_hex(name.strip_suffix(".json")?).ok()?),
            ["pieces", _, name] => Self::BlobPieces(Digest::parse_hex(name.strip_suffix(".json")?).ok()?),
            ["variants", _, identity, name] => {
                let (digest, token) = name.split_once('.')?;
                let identity = Digest::parse_hex(identity).ok()?;
                Self::Variant(identity, Coding::of_token(token)?, Digest::parse_hex(digest).ok()?)
            }
            ["releases", tag, number, name] => {
                let (tag, number) = (tag.parse().ok()?, number.parse().ok()?);
                let (kind, rest) = name.split_once('-')?;
                let (hex, ending) = rest.split_once('.')?;
                let digest = Digest::parse_hex(hex).ok()?;
                match kind {
                    "record" => Self::ReleaseRecord(tag, number, digest),
                    _ if ending != "json" => return None,
                    "manifest" => Self::Manifest(tag, number, digest),
                    "pieces" => Self::ReleasePieces(tag, number, digest),
                    "chunks" => Self::ReleaseChunks(tag, number, digest),
                    _ => return None,
                }
            }
            _ => return None,
        };
        // One object has one spelling: what only looks like a key is not one.
        (key.to_string() == text).then_some(key)
    }
}

/// The first segments of all keys that [`StoreKey::parse`] reads: where the server's own objects lie.
pub const COLLECTED_AREAS: [&str; 5] = ["blobs", "pieces", "descriptions", "variants", RELEASES_AREA];
/// Where the documents and records of releases are.
pub const RELEASES_AREA: &str = "releases";

/// What has to be in use for an object to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Content with that digest.
    Content(Digest),
    /// That very coded form of content.
    Form {
        /// Digest of the content.
        identity: Digest,
        /// Digest of its coded bytes.
        form: Digest,
    },
    /// A release that names this document.
    Document {
        /// The tag.
        tag: Tag,
        /// The release.
        release: u64,
        /// Digest of the document.
        digest: Digest,
    },
    /// A release with this manifest, also one that was retired: that it was there stays known.
    Record {
        /// The tag.
        tag: Tag,
        /// The release.
        release: u64,
        /// Digest of its manifest.
        manifest: Digest,
    },
    /// The tag, which is never forgotten.
    Tag(Tag),
    /// An upload that is not finished.
    Upload(UploadId),
    /// Nothing: an object of others, with this content, is never removed.
    Foreign(Digest),
}

/// What objects are about. Who relies on objects claims their subject, so that none of them is removed meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// Content with that digest: the blob or document, its piece index, its coded forms.
    Content(Digest),
    /// The documents of the releases of a tag.
    Tag(Tag),
    /// What an upload has so far.
    Upload(UploadId),
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content(digest) => write!(formatter, "{digest}"),
            Self::Tag(tag) => write!(formatter, "tag:{tag}"),
            Self::Upload(upload) => write!(formatter, "upload:{upload}"),
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
