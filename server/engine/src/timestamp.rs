//! Moments as rows and documents hold them: RFC 3339, UTC, whole seconds. In this form they sort as texts.

use jiff::{SignedDuration, Timestamp};

/// Now.
pub(crate) fn now() -> String {
    text(Timestamp::now())
}

/// In so many seconds; a moment beyond what calendars hold is their end.
pub(crate) fn in_seconds(seconds: u64) -> String {
    let duration = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    text(Timestamp::now().saturating_add(duration).unwrap_or(Timestamp::MAX))
}

/// So many seconds ago.
pub(crate) fn seconds_ago(seconds: i64) -> String {
    text(Timestamp::now().saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN))
}

/// So many milliseconds after 1970 began.
pub(crate) fn at_ms(unix_ms: i64) -> String {
    text(Timestamp::from_millisecond(unix_ms).unwrap_or_default())
}

fn text(moment: Timestamp) -> String {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_sort_as_texts() {
        let moments = [seconds_ago(3600), now(), in_seconds(60), in_seconds(9999 * 86_400)];
        assert!(moments.is_sorted(), "{moments:?}");
        assert!(moments.iter().all(|moment| moment.len() == "2026-11-22T10:00:00Z".len()), "{moments:?}");
    }
}
