//! Which object a listed name is of, for those that are read to make the database again.

use stowaway_domain::StoreKey;

/// The key that is spelled so, if it is a record, the state of a tag or a coded form. States of tags are for nobody else to find:
/// [`StoreKey::parse`] leaves them alone, because what it reads may be removed.
pub(super) fn parse(name: &str) -> Option<StoreKey> {
    if let Some(state) = name.strip_prefix("tags/") {
        let key = StoreKey::TagState(state.strip_suffix(".jsonl")?.parse().ok()?);
        // One object has one spelling, as there.
        return (key.to_string() == name).then_some(key);
    }
    StoreKey::parse(name).filter(|key| matches!(key, StoreKey::ReleaseRecord(..) | StoreKey::Variant(..)))
}

#[cfg(test)]
mod tests {
    use stowaway_domain::Digest;
    use stowaway_domain::coding::Coding;

    use super::*;

    #[test]
    fn what_is_written_is_found_again_and_nothing_else() {
        let (tag, digest) = ("my-course".parse().expect("a tag"), Digest::of(b"x"));
        let keys = [
            StoreKey::ReleaseRecord(tag, 12, digest),
            StoreKey::TagState("a.b".parse().expect("a tag")),
            StoreKey::Variant(digest, Coding::Zstd, Digest::of(b"y")),
        ];
        for key in keys {
            assert_eq!(parse(&key.to_string()), Some(key));
        }
        let hex = digest.hex();
        for name in [
            format!("releases/my-course/012/record-{hex}.jsonl"),
            format!("releases/my-course/1/manifest-{hex}.json"),
            format!("releases/my-course/1/record-{hex}.jsonl.part"),
            format!("blobs/{}/{hex}", &hex[..2]),
            "tags/A.jsonl".to_owned(),
            String::new(),
        ] {
            assert_eq!(parse(&name), None, "{name}");
        }
    }
}
