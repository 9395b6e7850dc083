//! HTTP dates (RFC 9110 §5.6.7) as seconds since 1970, without a clock.

use std::time::{Duration, UNIX_EPOCH};

/// Writes `Sun, 01 Nov 2026 10:00:00 GMT`.
///
/// ```
/// use stowaway_domain::http_date;
/// assert_eq!(http_date::format(1_793_527_200), "Sun, 01 Nov 2026 10:00:00 GMT");
/// ```
#[must_use]
pub fn format(unix_s: u64) -> String {
    // Years beyond 9999 have no HTTP form; digests and releases never come near.
    const LAST_FORMATTABLE_UNIX_S: u64 = 253_402_300_799;
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix_s.min(LAST_FORMATTABLE_UNIX_S)))
}

/// Reads any of the three forms that RFC 9110 has; nothing where the text is no date or lies before 1970.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    let time = httpdate::parse_http_date(text.trim_matches([' ', '\t'])).ok()?;
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_are_read() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(parse(text), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_nothing() {
        for text in ["", "yesterday", "1793527200", "\"sha256:0\"", "Sun, 06 Nov 1994"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_beyond_all_formats_does_not_panic() {
        assert_eq!(format(u64::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
