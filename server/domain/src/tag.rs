//! The name of one downloadable package.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest tag, chosen so that a tag is a legal surrogate key on every CDN.
pub const TAG_MAX_BYTES: usize = 128;

/// A course, a module, a show or a season: `[a-z0-9][a-z0-9._-]{0,127}`.
///
/// ```
/// use stowaway_domain::Tag;
/// assert!("field-recording.2026".parse::<Tag>().is_ok());
/// assert!("Field Recording".parse::<Tag>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

/// Why a text is no tag. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// Nothing at all.
    #[error("the tag is empty: name it with lower-case letters, digits, '.', '_' and '-', such as my-course")]
    Empty,
    /// More than [`TAG_MAX_BYTES`].
    #[error("the tag is {0} bytes long: shorten it to {TAG_MAX_BYTES}")]
    TooLong(usize),
    /// A character that the grammar does not have.
    #[error(
        "the tag {tag:?} has {character:?} at position {position}: use only lower-case letters, digits, '.', '_' and '-', and begin with a letter or digit"
    )]
    BadCharacter {
        /// What was given, cut to a readable length.
        tag: String,
        /// The first character that is not allowed there.
        character: char,
        /// Counted in characters from 1.
        position: usize,
    },
}

impl Tag {
    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(TagError::Empty);
        }
        let allowed = |(index, character): (usize, char)| {
            character.is_ascii_lowercase()
                || character.is_ascii_digit()
                || (index > 0 && matches!(character, '.' | '_' | '-'))
        };
        if let Some((index, character)) = text.chars().enumerate().find(|&at| !allowed(at)) {
            let tag = text.chars().take(TAG_MAX_BYTES).collect();
            return Err(TagError::BadCharacter { tag, character, position: index + 1 });
        }
        if text.len() > TAG_MAX_BYTES {
            return Err(TagError::TooLong(text.len()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Tag {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tag".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,127}$", "description": "The name of one downloadable package."})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_that_of_every_cdns_surrogate_keys() {
        for good in ["a", "0", "my-course", "s01.e02_x", &"a".repeat(TAG_MAX_BYTES)] {
            assert_eq!(good.parse::<Tag>().map(|tag| tag.to_string()), Ok(good.to_owned()));
        }
        for bad in ["-a", ".a", "_a", "A", "a b", "a/b", "ä", "a\u{202e}b", ".."] {
            assert!(matches!(bad.parse::<Tag>(), Err(TagError::BadCharacter { .. })), "{bad:?}");
        }
        assert_eq!("".parse::<Tag>(), Err(TagError::Empty));
        assert_eq!("a".repeat(129).parse::<Tag>(), Err(TagError::TooLong(129)));
    }
}
