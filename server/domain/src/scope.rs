//! What a token may do: scopes as they are written, and the decision. Pure.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Tag;
use crate::tag::TagError;

/// Most scopes of one token.
const MAX_SCOPES: usize = 32;

/// The beginning of tags' names; the empty one is that of all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagPrefix(String);

impl TagPrefix {
    /// The beginning of every tag.
    #[must_use]
    pub const fn all() -> Self {
        Self(String::new())
    }

    /// The prefix as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Does a tag begin so?
    #[must_use]
    pub fn covers(&self, tag: &Tag) -> bool {
        tag.as_str().starts_with(&self.0)
    }

    /// From which text on (included) and before which (not included) the tags lie that begin so and come after `after`: a space sorts
    /// before every character of a tag, and `~` behind.
    #[must_use]
    pub fn range_after(&self, after: Option<&Tag>) -> (String, String) {
        let from = after.map(|after| format!("{after} ")).filter(|from| *from > self.0);
        (from.unwrap_or_else(|| self.0.clone()), format!("{}~", self.0))
    }
}

impl FromStr for TagPrefix {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() { Ok(Self::all()) } else { text.parse::<Tag>().map(|tag| Self(tag.as_str().to_owned())) }
    }
}

/// One thing that a token may do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Everything.
    Admin,
    /// Read, publish and roll back the tags that begin so.
    Publish(TagPrefix),
    /// Read the tags that begin so, with their releases, through the API.
    Read(TagPrefix),
}

/// Text that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// None of those there are.
    #[error(
        "{0:?} is no scope: use admin, publish:PREFIX or read:PREFIX, where PREFIX is how tags begin and may be empty"
    )]
    Unknown(String),
    /// The prefix of it is none.
    #[error("the prefix of the scope {scope:?} begins no tag")]
    Prefix {
        /// The scope as given.
        scope: String,
        /// Why.
        #[source]
        source: TagError,
    },
    /// None, or too many.
    #[error("a token has 1 to {MAX_SCOPES} scopes")]
    Count,
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shown = || text.chars().take(80).collect::<String>();
        let prefix = |prefix: &str| prefix.parse().map_err(|source| ScopeError::Prefix { scope: shown(), source });
        match text.split_once(':') {
            None if text == "admin" => Ok(Self::Admin),
            Some(("publish", tags)) => prefix(tags).map(Self::Publish),
            Some(("read", tags)) => prefix(tags).map(Self::Read),
            _ => Err(ScopeError::Unknown(shown())),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admin => formatter.write_str("admin"),
            Self::Publish(prefix) => write!(formatter, "publish:{}", prefix.as_str()),
            Self::Read(prefix) => write!(formatter, "read:{}", prefix.as_str()),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access<'a> {
    /// What concerns the whole server, and what cannot be undone.
    Admin,
    /// A new release of a tag, or another current one.
    Publish(&'a Tag),
    /// What a tag is and was.
    Read(&'a Tag),
}

impl Access<'_> {
    /// The smallest scope that allows it.
    #[must_use]
    pub fn needed(self) -> Scope {
        let prefix = |tag: &Tag| TagPrefix(tag.as_str().to_owned());
        match self {
            Self::Admin => Scope::Admin,
            Self::Publish(tag) => Scope::Publish(prefix(tag)),
            Self::Read(tag) => Scope::Read(prefix(tag)),
        }
    }
}

/// Everything that one token may do: at least one scope, each once, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// These scopes.
    ///
    /// # Errors
    /// None or too many.
    pub fn new(mut scopes: Vec<Scope>) -> Result<Self, ScopeError> {
        scopes.sort();
        scopes.dedup();
        if (1..=MAX_SCOPES).contains(&scopes.len()) { Ok(Self(scopes)) } else { Err(ScopeError::Count) }
    }

    /// Each of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Scope] {
        &self.0
    }

    /// Is it allowed? Who may publish a tag may read it.
    #[must_use]
    pub fn allow(&self, access: Access<'_>) -> bool {
        self.0.iter().any(|scope| match (scope, access) {
            (Scope::Admin, _) => true,
            (Scope::Publish(prefix), Access::Publish(tag) | Access::Read(tag)) => prefix.covers(tag),
            (Scope::Read(prefix), Access::Read(tag)) => prefix.covers(tag),
            (Scope::Publish(_), Access::Admin) | (Scope::Read(_), Access::Admin | Access::Publish(_)) => false,
        })
    }

    /// How the tags that may be read begin, in order, none of them covered by another.
    #[must_use]
    pub fn readable(&self) -> Vec<TagPrefix> {
        let mut prefixes: Vec<TagPrefix> = self
            .0
            .iter()
            .map(|scope| match scope {
                Scope::Admin => TagPrefix::all(),
                Scope::Publish(prefix) | Scope::Read(prefix) => prefix.clone(),
            })
            .collect();
        prefixes.sort();
        // In order, a prefix comes directly before what it covers.
        prefixes.dedup_by(|later, earlier| later.0.starts_with(&earlier.0));
        prefixes
    }
}

impl FromStr for Scopes {
    type Err = ScopeError;

    /// As rows hold them: separated by spaces.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>()?)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        formatter.write_str(&texts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Scopes {
        text.parse().unwrap()
    }

    fn tag(text: &str) -> Tag {
        text.parse().unwrap()
    }

    #[test]
    fn scopes_are_written_as_they_are_read() {
        for text in ["admin", "publish:", "publish:my-course", "read:show-", "admin publish:a read:"] {
            assert_eq!(scopes(text).to_string(), text);
        }
        assert_eq!(scopes("read:b publish:a read:b").to_string(), "publish:a read:b");
        for bad in ["", "Admin", "admin:", "publish", "write:a", "publish:A", "publish:a/b", "read:-", "publish:a:b"] {
            assert!(bad.parse::<Scopes>().is_err(), "{bad:?}");
        }
        let many: Vec<Scope> = (0..33).map(|number| format!("read:t{number}").parse().unwrap()).collect();
        assert_eq!(Scopes::new(many), Err(ScopeError::Count));
    }

    #[test]
    fn a_scope_allows_what_it_says_and_no_more() {
        let (course, other) = (tag("course-1"), tag("other"));
        for (held, publish, read, publish_other, read_other, admin) in [
            ("admin", true, true, true, true, true),
            ("publish:", true, true, true, true, false),
            ("publish:course", true, true, false, false, false),
            ("read:", false, true, false, true, false),
            ("read:course-1", false, true, false, false, false),
            ("read:course-11", false, false, false, false, false),
            ("publish:other read:course", false, true, true, true, false),
        ] {
            let held = scopes(held);
            let allowed = [
                held.allow(Access::Publish(&course)),
                held.allow(Access::Read(&course)),
                held.allow(Access::Publish(&other)),
                held.allow(Access::Read(&other)),
                held.allow(Access::Admin),
            ];
            assert_eq!(allowed, [publish, read, publish_other, read_other, admin], "{held}");
        }
    }

    #[test]
    fn the_scope_that_is_needed_is_enough() {
        let tag = tag("my-course");
        for access in [Access::Admin, Access::Publish(&tag), Access::Read(&tag)] {
            assert!(Scopes::new(vec![access.needed()]).unwrap().allow(access));
        }
        assert_eq!(Access::Publish(&tag).needed().to_string(), "publish:my-course");
    }

    #[test]
    fn the_range_of_a_prefix_holds_its_tags_after_another() {
        let is_in = |prefix: &str, after: Option<&str>, tag: &str| {
            let prefix: TagPrefix = prefix.parse().unwrap();
            let (from, to) = prefix.range_after(after.map(|after| after.parse().unwrap()).as_ref());
            from.as_str() <= tag && tag < to.as_str()
        };
        for (prefix, after, inside, outside) in [
            ("", None, &["0", "a", "zz"][..], &[][..]),
            ("b", None, &["b", "b-1", "bz.z"], &["a", "c"]),
            ("b", Some("a"), &["b", "b-1"], &["a", "c"]),
            ("b", Some("b"), &["b-1", "b.", "b0"], &["b", "c"]),
            ("b", Some("b-1"), &["b-10", "b-2"], &["b", "b-1", "c"]),
            ("b", Some("c"), &[], &["b", "b-1", "c", "d"]),
        ] {
            assert!(inside.iter().all(|tag| is_in(prefix, after, tag)), "{prefix} {after:?}");
            assert!(!outside.iter().any(|tag| is_in(prefix, after, tag)), "{prefix} {after:?}");
        }
    }

    #[test]
    fn readable_prefixes_do_not_overlap() {
        let readable = |text: &str| {
            scopes(text).readable().iter().map(|prefix| prefix.as_str().to_owned()).collect::<Vec<_>>().join(",")
        };
        assert_eq!(readable("read:b publish:a read:ab publish:b-1"), "a,b");
        assert_eq!(readable("admin read:b"), "");
    }
}
