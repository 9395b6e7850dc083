//! `Available-Dictionary`, `Want-Repr-Digest` and digests in addresses. Input: the header.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use stowaway_domain::want_repr_digest::{self, DigestWish};
use stowaway_domain::{Digest, available_dictionary, repr_digest};
use stowaway_fuzz::input::text;

fuzz_target!(|data: &[u8]| {
    let Some(header) = text(data) else { return };
    check_dictionary(header);
    check_wish(header);
    check_digest(header);
});

/// Only the canonical spelling of 32 bytes is a dictionary; and the spelling of any 32 bytes is one.
fn check_dictionary(header: &str) {
    if let Some(digest) = available_dictionary::parse(header) {
        assert_eq!(header.trim_matches(' '), format!(":{}:", STANDARD.encode(digest.as_bytes())));
    }
    let any = Digest::of(header.as_bytes());
    assert_eq!(available_dictionary::parse(&format!(":{}:", STANDARD.encode(any.as_bytes()))), Some(any));
    assert_eq!(repr_digest(&any), format!("sha-256=:{}:", STANDARD.encode(any.as_bytes())));
}

/// The last word about sha-256 counts, unless the header makes no sense.
fn check_wish(header: &str) {
    let wish = want_repr_digest::parse(Some(header));
    if wish == DigestWish::Wanted {
        assert!(header.contains("sha-256="), "{header:?}");
    }
    if !header.trim_matches(' ').is_empty() {
        let with = |last: &str| want_repr_digest::parse(Some(&format!("{header},{last}")));
        // A header about other algorithms says nothing either, but one more word can be added to it.
        let expected = match with("sha-256=0") {
            DigestWish::Unwanted => DigestWish::Wanted,
            other => other,
        };
        assert_eq!(with("sha-256=7"), expected, "{header:?}");
        assert!(wish == DigestWish::Unsaid || expected == DigestWish::Wanted, "{header:?}");
    }
}

/// One digest has one spelling in addresses and one in documents.
fn check_digest(header: &str) {
    if let Ok(digest) = Digest::parse_hex(header) {
        assert_eq!(digest.hex(), header);
    }
    if let Ok(digest) = header.parse::<Digest>() {
        assert_eq!(digest.to_string(), header);
    }
}
