//! What is published as files under the same addresses, in a folder or a bucket: a site that needs no program of ours to be served.
//!
//! Everything is planned before anything is written, so that a dry run tells the truth; and written in an order in which nobody who reads
//! meanwhile meets an address that names what is not there yet: bytes, then what names them, then what says which is current. Nothing is
//! removed but what follows the current release and is none of it any more.

mod aliases;
mod bucket;
mod catalogue;
mod error;
mod folder;
mod lock;
mod nginx;
mod notes;
mod own_file;
mod plan;
mod progress;
mod removal;
mod site;
mod write;

pub use error::ExportError;
pub use progress::{ExportEvent, ExportProgress};
pub use site::Site;

use std::sync::Arc;

use lock::FolderLock;
use stowaway_domain::Tag;
use stowaway_domain::scope::TagPrefix;

use crate::db::Database;
use crate::read::{Reader, Resource};

/// Objects looked up or written at once.
const AT_ONCE: usize = 4;
/// Tags asked of the database at once.
const TAGS_AT_ONCE: u32 = 200;

/// Which tags.
#[derive(Debug, Clone)]
pub enum Tags {
    /// All; the site's catalogue has these and no others.
    All,
    /// These; others that the site has stay as they are.
    These(Vec<Tag>),
}

/// How to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportOptions {
    /// Only count.
    pub is_dry_run: bool,
    /// With the addresses that follow the current release, beside its manifest: stable aliases and the latest bundle. Without them, those that an
    /// earlier export wrote are removed, since they would stay behind the manifest.
    pub with_aliases: bool,
}

/// A file of the program itself, such as a page.
#[derive(Debug, Clone)]
pub struct BuiltIn {
    /// Its path in the built client, such as `sw.js` or `client/app/app.css`.
    pub path: String,
    /// The file.
    pub resource: Arc<Resource>,
}

/// What came of an export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// The tags, each with its current release.
    pub tags: Vec<(Tag, u64)>,
    /// Those that are not offered any more: nothing of them is left at the addresses that follow a current release.
    pub taken_back: Vec<Tag>,
    /// Files or objects of the site.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them are aliases.
    pub aliases: u64,
    /// The bytes at these, which take no room where a site can link.
    pub alias_bytes: u64,
    /// How many of them were missing or other than they are now.
    pub files_written: u64,
    /// The bytes of these.
    pub bytes_written: u64,
    /// Files or objects that an earlier export wrote and that are not there any more.
    pub files_removed: u64,
}

/// Exports what a reader can read.
#[derive(Clone)]
pub struct Exporter {
    reader: Reader,
    database: Database,
    built_in: Vec<BuiltIn>,
}

impl Exporter {
    /// An exporter of what `reader` reads and `database` lists, with these files of the program.
    #[must_use]
    pub const fn new(reader: Reader, database: Database, built_in: Vec<BuiltIn>) -> Self {
        Self { reader, database, built_in }
    }

    /// Makes `site` hold these tags with all their releases: writes what it lacks and what changed, and removes aliases that the current
    /// release does not have, and what follows the current release of a tag that has been taken back. A dry run only counts.
    ///
    /// # Errors
    /// No such tag, something published cannot be read, another export writes into the folder, or the site cannot be read or written. What was written stays, and is right:
    /// exporting again goes on from there.
    pub async fn export(
        &self,
        site: &Site,
        tags: &Tags,
        options: ExportOptions,
        progress: &dyn ExportProgress,
    ) -> Result<Exported, ExportError> {
        // From the first look at what is there to the last file.
        let _lock = match site.as_folder().filter(|_| !options.is_dry_run) {
            Some(folder) => Some(FolderLock::take(folder).await?),
            None => None,
        };
        let plan = self.plan(site, tags, options, progress).await?;
        let exported = plan.summary();
        progress.report(ExportEvent::Planned { files: exported.files_written, bytes: exported.bytes_written });
        if !options.is_dry_run {
            self.write(site, plan, progress).await?;
        }
        Ok(exported)
    }

    /// The tags that were asked for, by name, also those that are not offered any more.
    async fn tags(&self, tags: &Tags) -> Result<Vec<Tag>, ExportError> {
        match tags {
            Tags::These(tags) => {
                let mut tags = tags.clone();
                tags.sort();
                tags.dedup();
                Ok(tags)
            }
            Tags::All => {
                let (mut all, prefix): (Vec<Tag>, _) = (Vec::new(), TagPrefix::all());
                loop {
                    let (from, to) = prefix.range_after(all.last());
                    let page = self.database.tag_states(&from, &to, TAGS_AT_ONCE).await?;
                    if page.is_empty() {
                        return Ok(all);
                    }
                    all.extend(page.into_iter().map(|state| state.tag));
                }
            }
        }
    }
}

impl std::fmt::Debug for Exporter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Exporter").field("built_in", &self.built_in.len()).finish_non_exhaustive()
    }
}
