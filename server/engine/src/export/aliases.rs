//! The addresses that follow a tag's current release, `/tags/{tag}/media/{path}` and `/tags/{tag}/latest.zip`: what lies there has other
//! bytes after the next release, and is the only thing that an export removes.
//!
//! What will be written or removed is noted in the site before the first of it is, and what was when all of it is: an export that is stopped in
//! between leaves nothing behind that the next one does not know of.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use stowaway_domain::manifest::Link;
use stowaway_domain::{Digest, Tag, href};

use super::error::ExportError;
use super::notes::{self, Notes};
use super::plan::{Item, Plan, Stage, What, path_of};
use super::site::Site;
use super::{AT_ONCE, Exporter};
use crate::read::Resource;

/// The aliases of one release, by path.
pub(super) type Aliases = BTreeMap<String, What>;

/// Those of the release with these assets.
pub(super) fn of_release(tag: &Tag, number: u64, assets: &[&Link]) -> Aliases {
    let mut aliases = Aliases::new();
    for link in assets {
        let Some(asset) = &link.properties else { continue };
        let of = path_of(&link.href);
        aliases.insert(notes::media(tag, &asset.path), What::Media { digest: asset.digest, of });
    }
    let of = path_of(&href::release_bundle(tag, number));
    aliases.insert(notes::latest_bundle(tag), What::LatestBundle { tag: tag.clone(), number, of });
    aliases
}

impl Exporter {
    /// Adds what makes `aliases` the aliases of `tag` that the site has.
    pub(super) async fn add_aliases(
        &self,
        site: &Site,
        tag: &Tag,
        aliases: Aliases,
        plan: &mut Plan,
    ) -> Result<(), ExportError> {
        let path = notes::path(tag);
        let before = match site.read(&path, None).await? {
            Some(bytes) => Notes::read(tag, &bytes)?,
            None => Notes::default(),
        };
        let work = aliases.into_iter().map(|(path, what)| self.compared_alias(site, &before, path, what));
        let compared: Vec<(Item, Digest)> = stream::iter(work).buffered(AT_ONCE).try_collect().await?;
        let (mut ahead, mut after) = (before.clone(), Notes::default());
        for (item, digest) in &compared {
            after.0.insert(item.path.clone(), Some(*digest));
            if item.is_missing {
                ahead.0.insert(item.path.clone(), None);
            }
        }
        let is_folder = site.as_folder().is_some();
        if let Some(path) = after.file_and_folder().filter(|_| is_folder) {
            return Err(ExportError::FileAndFolder { path: path.to_owned() });
        }
        let gone: Vec<String> = before.0.keys().filter(|path| !after.0.contains_key(*path)).cloned().collect();
        ahead.0.extend(gone.iter().map(|path| (path.clone(), None)));
        for path in gone {
            let is_in_the_way = is_folder && after.is_in_the_way(&path);
            plan.remove(if is_in_the_way { Stage::InTheWay } else { Stage::Gone }, path);
        }
        plan.stages.entry(Stage::Aliases).or_default().extend(compared.into_iter().map(|(item, _)| item));
        plan.add_notes(path, &before, &ahead, &after);
        Ok(())
    }

    /// What the notes say is there is looked at for its size, as all media is.
    async fn compared_alias(
        &self,
        site: &Site,
        before: &Notes,
        path: String,
        what: What,
    ) -> Result<(Item, Digest), ExportError> {
        let mut item = Item { path, what, size: 0, is_missing: true };
        let resource = self.resource(&item).await?;
        let digest = resource.representation.digest();
        item.size = resource.representation.size();
        if before.0.get(&item.path) == Some(&Some(digest)) {
            item.is_missing = site.size(&item.path).await? != Some(item.size);
        }
        Ok((item, digest))
    }

    /// Adds what takes a tag back that is not offered any more: nothing is left at the addresses that follow its pointer.
    pub(super) async fn add_taken_back(&self, site: &Site, tag: Tag, plan: &mut Plan) -> Result<(), ExportError> {
        let manifest = path_of(&href::current_manifest(&tag));
        if site.size(&manifest).await?.is_some() {
            plan.remove(Stage::Gone, manifest);
        }
        self.add_aliases(site, &tag, Aliases::new(), plan).await?;
        plan.taken_back.push(tag);
        Ok(())
    }
}

impl Plan {
    fn remove(&mut self, stage: Stage, path: String) {
        self.stages.entry(stage).or_default().push(Item { path, what: What::Nothing, size: 0, is_missing: true });
    }

    /// Adds the notes: before anything of what they say, if that changes, and after all of it.
    fn add_notes(&mut self, path: String, before: &Notes, ahead: &Notes, after: &Notes) {
        if after.0.is_empty() {
            if !before.0.is_empty() {
                self.remove(Stage::Noted, path);
            }
            return;
        }
        let is_missing = before != after || ahead != before;
        let mut add = |stage, notes: &Notes| {
            let resource: Resource = notes.to_resource();
            let size = resource.representation.size();
            let item = Item { path: path.clone(), what: What::Made(Arc::new(resource)), size, is_missing };
            self.stages.entry(stage).or_default().push(item);
        };
        if ahead != before {
            add(Stage::Announced, ahead);
        }
        add(Stage::Noted, after);
    }
}
