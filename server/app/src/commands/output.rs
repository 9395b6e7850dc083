//! Results on standard output: text for people, JSON for programs.

use std::io::{self, Write as _};

use serde::Serialize;

use crate::failure::Failure;

/// Prints lines.
///
/// # Errors
/// Standard output cannot be written, other than because its reader has left.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    match written {
        // `stowaway releases … | head -1`
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::environment),
    }
}

/// Prints one JSON document on one line.
///
/// # Errors
/// As [`print`].
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string(value).map_err(Failure::environment)?)
}

/// Bytes as people say them: `1.4 MB`.
pub(super) fn bytes(count: u64) -> String {
    humansize::format_size(count, humansize::DECIMAL)
}

/// A table without borders, for reading and for `awk`.
pub(super) fn table(header: &[&str]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_header(header.iter().copied());
    table
}
