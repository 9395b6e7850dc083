//! The path of an asset inside its tag.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest path. Object stores allow 1,024 bytes for a key.
pub const ASSET_PATH_MAX_BYTES: usize = 900;

/// A relative path of UTF-8 segments divided by `/`, as it was in the published folder.
///
/// It never escapes the folder and never shows something other than it is: no empty, `.` or `..` segments, no backslash,
/// no control characters, no invisible direction changes.
///
/// ```
/// use stowaway_domain::AssetPath;
/// let path: AssetPath = "01-basics/01-welcome.mp4".parse().unwrap();
/// assert_eq!(path.file_name(), "01-welcome.mp4");
/// assert!("a/../b".parse::<AssetPath>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetPath(String);

/// Why a path is refused. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssetPathError {
    /// Longer than [`ASSET_PATH_MAX_BYTES`] or empty.
    #[error("the path {path:?} is {} bytes long: use 1 to {ASSET_PATH_MAX_BYTES}", path.len())]
    Length {
        /// The path.
        path: String,
    },
    /// An empty, `.` or `..` segment, or a backslash.
    #[error("the path {path:?} has the segment {segment:?}: rename it, paths must stay inside the folder")]
    Segment {
        /// The whole path.
        path: String,
        /// The segment at fault.
        segment: String,
    },
    /// A control character or an invisible one that changes reading direction.
    #[error("the path {path:?} has the character U+{:04X}, which cannot be seen or changes the reading direction: rename the file", *character as u32)]
    Character {
        /// The whole path.
        path: String,
        /// The character at fault.
        character: char,
    },
}

impl AssetPath {
    /// The whole path, not percent-encoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Everything before the last segment, if there is more than one.
    #[must_use]
    pub fn folder(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(folder, _)| folder)
    }
}

/// Controls, and what UAX #9 and UTS #39 call direction and invisible format characters.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

impl FromStr for AssetPath {
    type Err = AssetPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = || text.to_owned();
        if text.is_empty() || text.len() > ASSET_PATH_MAX_BYTES {
            return Err(AssetPathError::Length { path: path() });
        }
        if let Some(character) = text.chars().find(|&character| is_deceptive(character)) {
            return Err(AssetPathError::Character { path: path(), character });
        }
        let bad = |segment: &&str| matches!(*segment, "" | "." | "..") || segment.contains('\\');
        if let Some(segment) = text.split('/').find(bad) {
            return Err(AssetPathError::Segment { path: path(), segment: segment.to_owned() });
        }
        Ok(Self(path()))
    }
}

impl fmt::Display for AssetPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for AssetPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl Serialize for AssetPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AssetPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for AssetPath {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AssetPath".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": ASSET_PATH_MAX_BYTES, "description": "Relative path inside the tag, not percent-encoded."})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_escape_or_deceive_are_refused() {
        for bad in [
            "..",
            "a/..",
            "/a",
            "a//b",
            "a/",
            "./a",
            "a\\b",
            "a\u{202e}3pm.exe",
            "a\nb",
            "a\0b",
            "a\u{200b}b",
            "\u{feff}a",
            "",
        ] {
            assert!(bad.parse::<AssetPath>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn ordinary_names_in_any_script_are_kept() {
        for good in ["a", "Lektion 1/Über uns.mp4", "第一課/はじめに.m4a", "...a", "a..b/c", "it's 100% #1?.mp3"]
        {
            assert_eq!(good.parse::<AssetPath>().map(|path| path.to_string()), Ok(good.to_owned()));
        }
    }
}
