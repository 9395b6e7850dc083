//! `stowaway releases TAG`: what was published under a tag.

use serde::Serialize;
use stowaway_domain::Digest;
use stowaway_domain::release::TagSummary;
use stowaway_engine::db::ReleaseRow;
use stowaway_engine::read::ReadError;

use super::output::JsonArray;
use super::{errors, open, output};
use crate::cli::ReleasesArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Releases that are read at once.
const PAGE: u32 = 500;

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

/// Lists them, newest first, as the database gives them: a tag may have many.
pub(super) async fn run(configuration: &Configuration, arguments: &ReleasesArguments) -> Result<(), Failure> {
    let tag = super::parse_tag(&arguments.tag)?;
    let opened = open::open_existing(configuration).await?;
    let pointer = opened.database.tag_pointer(&tag).await.map_err(errors::database)?;
    let pointer = pointer.ok_or_else(|| errors::read(&ReadError::NoTag(tag.clone()), opened.database.shown_url()))?;
    let current = Some(pointer.release).filter(|_| pointer.unpublished.is_none());
    let mut listing = if arguments.json { Listing::Json(JsonArray::begin()?) } else { Listing::Table(None) };
    let mut before = None;
    loop {
        let rows = opened.database.releases_page(&tag, before, PAGE).await.map_err(errors::database)?;
        let Some(last) = rows.last() else { return listing.end() };
        before = Some(last.number);
        listing.add(rows.iter().map(|row| entry(row, current)).collect::<Result<_, _>>()?)?;
    }
}

/// How a list is printed, page by page.
enum Listing {
    Json(JsonArray),
    /// After the first page the widths of its columns.
    Table(Option<Vec<u16>>),
}

impl Listing {
    fn add(&mut self, page: Vec<Entry>) -> Result<(), Failure> {
        match self {
            Self::Json(array) => page.iter().try_for_each(|entry| array.add(entry)),
            Self::Table(widths) => {
                let mut table = match widths {
                    None => output::table(&["RELEASE", "PUBLISHED", "ITEMS", "SIZE", "DIGEST"]),
                    Some(_) => output::table(&[]),
                };
                table.add_rows(page.into_iter().map(columns));
                let widths = widths.get_or_insert_with(|| table.column_max_content_widths());
                output::print(&output::at_least(&mut table, widths).trim_fmt())
            }
        }
    }

    fn end(self) -> Result<(), Failure> {
        match self {
            Self::Json(array) => array.end(),
            Self::Table(_) => Ok(()),
        }
    }
}

fn columns(entry: Entry) -> [String; 5] {
    let current = if entry.current { " (current)" } else { "" };
    [
        format!("{}{current}", entry.release),
        entry.modified,
        entry.items.to_string(),
        output::bytes(entry.download_total),
        entry.digest.short(),
    ]
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
