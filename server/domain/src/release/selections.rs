//! What can be downloaded, each with the exact number of bytes that arrive.

use std::collections::HashSet;

use super::blob_names::BlobNames;
use crate::AssetPath;
use crate::content::DescribedAsset;
use crate::layout::{Entry, Lesson, Outline, Role, slug, title_from_name};
use crate::manifest::{BackgroundFetch, Icon, PieceIndexLink, Selection};

/// Id of the selection that is always there.
pub(super) const EVERYTHING: &str = "everything";

/// `everything`, then `audio` where there is a choice, then one a module where there are several.
pub(super) fn selections<'a>(
    tag_title: &str,
    outline: &Outline<'a>,
    names: &BlobNames<'a>,
    pieces: &PieceIndexLink,
) -> Vec<Selection> {
    let maker = Maker { tag_title, outline, names, pieces };
    let mut selections = vec![maker.selection(EVERYTHING.to_owned(), "Everything", outline.assets())];
    selections.extend(maker.audio());
    selections.extend(maker.modules());
    selections
}

struct Maker<'m, 'a> {
    tag_title: &'m str,
    outline: &'m Outline<'a>,
    names: &'m BlobNames<'a>,
    pieces: &'m PieceIndexLink,
}

impl<'a> Maker<'_, 'a> {
    /// One selection of assets in manifest order.
    fn selection(&self, id: String, title: &str, assets: impl Iterator<Item = &'a DescribedAsset>) -> Selection {
        let mut seen = HashSet::new();
        let unique: Vec<_> = assets.filter(|asset| seen.insert(asset.content.digest)).collect();
        let download_total = self.pieces.size + unique.iter().map(|asset| asset.content.size).sum::<u64>();
        let hrefs = std::iter::once(self.pieces.href.clone())
            .chain(unique.into_iter().map(|asset| self.names.href(asset)))
            .collect();
        let background_title =
            if id == EVERYTHING { self.tag_title.to_owned() } else { format!("{}: {title}", self.tag_title) };
        Selection {
            background_fetch: BackgroundFetch {
                id: String::new(),
                title: background_title,
                icons: self.icons(),
                download_total,
            },
            id,
            title: title.to_owned(),
            download_total,
            hrefs,
        }
    }

    /// The sound of every lesson that has any by itself, where there is video to leave out.
    fn audio(&self) -> Option<Selection> {
        let sound = |lesson: &Lesson<'a>| {
            let mut forms = std::iter::once(lesson.asset).chain(lesson.alternates.iter().copied());
            forms.find(|form| form.probe.is_audio())
        };
        let has_video = self.outline.lessons().any(|lesson| lesson.asset.probe.is_video());
        let kept: Vec<_> =
            self.outline.lessons().filter_map(|lesson| sound(lesson).map(|form| (lesson, form))).collect();
        if !has_video || kept.is_empty() {
            return None;
        }
        let lessons: HashSet<&AssetPath> = kept.iter().map(|(lesson, _)| &lesson.asset.path).collect();
        let forms = kept.iter().map(|&(_, form)| form);
        Some(self.selection("audio".to_owned(), "Audio only", forms.chain(self.resources_for(&lessons))))
    }

    /// One a module of the root, where there are several.
    fn modules(&self) -> Vec<Selection> {
        let entries: Vec<&Entry<'a>> =
            self.outline.entries.iter().filter(|entry| matches!(entry, Entry::Module(_))).collect();
        if entries.len() < 2 {
            return Vec::new();
        }
        let mut taken = HashSet::new();
        let numbered = entries.iter().zip(self.outline.modules()).zip(1..);
        numbered
            .map(|((entry, module), number)| {
                let id = unique_id(module.name(), number, &mut taken);
                let lessons: HashSet<&AssetPath> = entry.lessons().map(|lesson| &lesson.asset.path).collect();
                let forms = entry
                    .lessons()
                    .flat_map(|lesson| std::iter::once(lesson.asset).chain(lesson.alternates.iter().copied()));
                self.selection(id, &title_from_name(module.name()), forms.chain(self.resources_for(&lessons)))
            })
            .collect()
    }

    /// The cover, and what belongs to these lessons.
    fn resources_for(&self, lessons: &HashSet<&AssetPath>) -> impl Iterator<Item = &'a DescribedAsset> {
        let wanted = |role: Role, owner: Option<&'a AssetPath>| {
            role == Role::Cover || owner.is_some_and(|lesson| lessons.contains(lesson))
        };
        self.outline
            .resources
            .iter()
            .filter(move |resource| wanted(resource.role, resource.belongs_to))
            .map(|resource| resource.asset)
    }

    fn icons(&self) -> Vec<Icon> {
        let icon = |cover: &'a DescribedAsset| Icon {
            src: self.names.href(cover),
            sizes: cover.probe.width.zip(cover.probe.height).map(|(width, height)| format!("{width}x{height}")),
            media_type: self.names.media_type(cover).to_owned(),
        };
        self.outline.cover().map(icon).into_iter().collect()
    }
}

/// `module-{slug}`; by number where the name has no slug or another module has taken it.
fn unique_id(name: &str, number: usize, taken: &mut HashSet<String>) -> String {
    let slug = slug(name);
    let mut id = if slug.is_empty() { format!("module-{number}") } else { format!("module-{slug}") };
    while !taken.insert(id.clone()) {
        id = format!("{id}-{number}");
    }
    id
}
