//! The name of an upload.

use std::fmt;
use std::str::FromStr;

/// 16 random bytes in hexadecimal: part of an address, and of no meaning.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadId(String);

/// Text that names no upload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no upload: take the address from Location of the answer that made it")]
pub struct UploadIdError(String);

impl UploadId {
    /// Of 16 random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(hex::encode(bytes))
    }

    /// 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UploadId {
    type Err = UploadIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_id = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_id { Ok(Self(text.to_owned())) } else { Err(UploadIdError(text.chars().take(80).collect())) }
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for UploadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_one_form_is_an_id() {
        let id = UploadId::from_random([0xab; 16]);
        assert_eq!(id.as_str().parse::<UploadId>(), Ok(id.clone()));
        let upper = id.as_str().to_uppercase();
        for bad in ["", "..", "a/b", &id.as_str()[1..], &upper] {
            assert!(bad.parse::<UploadId>().is_err(), "{bad}");
        }
    }
}
