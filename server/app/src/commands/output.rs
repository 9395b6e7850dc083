//! Results on standard output: text for people, JSON for programs.

use std::io::{self, Write as _};

use comfy_table::{ColumnConstraint, Width};
use serde::Serialize;

use crate::failure::Failure;

/// Prints lines.
///
/// # Errors
/// Standard output cannot be written, other than because its reader has left.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    write(&format!("{text}\n"))
}

fn write(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
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

/// A JSON array on one line, printed as its entries come.
pub(super) struct JsonArray {
    is_empty: bool,
}

impl JsonArray {
    /// Without entries.
    ///
    /// # Errors
    /// As [`print`].
    pub(super) fn begin() -> Result<Self, Failure> {
        write("[").map(|()| Self { is_empty: true })
    }

    /// One entry more.
    ///
    /// # Errors
    /// As [`print`].
    pub(super) fn add(&mut self, entry: &impl Serialize) -> Result<(), Failure> {
        let entry = serde_json::to_string(entry).map_err(Failure::environment)?;
        let comma = if std::mem::replace(&mut self.is_empty, false) { "" } else { "," };
        write(&format!("{comma}{entry}"))
    }

    /// No more.
    ///
    /// # Errors
    /// As [`print`].
    pub(super) fn end(self) -> Result<(), Failure> {
        print("]")
    }
}

/// Bytes as people say them: `1.4 MB`.
pub(super) fn bytes(count: u64) -> String {
    humansize::format_size(count, humansize::DECIMAL)
}

/// A table without borders, for reading and for `awk`.
pub(super) fn table(header: &[&str]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    if !header.is_empty() {
        table.set_header(header.iter().copied());
    }
    table
}

/// The table with columns that are at least this wide: it goes on with one that was printed before.
pub(super) fn at_least<'a>(table: &'a mut comfy_table::Table, widths: &[u16]) -> &'a mut comfy_table::Table {
    for (column, &width) in table.column_iter_mut().zip(widths) {
        // With the space on either side.
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width + 2)));
    }
    table
}
