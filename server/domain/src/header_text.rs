//! Header values that are made once and shared by every answer.

use std::fmt;

use bytes::Bytes;

/// A header: lower-case name and value.
pub type Header = (&'static str, HeaderText);

/// A header value. Cloning one counts a reference; nothing is copied.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderText(Bytes);

impl HeaderText {
    /// A value known when the program is built.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self(Bytes::from_static(text.as_bytes()))
    }

    /// Copies ASCII text without control characters, in one allocation of its very length.
    #[must_use]
    pub fn from_ascii(text: &[u8]) -> Self {
        debug_assert!(text.is_ascii(), "header values are made of text");
        Self(Bytes::copy_from_slice(text))
    }

    /// The value as text.
    ///
    /// # Panics
    /// Never: values are only made of text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("header values are made of text")
    }

    /// The value as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, for an HTTP library that takes shared bytes without copying.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl From<String> for HeaderText {
    /// What could end a header line, or hide in it, is left out.
    fn from(mut text: String) -> Self {
        text.retain(|character| !character.is_control());
        Self(text.into())
    }
}

impl From<&'static str> for HeaderText {
    fn from(text: &'static str) -> Self {
        Self::from_static(text)
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}
