//! Step 3: what the release would be, and whether it is what readers already have.

use std::collections::HashMap;

use stowaway_domain::content::DescribedAsset;
use stowaway_domain::manifest::PreviousRelease;
use stowaway_domain::release::{PlannedRelease, ReleaseInput, lesson_paths, plan_release};
use stowaway_domain::tag_metadata::TagMetadata;
use stowaway_domain::{AssetPath, Digest, Tag, href};

use super::{PublishError, identifiers};
use crate::db::{Database, ItemRow, Pointer, ReleaseRow};
use crate::timestamp;

/// A release that was planned on what the tag pointed at.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) release: PlannedRelease,
    pub(super) number: u64,
    pub(super) modified: String,
    pub(super) identifier: String,
    pub(super) items: Vec<ItemRow>,
    /// What the tag points at.
    pub(super) current: Option<ReleaseRow>,
    /// Whether this is that very release.
    pub(super) unchanged: bool,
}

/// Plans the next release of the tag; or finds that the folder is its current release.
#[tracing::instrument(skip_all)]
pub(super) async fn plan(
    db: &Database,
    tag: &Tag,
    metadata: &TagMetadata,
    assets: &[DescribedAsset],
) -> Result<Plan, PublishError> {
    let (pointer, current) = current_release(db, tag).await?;
    let items = items(metadata, assets, &db.items(tag).await?)?;
    let facts = Facts { tag, metadata, assets, items: &items };
    let identifier = pointer.as_ref().map_or_else(identifiers::mint, |pointer| pointer.identifier.clone());
    // A tag that was taken back is offered again by a release, also by one that holds the same.
    let offered = current.as_ref().filter(|_| pointer.as_ref().is_some_and(|pointer| pointer.unpublished.is_none()));
    if let Some(row) = offered {
        let again = facts.plan(row.number, previous_of(tag, row), &identifier, &row.modified)?;
        if again.manifest_digest == row.manifest_digest {
            let (number, modified) = (row.number, row.modified.clone());
            return Ok(Plan { release: again, number, modified, identifier, items, current, unchanged: true });
        }
    }
    let number = pointer.map_or(0, |pointer| pointer.last_release) + 1;
    let modified = timestamp::now();
    let previous = current.as_ref().map(|row| previous(tag, row.number, row.release_digest));
    let release = facts.plan(number, previous, &identifier, &modified)?;
    Ok(Plan { release, number, modified, identifier, items, current, unchanged: false })
}

/// What does not depend on which release it becomes.
struct Facts<'a> {
    tag: &'a Tag,
    metadata: &'a TagMetadata,
    assets: &'a [DescribedAsset],
    items: &'a [ItemRow],
}

impl Facts<'_> {
    fn plan(
        &self,
        number: u64,
        previous: Option<PreviousRelease>,
        identifier: &str,
        modified: &str,
    ) -> Result<PlannedRelease, PublishError> {
        let item_identifiers = self.items.iter().map(|item| (item.path.clone(), item.identifier.clone()));
        Ok(plan_release(&ReleaseInput {
            tag: self.tag.clone(),
            release: number,
            previous,
            identifier: identifier.to_owned(),
            item_identifiers: item_identifiers.collect(),
            modified: modified.to_owned(),
            metadata: self.metadata.clone(),
            assets: self.assets.to_vec(),
        })?)
    }
}

async fn current_release(db: &Database, tag: &Tag) -> Result<(Option<Pointer>, Option<ReleaseRow>), PublishError> {
    let Some(pointer) = db.tag_pointer(tag).await? else { return Ok((None, None)) };
    let row = db.release(tag, pointer.release).await?;
    Ok((Some(pointer), row))
}

/// The lessons with their identifiers.
fn items(metadata: &TagMetadata, assets: &[DescribedAsset], known: &[ItemRow]) -> Result<Vec<ItemRow>, PublishError> {
    let digests: HashMap<&AssetPath, Digest> = assets.iter().map(|asset| (&asset.path, asset.content.digest)).collect();
    let lessons = lesson_paths(metadata, assets)?;
    let lessons: Vec<(AssetPath, Digest)> =
        lessons.into_iter().filter_map(|path| Some((path.clone(), *digests.get(&path)?))).collect();
    let mut identifiers = identifiers::assign(&lessons, known, identifiers::mint);
    let item = |(path, digest): (AssetPath, Digest)| {
        let identifier = identifiers.remove(&path)?;
        Some(ItemRow { identifier, path, digest })
    };
    Ok(lessons.into_iter().filter_map(item).collect())
}

fn previous_of(tag: &Tag, row: &ReleaseRow) -> Option<PreviousRelease> {
    row.previous.map(|before| previous(tag, before.number, before.release_digest))
}

fn previous(tag: &Tag, number: u64, digest: Digest) -> PreviousRelease {
    PreviousRelease { release: number, digest, href: href::release_manifest(tag, number) }
}
