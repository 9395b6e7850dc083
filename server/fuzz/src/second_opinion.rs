//! The rules once more, written another way and as plainly as can be. Slow, and only for comparison.

use std::collections::BTreeSet;

/// What a `Range` header comes to, by counting single bytes. Only for small sizes.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// The header says nothing that counts.
    Ignored,
    /// Understood, and no byte of it exists.
    Nothing,
    /// These bytes.
    Bytes(BTreeSet<u64>),
}

/// Reads a `Range` header as RFC 9110 §14.1.2 has it, with at most `most` elements.
#[must_use]
pub fn bytes_asked(header: &str, size: u64, most: usize) -> Asked {
    let Some((unit, list)) = header.split_once('=') else { return Asked::Ignored };
    if unit.to_ascii_lowercase() != "bytes" {
        return Asked::Ignored;
    }
    let elements: Vec<&str> = list
        .split(',')
        .map(|element| element.trim_matches(|c| c == ' ' || c == '\t'))
        .filter(|element| !element.is_empty())
        .collect();
    if elements.is_empty() {
        return Asked::Ignored;
    }
    let Some(pairs) = elements.iter().map(|element| first_and_last(element)).collect::<Option<Vec<_>>>() else {
        return Asked::Ignored;
    };
    let (mut wanted, mut total) = (BTreeSet::new(), 0_u128);
    let mut satisfiable = 0;
    for pair in &pairs {
        let (from, to) = match *pair {
            (None, Some(0)) => continue,
            (None, Some(_)) if size == 0 => return Asked::Ignored,
            (None, Some(length)) => (u128::from(size).saturating_sub(length), u128::from(size)),
            (Some(first), last) => {
                (first, last.map_or(u128::from(size), |last| last.saturating_add(1).min(u128::from(size))))
            }
            (None, None) => return Asked::Ignored,
        };
        if from < to {
            satisfiable += 1;
            total += to - from;
            wanted.extend((from..to).filter_map(|at| u64::try_from(at).ok()));
        }
    }
    // The limit and the sum are policy, and judged after the syntax.
    if pairs.len() > most || (satisfiable > 0 && pairs.len() > 1 && total > u128::from(size)) {
        return Asked::Ignored;
    }
    if wanted.is_empty() { Asked::Nothing } else { Asked::Bytes(wanted) }
}

/// Both ends of `first-last`, `first-` or `-length`; numbers beyond all sizes stay just that.
fn first_and_last(element: &str) -> Option<(Option<u128>, Option<u128>)> {
    let (first, last) = element.split_once('-')?;
    let number = |digits: &str| match digits {
        "" => Some(None),
        _ if digits.chars().all(|digit| digit.is_ascii_digit()) => {
            Some(Some(digits.parse::<u64>().map_or(u128::from(u64::MAX), u128::from)))
        }
        _ => None,
    };
    let (first, last) = (number(first)?, number(last)?);
    match (first, last) {
        (None, None) => None,
        (Some(first), Some(last)) if first > last => None,
        both => Some(both),
    }
}

/// The weight of a coding in `Accept-Encoding`, in thousandths, by RFC 9110 §12.5.3: by name, else by `*`; the highest of several.
#[must_use]
pub fn weight(header: &str, names: &[&str], star_counts: bool) -> Option<u32> {
    let members: Vec<(String, u32)> =
        header.split(',').take(stowaway_domain::coding::MAX_MEMBERS).filter_map(member).collect();
    let named = members.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(_, weight)| *weight).max();
    let star = members.iter().filter(|(name, _)| star_counts && name == "*").map(|(_, weight)| *weight).max();
    named.or(star)
}

fn member(text: &str) -> Option<(String, u32)> {
    let mut parts = text.splitn(2, ';');
    let name = parts.next()?.trim_matches(|c| c == ' ' || c == '\t').to_ascii_lowercase();
    if name.is_empty() || name.chars().any(|c| !c.is_ascii_graphic()) {
        return None;
    }
    let Some(parameter) = parts.next() else { return Some((name, 1000)) };
    let parameter = parameter.trim_matches(|c| c == ' ' || c == '\t');
    let value = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="))?;
    let shape_is_good = match value.as_bytes() {
        [b'0' | b'1'] => true,
        [b'0', b'.', rest @ ..] => rest.len() <= 3 && rest.iter().all(u8::is_ascii_digit),
        [b'1', b'.', rest @ ..] => rest.len() <= 3 && rest.iter().all(|&digit| digit == b'0'),
        _ => false,
    };
    if !shape_is_good {
        return None;
    }
    let number: f64 = value.parse().ok()?;
    Some((name, (number * 1000.0).round() as u32))
}
