//! Takes an input apart: a first line with a number, then the text under test.

use std::str;

/// The input as text; nothing where it is none.
#[must_use]
pub fn text(data: &[u8]) -> Option<&str> {
    str::from_utf8(data).ok()
}

/// `NUMBER\nREST`, both as they are. A number that cannot be read is 0.
#[must_use]
pub fn number_and_text(data: &[u8]) -> Option<(u64, &str)> {
    let (number, rest) = text(data)?.split_once('\n')?;
    Some((number.trim().parse().unwrap_or(0), rest))
}

/// The value of `name: ` among lines of headers, names in any case.
#[must_use]
pub fn header<'a>(lines: &'a str, name: &str) -> Option<&'a str> {
    lines.split('\n').find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}
