//! Reads `tag.toml`: what the folder itself does not say about the tag.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::AssetPath;

/// Name of the file in the root of the folder. It is not an asset.
pub const FILE_NAME: &str = "tag.toml";

/// What `tag.toml` can say. Everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagMetadata {
    /// Title for people.
    #[serde(default, deserialize_with = "text")]
    pub title: Option<String>,
    /// Who made it.
    #[serde(default, deserialize_with = "text")]
    pub author: Option<String>,
    /// A paragraph.
    #[serde(default, deserialize_with = "text")]
    pub description: Option<String>,
    /// BCP 47.
    #[serde(default, deserialize_with = "language")]
    pub language: Option<String>,
    /// What the tag is.
    #[serde(rename = "type")]
    pub kind: Option<TagKind>,
    /// From when on clients refuse to play what they have stored.
    #[serde(default, deserialize_with = "moment")]
    pub expires: Option<Timestamp>,
    /// Facts about single files.
    #[serde(default)]
    pub items: BTreeMap<AssetPath, ItemMetadata>,
}

/// What a tag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagKind {
    /// Lessons to go through in order.
    Course,
    /// Episodes.
    Podcast,
    /// Anything else.
    Other,
}

impl TagKind {
    /// The schema.org type.
    #[must_use]
    pub const fn schema_org_type(self) -> &'static str {
        match self {
            Self::Course => "https://schema.org/Course",
            Self::Podcast => "https://schema.org/PodcastSeries",
            Self::Other => "https://schema.org/CreativeWork",
        }
    }
}

/// What `tag.toml` can say about one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemMetadata {
    /// Title for people.
    #[serde(default, deserialize_with = "text")]
    pub title: Option<String>,
}

/// Why a `tag.toml` is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("tag.toml, line {line}: {message}")]
pub struct TagMetadataError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

/// Reads the text of a `tag.toml`.
///
/// # Errors
/// Text that is no TOML, unknown keys and wrong values, each with its line.
pub fn parse(text: &str) -> Result<TagMetadata, TagMetadataError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count() + 1;
        TagMetadataError { line, message: error.message().replace('\n', " ") }
    })
}

/// Text that says something; without the space around it.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.trim() {
        "" => Err(D::Error::custom("the text is empty: write something or remove the line")),
        trimmed => Ok(Some(trimmed.to_owned())),
    }
}

/// A well-formed language tag (RFC 5646 §2.1), as far as its shape tells.
fn language<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut subtags = text.split('-');
    let primary = subtags.next().unwrap_or_default();
    let is_primary = (2..=8).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_subtag =
        |subtag: &str| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_primary && subtags.all(is_subtag) {
        return Ok(Some(text));
    }
    Err(D::Error::custom(format!("{text:?} is no language tag: write one such as en, de or pt-BR")))
}

/// A moment with its distance from UTC, bare as TOML has it or in quotes.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => text,
        other => other.to_string(),
    };
    text.parse().map(Some).map_err(|_| {
        D::Error::custom(format!("{text:?} is no moment: write date, time and zone, such as 2030-01-31T00:00:00Z"))
    })
}
