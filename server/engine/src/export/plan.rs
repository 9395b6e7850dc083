//! What a site must hold, and what of it is missing or other than it should be.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use percent_encoding::percent_decode_str;
use stowaway_domain::release::TagSummary;
use stowaway_domain::representation::Representation;
use stowaway_domain::{Digest, Tag, href};

use super::aliases::{self, Aliases};
use super::catalogue::{merged, read_summary};
use super::error::ExportError;
use super::site::Site;
use super::{AT_ONCE, ExportEvent, ExportOptions, ExportProgress, Exported, Exporter, Tags, nginx};
use crate::db::ReleaseRow;
use crate::read::{Content, ReadError, Resource};

/// The bytes of an address; found again when they are written, so that a plan holds none.
#[derive(Debug, Clone)]
pub(super) enum What {
    Blob(Digest, String),
    BlobPieces(Digest),
    ReleasePieces(Tag, u64),
    Metalink(Tag, u64),
    Bundle(Tag, u64),
    Manifest(Tag, u64),
    /// The manifest of the release that was current when the export began.
    CurrentManifest(Tag, u64),
    /// The bytes of a blob that lie at `of` already, at an address that may have others tomorrow.
    Media {
        digest: Digest,
        of: String,
    },
    /// The bundle that lies at `of` already, the same.
    LatestBundle {
        tag: Tag,
        number: u64,
        of: String,
    },
    Made(Arc<Resource>),
    /// To be removed.
    Nothing,
}

/// One file or object of a site.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) path: String,
    pub(super) what: What,
    pub(super) size: u64,
    pub(super) is_missing: bool,
}

/// What is to be written, a list a stage: nothing of a stage names what a later one writes.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) tags: Vec<(Tag, u64)>,
    pub(super) taken_back: Vec<Tag>,
    pub(super) stages: BTreeMap<Stage, Vec<Item>>,
}

/// In the order of writing. What is removed from under a path that others need as a folder, or the other way round, goes before these come;
/// everything else only when nothing says any more that it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Blobs,
    Indexes,
    Bundles,
    Manifests,
    ClientFiles,
    Pages,
    Announced,
    InTheWay,
    Aliases,
    Pointers,
    Catalogue,
    Gone,
    Noted,
}

/// What one tag has in a site.
struct OfTag {
    files: Vec<(Stage, String, What)>,
    aliases: Aliases,
}

impl Item {
    /// The item whose bytes this one has as well.
    pub(super) fn original(&self) -> Option<&str> {
        match &self.what {
            What::Media { of, .. } | What::LatestBundle { of, .. } => Some(of),
            _ => None,
        }
    }

    fn is_alias(&self) -> bool {
        self.original().is_some()
    }
}

impl Plan {
    pub(super) fn summary(&self) -> Exported {
        let (tags, taken_back) = (self.tags.clone(), self.taken_back.clone());
        let mut exported = Exported { tags, taken_back, ..Exported::default() };
        // What is announced is written again when it is true.
        let lasting = self.stages.iter().filter(|(stage, _)| **stage != Stage::Announced);
        for item in lasting.flat_map(|(_, items)| items) {
            if let What::Nothing = item.what {
                exported.files_removed += 1;
                continue;
            }
            exported.files += 1;
            exported.bytes += item.size;
            if item.is_alias() {
                exported.aliases += 1;
                exported.alias_bytes += item.size;
            }
            if item.is_missing {
                exported.files_written += 1;
                exported.bytes_written += item.size;
            }
        }
        exported
    }
}

impl Exporter {
    pub(super) async fn plan(
        &self,
        site: &Site,
        tags: &Tags,
        options: ExportOptions,
        progress: &dyn ExportProgress,
    ) -> Result<Plan, ExportError> {
        let (mut plan, mut seen, mut summaries) = (Plan::default(), HashSet::new(), Vec::new());
        let (mut aliases, mut taken_back) = (Vec::new(), Vec::new());
        for tag in self.tags(tags).await? {
            progress.report(ExportEvent::Comparing(tag.clone()));
            let rows = self.database.releases(&tag).await?;
            let pointer = self.database.tag_pointer(&tag).await?.ok_or_else(|| ExportError::NoTag(tag.clone()))?;
            if pointer.unpublished.is_some() {
                taken_back.push(tag);
                continue;
            }
            let current = rows.iter().find(|row| row.number == pointer.release);
            let current = current.ok_or_else(|| ExportError::NoTag(tag.clone()))?;
            summaries.push(read_summary(current)?);
            let number = current.number;
            let found = self.of_tag(&tag, number, &rows).await?;
            for (stage, path, what) in found.files {
                if seen.insert(path.clone()) {
                    plan.stages.entry(stage).or_default().push(Item { path, what, size: 0, is_missing: false });
                }
            }
            aliases.push((tag.clone(), if options.with_aliases { found.aliases } else { Aliases::new() }));
            plan.tags.push((tag, number));
        }
        self.add_built_in(site, &mut plan);
        self.add_catalogue(site, tags, summaries, &taken_back, &mut plan).await?;
        for items in plan.stages.values_mut() {
            *items = self.compared(site, std::mem::take(items)).await?;
        }
        for (tag, aliases) in aliases {
            self.add_aliases(site, &tag, aliases, &mut plan).await?;
        }
        for tag in taken_back {
            self.add_taken_back(site, tag, &mut plan).await?;
        }
        Ok(plan)
    }

    /// Everything under the addresses of one tag, and of the blobs it names.
    async fn of_tag(&self, tag: &Tag, current: u64, rows: &[ReleaseRow]) -> Result<OfTag, ExportError> {
        let (mut found, mut aliases) = (Vec::new(), Aliases::new());
        for number in rows.iter().map(|row| row.number) {
            let (tag, address) = (tag.clone(), href::release_manifest(tag, number));
            let manifest = self.reader.manifest(&tag, number).await.map_err(|source| unreadable(&address, source))?;
            let assets = manifest.asset_links();
            if number == current {
                aliases = aliases::of_release(&tag, number, &assets);
            }
            for link in assets {
                let Some(asset) = &link.properties else { continue };
                let path = path_of(&link.href);
                let name = path.rsplit('/').next().unwrap_or_default().to_owned();
                found.push((Stage::Blobs, path, What::Blob(asset.digest, name)));
                found.push((Stage::Indexes, path_of(&asset.pieces), What::BlobPieces(asset.digest)));
            }
            let pieces = href::release_pieces(&tag, number);
            found.push((Stage::Indexes, path_of(&pieces), What::ReleasePieces(tag.clone(), number)));
            let metalink = href::release_metalink(&tag, number);
            found.push((Stage::Indexes, path_of(&metalink), What::Metalink(tag.clone(), number)));
            let bundle = href::release_bundle(&tag, number);
            found.push((Stage::Bundles, path_of(&bundle), What::Bundle(tag.clone(), number)));
            found.push((Stage::Manifests, path_of(&address), What::Manifest(tag, number)));
        }
        let pointer = path_of(&href::current_manifest(tag));
        found.push((Stage::Pointers, pointer, What::CurrentManifest(tag.clone(), current)));
        Ok(OfTag { files: found, aliases })
    }

    fn add_built_in(&self, site: &Site, plan: &mut Plan) {
        let mut add = |stage, path: String, resource: &Arc<Resource>| {
            let what = What::Made(Arc::clone(resource));
            plan.stages.entry(stage).or_default().push(Item { path, what, size: 0, is_missing: false });
        };
        for file in &self.built_in {
            let path = match file.path.as_str() {
                "play.html" => site.path_of("play.html", "play"),
                "downloads.html" => site.path_of("downloads.html", "downloads"),
                path => path,
            };
            let stage = if path.starts_with("client/") { Stage::ClientFiles } else { Stage::Pages };
            add(stage, path.to_owned(), &file.resource);
        }
        if site.as_folder().is_some() {
            add(
                Stage::ClientFiles,
                nginx::PATH.to_owned(),
                &nginx::snippet(self.reader.pointer_policy(), &self.built_in),
            );
        }
    }

    async fn add_catalogue(
        &self,
        site: &Site,
        tags: &Tags,
        summaries: Vec<TagSummary>,
        taken_back: &[Tag],
        plan: &mut Plan,
    ) -> Result<(), ExportError> {
        let path = site.path_of("tags.json", "tags");
        let before = match tags {
            Tags::All => None,
            Tags::These(_) => site.read(path, None).await?,
        };
        let resource = merged(&self.reader, path, before.as_deref(), &summaries, taken_back)?;
        let what = What::Made(resource);
        let item = Item { path: path.to_owned(), what, size: 0, is_missing: false };
        plan.stages.entry(Stage::Catalogue).or_default().push(item);
        Ok(())
    }

    /// Finds out what of it the site has.
    async fn compared(&self, site: &Site, items: Vec<Item>) -> Result<Vec<Item>, ExportError> {
        let look = |mut item: Item| async move {
            let resource = self.resource(&item).await?;
            item.size = resource.representation.size();
            item.is_missing = !is_there(site, &item.path, &resource).await?;
            Ok::<_, ExportError>(item)
        };
        stream::iter(items.into_iter().map(look)).buffered(AT_ONCE).try_collect().await
    }

    /// What is at the address of an item.
    pub(super) async fn resource(&self, item: &Item) -> Result<Arc<Resource>, ExportError> {
        let reader = &self.reader;
        let found = match &item.what {
            What::Blob(digest, name) => reader.blob(digest, name).await,
            What::BlobPieces(digest) => reader.blob_pieces(digest).await,
            What::ReleasePieces(tag, number) => reader.release_pieces(tag, *number).await,
            What::Metalink(tag, number) => reader.release_metalink(tag, *number).await,
            What::Bundle(tag, number) | What::LatestBundle { tag, number, .. } => {
                reader.bundle(tag, *number, None).await
            }
            What::Media { digest, of } => reader.blob(digest, of.rsplit('/').next().unwrap_or_default()).await,
            What::Manifest(tag, number) | What::CurrentManifest(tag, number) => {
                reader.release_manifest(tag, *number).await
            }
            What::Made(resource) => Ok(Arc::clone(resource)),
            What::Nothing => return Err(ExportError::site("read", &item.path, "it is to be removed")),
        };
        found.map_err(|source| unreadable(&item.path, source))
    }
}

/// Media and bundles have an address that says what they are, so that their size tells whether they are whole; documents are compared.
async fn is_there(site: &Site, path: &str, resource: &Resource) -> Result<bool, ExportError> {
    let representation: &Representation = &resource.representation;
    match &resource.content {
        Content::Memory(bytes) => Ok(site.read(path, Some(representation.size())).await?.as_ref() == Some(bytes)),
        Content::Stored { .. } | Content::Bundle(_) => Ok(site.size(path).await? == Some(representation.size())),
    }
}

fn unreadable(address: &str, source: Arc<ReadError>) -> ExportError {
    ExportError::Read { address: address.to_owned(), source }
}

/// Where an address lies in a site: without the first slash, and as the names are.
pub(super) fn path_of(href: &str) -> String {
    percent_decode_str(href.trim_start_matches('/')).decode_utf8_lossy().into_owned()
}
