//! The rules by which a folder becomes a tag: what is left out, in which order, what belongs to what, and under which title.

pub mod error;

pub use error::LayoutError;

use std::cmp::Ordering;

/// Whether a file is left out of a release: hidden, unfinished or a machine's own.
#[must_use]
pub fn is_left_out(file_name: &str) -> bool {
    let lower = file_name.to_lowercase();
    lower.starts_with('.')
        || lower.ends_with('~')
        || [".part", ".crdownload", ".tmp"].iter().any(|ending| lower.ends_with(ending))
        || matches!(lower.as_str(), "thumbs.db" | "desktop.ini")
}

/// Orders names as people do: `2` before `10`.
#[must_use]
pub fn natural_order(one: &str, other: &str) -> Ordering {
    one.cmp(other)
}
