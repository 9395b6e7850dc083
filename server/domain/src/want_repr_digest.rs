//! `Want-Repr-Digest` (RFC 9530 §4): whether a client wants the digest that we have.

/// What a client says about `sha-256`, the one algorithm we have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DigestWish {
    /// Nothing, or only about others: the server's own habit decides. Who asks for algorithms that we do not have may get another
    /// one (RFC 9530, appendix C.3), which is more use than an error.
    #[default]
    Unsaid,
    /// It wants it.
    Wanted,
    /// It does not want it.
    Unwanted,
}

impl DigestWish {
    /// Whether `Repr-Digest` is sent: it always is, unless the client said that it has no use for it.
    #[must_use]
    pub const fn is_sent(self) -> bool {
        !matches!(self, Self::Unwanted)
    }
}

/// Reads the header: a structured-field dictionary of algorithms with weights from 0 to 10, 0 meaning "not this one".
///
/// A header that is no such dictionary says nothing (RFC 9651 §4.2). Of a key given twice the last counts.
///
/// ```
/// use stowaway_domain::want_repr_digest::{DigestWish, parse};
/// assert_eq!(parse(Some("sha-512=3, sha-256=10")), DigestWish::Wanted);
/// assert_eq!(parse(Some("sha-256=0")), DigestWish::Unwanted);
/// assert_eq!(parse(None), DigestWish::Unsaid);
/// ```
#[must_use]
pub fn parse(header: Option<&str>) -> DigestWish {
    let Some(header) = header.map(|header| header.trim_matches(' ')).filter(|header| !header.is_empty()) else {
        return DigestWish::Unsaid;
    };
    let mut wish = DigestWish::Unsaid;
    for member in header.split(',') {
        let Some((key, weight)) = parse_member(member.trim_matches([' ', '\t'])) else { return DigestWish::Unsaid };
        if key == "sha-256" {
            wish = if weight > 0 { DigestWish::Wanted } else { DigestWish::Unwanted };
        }
    }
    wish
}

/// `key=weight`. Keys are lower case (RFC 9651 §3.1.2).
fn parse_member(member: &str) -> Option<(&str, u8)> {
    let (key, weight) = member.split_once('=')?;
    let in_key =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.' | b'*');
    let begins = key.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'*');
    let is_number = !weight.is_empty() && weight.bytes().all(|byte| byte.is_ascii_digit());
    let weight = weight.parse().ok().filter(|&weight: &u8| is_number && weight <= 10)?;
    (begins && key.bytes().all(in_key)).then_some((key, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_read_as_the_rfc_has_them() {
        for (header, wish) in [
            ("sha-256=1", DigestWish::Wanted),
            ("sha-512=10,\tsha-256=1", DigestWish::Wanted),
            ("sha-256=1, sha-256=0", DigestWish::Unwanted),
            ("sha-512=10", DigestWish::Unsaid),
            ("", DigestWish::Unsaid),
            ("sha-256", DigestWish::Unsaid),
            ("sha-256=11", DigestWish::Unsaid),
            ("sha-256=-1", DigestWish::Unsaid),
            ("sha-256=+1", DigestWish::Unsaid),
            ("SHA-256=1", DigestWish::Unsaid),
            ("sha-256=1,", DigestWish::Unsaid),
            ("sha-256=1;a", DigestWish::Unsaid),
        ] {
            assert_eq!(parse(Some(header)), wish, "{header}");
        }
    }

    #[test]
    fn a_digest_is_sent_unless_it_is_unwanted() {
        assert!(DigestWish::Unsaid.is_sent() && DigestWish::Wanted.is_sent() && !DigestWish::Unwanted.is_sent());
    }
}
