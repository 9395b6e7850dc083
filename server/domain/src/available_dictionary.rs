//! `Available-Dictionary` (RFC 9842 §2.2): the SHA-256 of a dictionary that a client has, as a structured-field byte sequence.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Digest;

/// Reads `:<base64 of 32 bytes>:`. Anything else is no dictionary, and the answer is made without one.
///
/// ```
/// use stowaway_domain::{Digest, available_dictionary};
/// let header = ":47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
/// assert_eq!(available_dictionary::parse(header), Some(Digest::of(b"")));
/// ```
#[must_use]
pub fn parse(header: &str) -> Option<Digest> {
    // Parameters (RFC 9651 §3.1.2) have no meaning here and never come; an item that has some is not ours.
    let base64 = header.trim_matches(' ').strip_prefix(':')?.strip_suffix(':')?;
    let bytes: [u8; 32] = STANDARD.decode(base64).ok()?.try_into().ok()?;
    Some(Digest::from_bytes(bytes))
}

/// `Use-As-Dictionary` (RFC 9842 §2.1) for addresses that match `pattern`, a URL pattern such as `/tags/a/manifest.json`.
#[must_use]
pub fn use_as_dictionary(pattern: &str) -> String {
    let quoted = pattern.replace('\\', "\\\\").replace('"', "\\\"");
    format!("match=\"{quoted}\"")
}

/// What a browser says about where a request comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestContext<'a> {
    /// `Sec-Fetch-Site`.
    pub site: Option<&'a str>,
    /// `Sec-Fetch-Mode`.
    pub mode: Option<&'a str>,
    /// Is there an `Origin`?
    pub has_origin: bool,
}

impl RequestContext<'_> {
    /// May the answer be made with a dictionary? The steps of RFC 9842 §9.3.3: not where a page of another origin would see the
    /// length of an answer that it cannot read. Every answer here allows every origin (`cors`), so that CORS requests may.
    #[must_use]
    pub fn allows_dictionary(&self) -> bool {
        match (self.site, self.mode) {
            (None | Some("same-origin"), _) | (_, None | Some("navigate" | "same-origin")) => true,
            (_, Some("cors")) => self.has_origin,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_digest_in_a_byte_sequence_is_no_dictionary() {
        let good = format!(":{}:", STANDARD.encode([7; 32]));
        assert_eq!(parse(&good), Some(Digest::from_bytes([7; 32])));
        assert_eq!(parse(&format!("  {good} ")), Some(Digest::from_bytes([7; 32])));
        let short = format!(":{}:", STANDARD.encode([7; 31]));
        let long = format!(":{}:", STANDARD.encode([7; 33]));
        let inner = &good[1..good.len() - 1];
        for bad in [
            "",
            ":",
            "::",
            ":a:",
            inner,
            &good[1..],
            &format!("{good}, {good}"),
            &format!("\"{inner}\""),
            &short,
            &long,
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn pages_of_another_origin_get_no_dictionary_without_cors() {
        let allows = |site, mode, has_origin| RequestContext { site, mode, has_origin }.allows_dictionary();
        assert!(allows(None, None, false), "no browser");
        assert!(allows(Some("same-origin"), Some("no-cors"), false));
        assert!(allows(Some("cross-site"), Some("navigate"), false));
        assert!(allows(Some("cross-site"), Some("cors"), true));
        assert!(!allows(Some("cross-site"), Some("cors"), false));
        assert!(!allows(Some("cross-site"), Some("no-cors"), true));
        assert!(!allows(Some("same-site"), Some("no-cors"), false));
        assert!(!allows(Some("cross-site"), Some("websocket"), true));
    }

    #[test]
    fn the_pattern_is_a_structured_field_string() {
        assert_eq!(use_as_dictionary("/tags/a/*"), "match=\"/tags/a/*\"");
        assert_eq!(use_as_dictionary("a\"\\"), "match=\"a\\\"\\\\\"");
    }
}
