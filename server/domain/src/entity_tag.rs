//! Compares entity tags with the lists in If-Match and If-None-Match (RFC 9110 §8.8.3). Allocates nothing.

/// Strong comparison, for If-Match: `*`, or the very same tag. `etag` is one well-formed tag, and not a weak one.
#[must_use]
pub fn list_has_strong(list: &str, etag: &str) -> bool {
    // Nearly every list is the one tag that was sent last: no need to take it apart.
    list == etag || list_has(list, |candidate| candidate == etag)
}

/// Weak comparison, for If-None-Match: `*`, or the same tag with or without `W/`. `etag` is one well-formed tag.
#[must_use]
pub fn list_has_weak(list: &str, etag: &str) -> bool {
    let opaque = |tag: &'_ str| tag.strip_prefix("W/").unwrap_or(tag).len();
    list == etag
        || list_has(list, |candidate| {
            candidate[candidate.len() - opaque(candidate)..] == etag[etag.len() - opaque(etag)..]
        })
}

fn list_has(list: &str, same: impl Fn(&str) -> bool) -> bool {
    let list = list.trim_matches([' ', '\t']);
    list == "*" || EntityTags { rest: list }.any(same)
}

/// The entity tags of a list, up to the first that is malformed: what cannot be read matches nothing.
struct EntityTags<'a> {
    rest: &'a str,
}

impl<'a> Iterator for EntityTags<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start_matches([' ', '\t', ',']);
        let opening = if rest.starts_with("W/") { 2 } else { 0 };
        let opaque = rest[opening..].strip_prefix('"')?;
        let end = opening + 1 + opaque.find('"')? + 1;
        let (tag, after) = rest.split_at(end);
        self.rest = after;
        // A comma inside the quotes belongs to the tag; between two tags there must be one.
        let after = after.trim_start_matches([' ', '\t']);
        (after.is_empty() || after.starts_with(',')).then_some(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_inside_quotes_belong_to_the_tag() {
        assert!(list_has_strong("\"a,b\", \"c\"", "\"a,b\""));
        assert!(list_has_strong("\"a,b\",\"c\"", "\"c\""));
        assert!(!list_has_strong("\"a,b\"", "\"b\""));
    }

    #[test]
    fn weak_tags_match_weakly_and_never_strongly() {
        assert!(list_has_weak("W/\"a\"", "\"a\""));
        assert!(!list_has_strong("W/\"a\"", "\"a\""));
        assert!(!list_has_weak("w/\"a\"", "\"a\""), "the prefix is case-sensitive (RFC 9110 §8.8.3)");
    }

    #[test]
    fn a_star_matches_only_alone() {
        assert!(list_has_strong("*", "\"a\""));
        assert!(list_has_weak(" * ", "\"a\""));
        assert!(!list_has_weak("*, \"b\"", "\"a\""));
    }

    #[test]
    fn what_cannot_be_read_matches_nothing() {
        for list in ["", ",", "a", "\"a", "a\"", "'a'", "\"a\"\"a\"", "W/", "W/a", "\"b\" \"a\""] {
            assert!(!list_has_strong(list, "\"a\""), "{list}");
            assert!(!list_has_weak(list, "\"a\""), "{list}");
        }
    }

    #[test]
    fn empty_list_elements_are_skipped() {
        assert!(list_has_strong(", ,\"a\",,", "\"a\""));
    }
}
