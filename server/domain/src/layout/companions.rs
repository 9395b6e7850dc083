//! Finds out what the files of one folder are for that are no lessons.

use super::error::LayoutError;
use super::file_name::{qualifiers, stem};
use super::outline::{Lesson, Resource};
use super::role::{Role, of_companion};
use crate::content::DescribedAsset;

/// The stem of the picture of a tag, in the root of its folder.
const COVER_STEM: &str = "cover";

/// Gives every file a role. A file belongs to the lesson with the longest stem that its name begins with.
pub(super) fn companions<'a>(
    lessons: &[Lesson<'a>],
    others: &[&'a DescribedAsset],
) -> Result<Vec<Resource<'a>>, LayoutError> {
    let resources: Vec<Resource<'a>> = others.iter().map(|asset| resource(lessons, asset)).collect();
    for (index, resource) in resources.iter().enumerate() {
        let rival = |other: &&Resource<'a>| {
            (other.role, other.belongs_to, &other.language) == (resource.role, resource.belongs_to, &resource.language)
        };
        if let Some(first) = resources[..index].iter().find(rival).filter(|_| resource.role.is_single()) {
            return Err(LayoutError::TwoForOneRole {
                first: first.asset.path.clone(),
                second: resource.asset.path.clone(),
                role: resource.role.as_str(),
                owner: resource.belongs_to.map_or_else(|| "the tag".to_owned(), ToString::to_string),
            });
        }
    }
    Ok(resources)
}

fn resource<'a>(lessons: &[Lesson<'a>], asset: &'a DescribedAsset) -> Resource<'a> {
    let file_name = asset.path.file_name();
    let owner = lessons
        .iter()
        .filter_map(|lesson| qualifiers(file_name, lesson.stem).map(|qualifiers| (lesson, qualifiers)))
        .max_by_key(|(lesson, _)| lesson.stem.len());
    if let Some((lesson, qualifiers)) = owner {
        let (role, language) = of_companion(&asset.probe.media_type, &qualifiers);
        return Resource { asset, role, language, belongs_to: Some(&lesson.asset.path) };
    }
    let is_cover =
        asset.path.folder().is_none() && asset.probe.is_image() && stem(file_name).eq_ignore_ascii_case(COVER_STEM);
    let role = if is_cover { Role::Cover } else { Role::Attachment };
    Resource { asset, role, language: None, belongs_to: None }
}
