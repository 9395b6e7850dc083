//! `Upload-Metadata`: pairs of a key and a value in base64, of which `sha256` is needed.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Digest;

/// Longest header that is kept.
pub const METADATA_MAX_BYTES: usize = 4096;

/// What the creator of an upload says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadMetadata {
    /// The header as it came, for those who ask again.
    pub header: String,
    /// What the bytes will be.
    pub digest: Digest,
}

/// Why a header is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Longer than [`METADATA_MAX_BYTES`].
    #[error("Upload-Metadata has more than {METADATA_MAX_BYTES} bytes: send sha256 and a short filename only")]
    TooLong,
    /// A pair that cannot be read.
    #[error(
        "Upload-Metadata has the pair {pair:?}: write each as a key, a space and its value in base64, divided by commas"
    )]
    Pair {
        /// The pair.
        pair: String,
    },
    /// A key twice.
    #[error("Upload-Metadata has the key {key:?} twice: send each once")]
    KeyTwice {
        /// The key.
        key: String,
    },
    /// No digest.
    #[error(
        "Upload-Metadata has no sha256: say what the bytes will be, as 64 lower-case hexadecimal digits in base64, such as `sha256 {{base64 of the digits}}`"
    )]
    NoDigest,
    /// A digest that is none.
    #[error("sha256 in Upload-Metadata is {value:?}: write 64 lower-case hexadecimal digits (in base64)")]
    Digest {
        /// The decoded value.
        value: String,
    },
}

impl UploadMetadata {
    /// Reads the header; nothing is like an empty one.
    ///
    /// # Errors
    /// It cannot be read, or does not say what the bytes will be.
    pub fn parse(header: Option<&str>) -> Result<Self, MetadataError> {
        let header = header.unwrap_or_default();
        if header.len() > METADATA_MAX_BYTES {
            return Err(MetadataError::TooLong);
        }
        let mut pairs = BTreeMap::new();
        for pair in header.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (key, value) = read_pair(pair).ok_or_else(|| MetadataError::Pair { pair: pair.to_owned() })?;
            if pairs.insert(key, value).is_some() {
                return Err(MetadataError::KeyTwice { key: key.to_owned() });
            }
        }
        let value = pairs.remove("sha256").ok_or(MetadataError::NoDigest)?;
        let value = String::from_utf8_lossy(&value).into_owned();
        let digest = Digest::parse_hex(&value).map_err(|_| MetadataError::Digest { value })?;
        Ok(Self { header: header.to_owned(), digest })
    }

    /// The shortest header for bytes of that digest.
    #[must_use]
    pub fn header_of(digest: &Digest) -> String {
        format!("sha256 {}", STANDARD.encode(digest.hex()))
    }
}

/// A key without value is a key with an empty one.
fn read_pair(pair: &str) -> Option<(&str, Vec<u8>)> {
    let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
    let is_key = key.bytes().all(|byte| byte.is_ascii_graphic());
    is_key.then_some(())?;
    Some((key, STANDARD.decode(value.trim()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_among_others_is_found() {
        let digest = Digest::of(b"bytes");
        let header = format!("filename bmFtZS5tcDM=, is_private,{}", UploadMetadata::header_of(&digest));
        assert_eq!(UploadMetadata::parse(Some(&header)), Ok(UploadMetadata { header, digest }));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let parse = |header: &str| UploadMetadata::parse(Some(header)).unwrap_err();
        assert_eq!(UploadMetadata::parse(None), Err(MetadataError::NoDigest));
        assert_eq!(parse("filename YQ=="), MetadataError::NoDigest);
        assert_eq!(parse("sha256 YQ=="), MetadataError::Digest { value: "a".to_owned() });
        assert_eq!(parse("sha256 ?"), MetadataError::Pair { pair: "sha256 ?".to_owned() });
        assert_eq!(parse("a YQ==,a YQ=="), MetadataError::KeyTwice { key: "a".to_owned() });
        assert_eq!(parse(&"a".repeat(METADATA_MAX_BYTES + 1)), MetadataError::TooLong);
    }
}
