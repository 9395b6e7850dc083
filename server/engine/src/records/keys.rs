//! Which object a listed name is of, for those that are read to make the database again.

use stowaway_domain::coding::Coding;
use stowaway_domain::{Digest, StoreKey};

/// The key that is spelled so, if it is a record, the state of a tag or a coded form.
pub(super) fn parse(name: &str) -> Option<StoreKey> {
    let segments: Vec<&str> = name.split('/').collect();
    let key = match segments[..] {
        ["releases", tag, release, name] => {
            let hex = name.strip_prefix("record-")?.strip_suffix(".jsonl")?;
            StoreKey::ReleaseRecord(tag.parse().ok()?, release.parse().ok()?, Digest::parse_hex(hex).ok()?)
        }
        ["tags", name] => StoreKey::TagState(name.strip_suffix(".jsonl")?.parse().ok()?),
        ["variants", _, identity, name] => {
            let (hex, token) = name.split_once('.')?;
            let identity = Digest::parse_hex(identity).ok()?;
            StoreKey::Variant(identity, Coding::of_token(token)?, Digest::parse_hex(hex).ok()?)
        }
        _ => return None,
    };
    // One object has one spelling: what only looks like a key is not one.
    (key.to_string() == name).then_some(key)
}

#[cfg(test)]
mod tests {
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
