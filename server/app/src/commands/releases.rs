//! `stowaway releases TAG`: what was published under a tag.

use serde::Serialize;
use stowaway_domain::Digest;
use stowaway_domain::release::TagSummary;
use stowaway_engine::db::ReleaseRow;
use stowaway_engine::read::ReadError;

use super::{errors, open, output};
use crate::cli::ReleasesArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// One release.
#[derive(Serialize)]
struct Entry {
    release: u64,
    current: bool,
    modified: String,
    digest: Digest,
    items: u64,
    download_total: u64,
}

/// Lists them, newest first.
pub(super) async fn run(configuration: &Configuration, arguments: &ReleasesArguments) -> Result<(), Failure> {
    let tag = super::parse_tag(&arguments.tag)?;
    let opened = open::open_existing(configuration).await?;
    let pointer = opened.database.tag_pointer(&tag).await.map_err(errors::database)?;
    let pointer = pointer.ok_or_else(|| errors::read(&ReadError::NoTag(tag.clone()), opened.database.shown_url()))?;
    let rows = opened.database.releases(&tag).await.map_err(errors::database)?;
    let current = Some(pointer.release).filter(|_| pointer.unpublished.is_none());
    let entries: Vec<Entry> = rows.iter().map(|row| entry(row, current)).collect::<Result<_, _>>()?;
    if arguments.json {
        return output::print_json(&entries);
    }
    let mut table = output::table(&["RELEASE", "PUBLISHED", "ITEMS", "SIZE", "DIGEST"]);
    for entry in entries {
        let current = if entry.current { " (current)" } else { "" };
        table.add_row([
            format!("{}{current}", entry.release),
            entry.modified,
            entry.items.to_string(),
            output::bytes(entry.download_total),
            entry.digest.short(),
        ]);
    }
    output::print(&table.trim_fmt())
}

fn entry(row: &ReleaseRow, current: Option<u64>) -> Result<Entry, Failure> {
    let summary: TagSummary = serde_json::from_str(&row.summary).map_err(Failure::environment)?;
    Ok(Entry {
        release: row.number,
        current: Some(row.number) == current,
        modified: row.modified.clone(),
        digest: row.release_digest,
        items: summary.items,
        download_total: summary.download_total,
    })
}
