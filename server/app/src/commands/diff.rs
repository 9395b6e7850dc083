//! `stowaway diff TAG A B`: what changed between two releases, and what it costs a client that has the first.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use stowaway_domain::delta::bytes_to_fetch;
use stowaway_domain::manifest::{Link, Manifest};
use stowaway_domain::piece::PieceIndex;
use stowaway_domain::range::ByteRange;
use stowaway_domain::{AssetPath, Digest};
use stowaway_engine::read::{ReadError, Resource};

use super::{errors, open, output};
use crate::cli::DiffArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// The result.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Difference {
    added: Vec<AssetPath>,
    removed: Vec<AssetPath>,
    changed: Vec<AssetPath>,
    unchanged: usize,
    bytes_to_fetch: u64,
}

/// Compares and prints.
pub(super) async fn run(configuration: &Configuration, arguments: &DiffArguments) -> Result<(), Failure> {
    let tag = super::parse_tag(&arguments.tag)?;
    let opened = open::open_existing(configuration).await?;
    let (reader, looked_in) = (opened.reader(&configuration.settings), opened.database.shown_url());
    let old: Manifest = parse(reader.release_manifest(&tag, arguments.old).await, looked_in)?;
    let new: Manifest = parse(reader.release_manifest(&tag, arguments.new).await, looked_in)?;
    let old_pieces: PieceIndex = parse(reader.release_pieces(&tag, arguments.old).await, looked_in)?;
    let new_pieces: PieceIndex = parse(reader.release_pieces(&tag, arguments.new).await, looked_in)?;
    let difference = compare(&old, &new, bytes_to_fetch(&old_pieces, &new_pieces));
    if arguments.json {
        return output::print_json(&difference);
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

fn parse<T: DeserializeOwned>(found: Result<Arc<Resource>, Arc<ReadError>>, looked_in: &str) -> Result<T, Failure> {
    let resource = found.map_err(|error| errors::read(&error, looked_in))?;
    let range = ByteRange::whole(resource.representation.size());
    let bytes = range.and_then(|range| resource.at_hand(range)).unwrap_or_default();
    serde_json::from_slice(&bytes).map_err(Failure::environment)
}

fn compare(old: &Manifest, new: &Manifest, bytes_to_fetch: u64) -> Difference {
    let (old, new) = (assets(old), assets(new));
    let only_in = |these: &BTreeMap<AssetPath, Digest>, others: &BTreeMap<AssetPath, Digest>| {
        these.keys().filter(|path| !others.contains_key(*path)).cloned().collect()
    };
    let differs = |(path, digest): &(&AssetPath, &Digest)| old.get(*path).is_some_and(|had| had != *digest);
    Difference {
        added: only_in(&new, &old),
        removed: only_in(&old, &new),
        changed: new.iter().filter(differs).map(|(path, _)| path.clone()).collect(),
        unchanged: new.iter().filter(|(path, digest)| old.get(*path) == Some(*digest)).count(),
        bytes_to_fetch,
    }
}

/// Every asset of a manifest by path.
fn assets(manifest: &Manifest) -> BTreeMap<AssetPath, Digest> {
    fn collect(links: &[Link], into: &mut BTreeMap<AssetPath, Digest>) {
        for link in links {
            into.extend(link.properties.iter().map(|asset| (asset.path.clone(), asset.digest)));
            collect(&link.children, into);
            collect(&link.alternate, into);
        }
    }
    let mut found = BTreeMap::new();
    collect(&manifest.reading_order, &mut found);
    collect(&manifest.resources, &mut found);
    found
}
