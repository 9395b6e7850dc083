//! `stowaway export DESTINATION`: what is published as a static site, in a folder or a bucket.

use std::path::PathBuf;

use serde_json::json;
use stowaway_engine::export::{BuiltIn, ExportOptions, Exported, Exporter, Site, Tags};
use stowaway_engine::store::is_same_place;

use super::progress::ExportBar;
use super::{errors, open, output};
use crate::cli::ExportArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;
use crate::http::EmbeddedFiles;

/// Exports and says what came of it.
pub(super) async fn run(configuration: &Configuration, arguments: &ExportArguments) -> Result<(), Failure> {
    let tags = if arguments.all {
        Tags::All
    } else {
        Tags::These(arguments.tag.iter().map(|tag| super::parse_tag(tag)).collect::<Result<_, _>>()?)
    };
    let site = site(configuration, &arguments.destination)?;
    let opened = open::open_existing(configuration).await?;
    let reader = opened.reader(&configuration.settings);
    let built_in = EmbeddedFiles::load().into_iter().map(|(path, resource)| BuiltIn { path, resource });
    let exporter = Exporter::new(reader, opened.database.clone(), built_in.collect());
    let bar = ExportBar::new();
    let options = ExportOptions { is_dry_run: arguments.dry_run, with_aliases: !arguments.no_aliases };
    let exported = exporter.export(&site, &tags, options, &bar).await;
    bar.clear();
    let exported = exported.map_err(|error| errors::export(error, opened.database.shown_url()))?;
    if arguments.json {
        return output::print_json(&as_json(&exported, arguments.dry_run));
    }
    output::print(&describe(&exported, arguments))
}

/// A folder, or what a URL names. It must be another place than the store's own.
fn site(configuration: &Configuration, destination: &str) -> Result<Site, Failure> {
    let store_url = configuration.storage_url();
    let site = if destination.contains("://") || destination.starts_with("file:") {
        Site::open(destination, &open::store_options(configuration))
            .map_err(|error| errors::export(error, configuration.database_url()))?
    } else {
        Site::folder(std::path::absolute(destination).map_err(Failure::environment)?)
    };
    let own = url::Url::parse(store_url).ok().and_then(|url| url.to_file_path().ok());
    let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
    let is_store = match (site.as_folder(), own) {
        (Some(folder), Some(store)) => real(folder.to_owned()).starts_with(real(store)),
        _ => is_same_place(destination, store_url),
    };
    if is_store {
        return Err(Failure::caller(format!("{destination} is the store itself")).remedy(
            "export to another folder, bucket or prefix: a site and a store have other names for the same bytes",
        ));
    }
    Ok(site)
}

fn describe(exported: &Exported, arguments: &ExportArguments) -> String {
    let Exported { tags, files, bytes, files_written, bytes_written, files_removed, .. } = exported;
    let (be, to) = (if arguments.dry_run { "would be " } else { "" }, &arguments.destination);
    let mut text = format!(
        "{} tags, {files} files, {}; {files_written} files, {} {be}written to {to}",
        tags.len(),
        output::bytes(*bytes),
        output::bytes(*bytes_written),
    );
    if *files_removed > 0 {
        text.push_str(&format!("; {files_removed} {be}removed"));
    }
    text
}

fn as_json(exported: &Exported, is_dry_run: bool) -> serde_json::Value {
    let tags = exported.tags.iter().map(|(tag, release)| json!({ "tag": tag, "release": release }));
    json!({
        "dry_run": is_dry_run,
        "tags": tags.collect::<Vec<_>>(),
        "taken_back": exported.taken_back,
        "files": exported.files,
        "bytes": exported.bytes,
        "aliases": exported.aliases,
        "alias_bytes": exported.alias_bytes,
        "files_written": exported.files_written,
        "bytes_written": exported.bytes_written,
        "files_removed": exported.files_removed,
    })
}
