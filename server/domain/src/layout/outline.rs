//! The outline of a tag: modules, lessons and what belongs to them, found by the folder rules.

use std::collections::{BTreeMap, BTreeSet};

use super::companions::companions;
use super::error::LayoutError;
use super::lessons::lessons;
use super::natural_order::natural_order;
use super::role::Role;
use super::tree::tree;
use crate::AssetPath;
use crate::content::DescribedAsset;
use crate::tag_metadata::TagMetadata;

/// A tag, laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline<'a> {
    /// Lessons and modules of the root, in order.
    pub entries: Vec<Entry<'a>>,
    /// The cover first, then what belongs to lessons in the order of these, then attachments of the tag by path.
    pub resources: Vec<Resource<'a>>,
}

/// A place in the order.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry<'a> {
    /// A lesson or episode.
    Lesson(Lesson<'a>),
    /// A subfolder with lessons in it or below.
    Module(Module<'a>),
}

/// A lesson in one or more forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson<'a> {
    /// What its files' names begin with.
    pub stem: &'a str,
    /// The form to play.
    pub asset: &'a DescribedAsset,
    /// Other forms, the best first.
    pub alternates: Vec<&'a DescribedAsset>,
}

/// A subfolder.
#[derive(Debug, Clone, PartialEq)]
pub struct Module<'a> {
    /// Its path in the tag.
    pub folder: &'a str,
    /// Lessons and modules, in order.
    pub entries: Vec<Entry<'a>>,
}

impl Module<'_> {
    /// The last segment of its path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.folder.rsplit_once('/').map_or(self.folder, |(_, name)| name)
    }
}

/// A file that is no lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource<'a> {
    /// The file.
    pub asset: &'a DescribedAsset,
    /// What it is for.
    pub role: Role,
    /// BCP 47, from its name.
    pub language: Option<String>,
    /// The path of the lesson it is for; nothing where it is for the tag.
    pub belongs_to: Option<&'a AssetPath>,
}

/// Lays a folder out. The order of `assets` does not matter.
///
/// # Errors
/// A folder that breaks the rules; the error names the files.
pub fn outline<'a>(metadata: &TagMetadata, assets: &'a [DescribedAsset]) -> Result<Outline<'a>, LayoutError> {
    if assets.is_empty() {
        return Err(LayoutError::Empty);
    }
    let sorted = sorted(assets)?;
    let paths: BTreeSet<&AssetPath> = assets.iter().map(|asset| &asset.path).collect();
    if let Some(path) = metadata.items.keys().find(|path| !paths.contains(path)) {
        return Err(LayoutError::UnknownItem { path: path.clone() });
    }
    let mut folders: BTreeMap<&str, Vec<&DescribedAsset>> = BTreeMap::new();
    for asset in sorted {
        folders.entry(asset.path.folder().unwrap_or("")).or_default().push(asset);
    }
    let (mut lessons_of, mut resources) = (BTreeMap::new(), Vec::new());
    for (folder, files) in folders {
        let is_lesson = |asset: &&DescribedAsset| asset.probe.is_video() || asset.probe.is_audio();
        let (media, others): (Vec<_>, Vec<_>) = files.into_iter().partition(is_lesson);
        let lessons = lessons(&media)?;
        resources.extend(companions(&lessons, &others)?);
        if !lessons.is_empty() {
            lessons_of.insert(folder, lessons);
        }
    }
    if lessons_of.is_empty() {
        return Err(LayoutError::NoLessons { files: assets.len() });
    }
    let mut outline = Outline { entries: tree(lessons_of), resources: Vec::new() };
    outline.resources = in_order(&outline, resources);
    Ok(outline)
}

/// By path, each once.
fn sorted(assets: &[DescribedAsset]) -> Result<Vec<&DescribedAsset>, LayoutError> {
    let mut sorted: Vec<&DescribedAsset> = assets.iter().collect();
    sorted.sort_by(|one, other| natural_order(one.path.as_str(), other.path.as_str()));
    match sorted.windows(2).find(|pair| pair[0].path == pair[1].path) {
        Some(pair) => Err(LayoutError::PathTwice { path: pair[0].path.clone() }),
        None => Ok(sorted),
    }
}

/// The cover, then by lesson, then the rest; within each as they come.
fn in_order<'a>(outline: &Outline<'a>, mut resources: Vec<Resource<'a>>) -> Vec<Resource<'a>> {
    let places: BTreeMap<&AssetPath, usize> =
        outline.lessons().enumerate().map(|(place, lesson)| (&lesson.asset.path, place)).collect();
    resources.sort_by_key(|resource| match (resource.role, resource.belongs_to) {
        (Role::Cover, _) => (0, 0),
        (_, Some(lesson)) => (1, places.get(lesson).copied().unwrap_or(usize::MAX)),
        (_, None) => (2, 0),
    });
    resources
}

impl<'a> Outline<'a> {
    /// Every lesson, in order.
    pub fn lessons(&self) -> impl Iterator<Item = &Lesson<'a>> {
        self.entries.iter().flat_map(Entry::lessons)
    }

    /// Every asset in manifest order: each lesson followed by its alternates, then the resources.
    pub fn assets(&self) -> impl Iterator<Item = &'a DescribedAsset> {
        self.lessons()
            .flat_map(|lesson| std::iter::once(lesson.asset).chain(lesson.alternates.iter().copied()))
            .chain(self.resources.iter().map(|resource| resource.asset))
    }

    /// The cover, if there is one.
    #[must_use]
    pub fn cover(&self) -> Option<&'a DescribedAsset> {
        self.resources.iter().find(|resource| resource.role == Role::Cover).map(|resource| resource.asset)
    }

    /// The modules of the root, in order.
    pub fn modules(&self) -> impl Iterator<Item = &Module<'a>> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Module(module) => Some(module),
            Entry::Lesson(_) => None,
        })
    }
}

impl<'a> Entry<'a> {
    /// Every lesson in it or below, in order.
    pub fn lessons(&self) -> Box<dyn Iterator<Item = &Lesson<'a>> + '_> {
        match self {
            Self::Lesson(lesson) => Box::new(std::iter::once(lesson)),
            Self::Module(module) => Box::new(module.entries.iter().flat_map(Entry::lessons)),
        }
    }
}
