//! `stowaway usage [TAG]`: how much each tag has stored, and what it may have.

use serde::Serialize;
use stowaway_domain::Tag;
use stowaway_engine::db::{Database, TagLimits};
use stowaway_engine::read::ReadError;

use super::{errors, open, output};
use crate::cli::UsageArguments;
use crate::configuration::{Configuration, Settings};
use crate::failure::Failure;

const PAGE: u32 = 500;

/// One tag.
#[derive(Serialize)]
struct Entry {
    tag: Tag,
    releases: u64,
    blobs: u64,
    bytes: u64,
    exclusive_bytes: u64,
    shared_bytes: u64,
    quota_bytes: Option<u64>,
}

/// Adds up and prints.
pub(super) async fn run(configuration: &Configuration, arguments: &UsageArguments) -> Result<(), Failure> {
    let opened = open::open_existing(configuration).await?;
    let database = &opened.database;
    let entries = match &arguments.tag {
        Some(tag) => {
            let tag = super::parse_tag(tag)?;
            let pointer = database.tag_pointer(&tag).await.map_err(errors::database)?;
            if pointer.is_none() {
                return Err(errors::read(&ReadError::NoTag(tag), database.shown_url()));
            }
            vec![entry(database, &configuration.settings, tag).await?]
        }
        None => entries(database, &configuration.settings).await?,
    };
    if arguments.json {
        return output::print_json(&entries);
    }
    let mut table = output::table(&["TAG", "RELEASES", "BLOBS", "STORED", "ONLY HERE", "SHARED", "QUOTA"]);
    for entry in entries {
        table.add_row([
            entry.tag.to_string(),
            entry.releases.to_string(),
            entry.blobs.to_string(),
            output::bytes(entry.bytes),
            output::bytes(entry.exclusive_bytes),
            output::bytes(entry.shared_bytes),
            entry.quota_bytes.map_or_else(|| "none".to_owned(), output::bytes),
        ]);
    }
    output::print(&table.trim_fmt())
}

async fn entries(database: &Database, settings: &Settings) -> Result<Vec<Entry>, Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let after = entries.last().map(|entry| entry.tag.clone());
        let page = database.tags_page(after.as_ref(), PAGE).await.map_err(errors::database)?;
        if page.is_empty() {
            return Ok(entries);
        }
        for row in page {
            entries.push(entry(database, settings, row.tag).await?);
        }
    }
}

async fn entry(database: &Database, settings: &Settings, tag: Tag) -> Result<Entry, Failure> {
    let usage = database.tag_use(&tag).await.map_err(errors::database)?;
    let TagLimits { quota_bytes, .. } = database.tag_limits(&tag).await.map_err(errors::database)?;
    let quota_bytes = quota_bytes.unwrap_or(settings.quota.tag_bytes);
    Ok(Entry {
        tag,
        releases: usage.releases,
        blobs: usage.blobs,
        bytes: usage.bytes,
        exclusive_bytes: usage.exclusive_bytes,
        shared_bytes: usage.shared_bytes(),
        quota_bytes: (quota_bytes > 0).then_some(quota_bytes),
    })
}
