//! SHA-256 digests: the names of blobs and pieces, and the validators of every immutable answer.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// 2026-01-01T00:00:00Z, the earliest `Last-Modified` that [`Digest::last_modified_unix_s`] gives.
const LAST_MODIFIED_BASE_UNIX_S: u64 = 1_767_225_600;

/// Hexadecimal digits of the short form that names a release in a Background Fetch id.
const SHORT_HEX_DIGITS: usize = 16;

/// A SHA-256 digest, written `sha256:<64 lower hex>` in documents and as bare hex in URLs and store keys.
///
/// ```
/// use stowaway_domain::Digest;
/// let digest = Digest::of(b"");
/// assert_eq!(digest.hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
/// assert_eq!(digest.to_string().parse::<Digest>(), Ok(digest));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// Text that is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a SHA-256 digest (64 lower-case hexadecimal digits)")]
pub struct DigestError(String);

impl Digest {
    /// Wraps the 32 bytes a hasher gave.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Hashes `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its first 64 bits, for tables: they are spread evenly as they are.
    #[must_use]
    pub const fn prefix(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// Parses the bare form used in URLs: exactly 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// Anything else, upper case included: one digest has one URL.
    pub fn parse_hex(text: &str) -> Result<Self, DigestError> {
        let refuse = || DigestError(text.chars().take(80).collect());
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(refuse());
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| refuse())?;
        Ok(Self(bytes))
    }

    /// The bare form: 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }

    /// The first 16 hexadecimal digits.
    #[must_use]
    pub fn short(&self) -> String {
        let mut hex = self.hex();
        hex.truncate(SHORT_HEX_DIGITS);
        hex
    }

    /// The strong entity tag (RFC 9110 §8.8.3), quotes included.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{self}\"")
    }

    /// Seconds since 1970 for `Last-Modified`: a pure function of the digest, so that every replica says the same for ever.
    ///
    /// Immutable bytes have no history; but Background Fetch and some CDNs compare the date, and Akamai demands one.
    #[must_use]
    pub const fn last_modified_unix_s(&self) -> u64 {
        LAST_MODIFIED_BASE_UNIX_S + (((self.0[0] as u64) << 16) | ((self.0[1] as u64) << 8) | self.0[2] as u64)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = text.strip_prefix("sha256:").ok_or_else(|| DigestError(text.chars().take(80).collect()))?;
        Self::parse_hex(hex)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Digest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Digest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^sha256:[0-9a-f]{64}$", "description": "SHA-256 of the bytes."})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_hex_is_refused_so_that_a_digest_has_one_url() {
        let hex = Digest::of(b"x").hex();
        assert!(Digest::parse_hex(&hex).is_ok());
        assert!(Digest::parse_hex(&hex.to_uppercase()).is_err());
        assert!(Digest::parse_hex(&hex[1..]).is_err());
        assert!(hex.parse::<Digest>().is_err(), "documents need the prefix");
    }

    #[test]
    fn last_modified_stays_within_two_hundred_days_of_its_base() {
        let latest = Digest::from_bytes([0xff; 32]).last_modified_unix_s();
        assert_eq!(latest - LAST_MODIFIED_BASE_UNIX_S, 0xff_ffff);
        assert_eq!(Digest::from_bytes([0; 32]).last_modified_unix_s(), LAST_MODIFIED_BASE_UNIX_S);
    }
}
