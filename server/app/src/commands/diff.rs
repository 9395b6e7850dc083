//! `stowaway diff TAG A B`: what changed between two releases, and what it costs a client that has the first.

use serde::Serialize;
use stowaway_domain::AssetPath;
use stowaway_domain::difference::Difference;

use super::{errors, open, output};
use crate::cli::DiffArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// The result, for programs.
#[derive(Serialize)]
struct Entry<'a> {
    added: &'a [AssetPath],
    removed: &'a [AssetPath],
    changed: &'a [AssetPath],
    unchanged: usize,
    bytes_to_fetch: u64,
}

/// Compares and prints.
pub(super) async fn run(configuration: &Configuration, arguments: &DiffArguments) -> Result<(), Failure> {
    let tag = super::parse_tag(&arguments.tag)?;
    let opened = open::open_existing(configuration).await?;
    let reader = opened.reader(&configuration.settings);
    let difference = reader.difference(&tag, arguments.old, arguments.new).await;
    let difference = difference.map_err(|error| errors::read(&error, opened.database.shown_url()))?;
    if arguments.json {
        let Difference { added, removed, changed, unchanged, bytes_to_fetch } = &difference;
        let (unchanged, bytes_to_fetch) = (*unchanged, *bytes_to_fetch);
        return output::print_json(&Entry { added, removed, changed, unchanged, bytes_to_fetch });
    }
    output::print(&describe(&difference, arguments))
}

fn describe(difference: &Difference, arguments: &DiffArguments) -> String {
    let signs = [("+", &difference.added), ("-", &difference.removed), ("~", &difference.changed)];
    let mut lines: Vec<String> =
        signs.iter().flat_map(|(sign, paths)| paths.iter().map(move |path| format!("{sign} {path}"))).collect();
    lines.push(format!(
        "{} added, {} removed, {} changed, {} unchanged; a client that has release {} fetches {} for release {}",
        difference.added.len(),
        difference.removed.len(),
        difference.changed.len(),
        difference.unchanged,
        arguments.old,
        output::bytes(difference.bytes_to_fetch),
        arguments.new,
    ));
    lines.join("\n")
}
