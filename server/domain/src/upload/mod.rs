//! Uploads in the dialect of tus 1.0 (<https://tus.io/protocols/resumable-upload>): what clients say, and what is decided about it.

mod append;
mod checksum;
mod id;
mod metadata;

pub use append::{AppendRefusal, expect_append, part_bytes};
pub use checksum::{Checksum, ChecksumError, ChecksumHasher, SUPPORTED_CHECKSUMS};
pub use id::{UploadId, UploadIdError};
pub use metadata::{METADATA_MAX_BYTES, MetadataError, UploadMetadata};

/// The version of the protocol.
pub const TUS_VERSION: &str = "1.0.0";
/// The extensions that are spoken.
pub const TUS_EXTENSIONS: &str = "creation,creation-with-upload,termination,checksum,expiration";
/// Media type of the bytes of an append.
pub const APPEND_MEDIA_TYPE: &str = "application/offset+octet-stream";
