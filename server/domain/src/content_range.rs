//! `Content-Range` (RFC 9110 §14.4), always with the total: caches cannot slice without it.

use std::io::{Cursor, Write};

use crate::header_text::HeaderText;
use crate::range::ByteRange;

/// `bytes 18446744073709551615-18446744073709551615/18446744073709551615` and some room.
const LONGEST_BYTES: usize = 80;

/// `bytes 0-1/10`, on a 206. Written on the stack: it is the only text that most answers need made.
///
/// # Panics
/// Never: three numbers fit.
#[must_use]
pub fn of_range(range: &ByteRange, size: u64) -> HeaderText {
    let mut text = Cursor::new([0; LONGEST_BYTES]);
    write!(text, "bytes {}-{}/{size}", range.first, range.last).expect("three numbers fit");
    let length = usize::try_from(text.position()).unwrap_or(LONGEST_BYTES);
    HeaderText::from_ascii(&text.get_ref()[..length])
}

/// `bytes */10`, on a 416.
#[must_use]
pub fn unsatisfied(size: u64) -> HeaderText {
    format!("bytes */{size}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_numbers_fit() {
        let range = ByteRange { first: u64::MAX - 1, last: u64::MAX };
        let expected = format!("bytes {}-{}/{}", u64::MAX - 1, u64::MAX, u64::MAX);
        assert_eq!(of_range(&range, u64::MAX).as_str(), expected);
    }
}
