//! The links of a manifest: other documents, the reading order and the resources.

use std::collections::HashMap;

use super::blob_names::BlobNames;
use super::input::ReleaseInput;
use super::tag_facts::{positive, seconds, title_of};
use crate::bundle::{self, BundleLayout, entries_of};
use crate::content::DescribedAsset;
use crate::layout::{Entry, LayoutError, Lesson, Module, Outline, Resource, Role, title_from_name};
use crate::manifest::{AssetProperties, Link, MEDIA_TYPE, Manifest};
use crate::{AssetPath, Digest, href, metalink};

/// `self` and, where there is one, `predecessor-version`.
pub(super) fn document_links(input: &ReleaseInput) -> Vec<Link> {
    let mut links = vec![manifest_link("self", href::current_manifest(&input.tag))];
    links.extend(predecessor_link(input));
    links
}

/// The release as one ZIP, with its exact size.
pub(super) fn bundle_link(input: &ReleaseInput, manifest: &Manifest) -> Result<Link, LayoutError> {
    let checksums: HashMap<Digest, u32> =
        input.assets.iter().map(|asset| (asset.content.digest, asset.content.crc32)).collect();
    let layout = entries_of(manifest, None, |digest| checksums.get(digest).copied())
        .and_then(|entries| BundleLayout::plan(&input.tag, entries))
        .map_err(|source| LayoutError::Bundle { source })?;
    Ok(Link {
        rel: Some("alternate".to_owned()),
        href: href::release_bundle(&input.tag, input.release),
        media_type: bundle::MEDIA_TYPE.to_owned(),
        size: Some(layout.total_size()),
        ..Link::default()
    })
}

/// The release as a Metalink. It has no size here: the origin in its addresses is for whoever serves it to say.
pub(super) fn metalink_link(input: &ReleaseInput) -> Link {
    Link {
        rel: Some("alternate".to_owned()),
        href: href::release_metalink(&input.tag, input.release),
        media_type: metalink::MEDIA_TYPE.to_owned(),
        ..Link::default()
    }
}

/// `predecessor-version` (RFC 5829), where there is a release before.
pub(super) fn predecessor_link(input: &ReleaseInput) -> Option<Link> {
    input.previous.as_ref().map(|previous| manifest_link("predecessor-version", previous.href.clone()))
}

fn manifest_link(rel: &str, href: String) -> Link {
    Link { rel: Some(rel.to_owned()), href, media_type: MEDIA_TYPE.to_owned(), ..Link::default() }
}

/// Lessons and, with their lessons as children, modules.
pub(super) fn reading_order<'a>(
    input: &ReleaseInput,
    outline: &Outline<'a>,
    names: &BlobNames<'a>,
) -> Result<Vec<Link>, LayoutError> {
    outline.entries.iter().map(|entry| entry_link(input, names, entry)).collect()
}

fn entry_link<'a>(input: &ReleaseInput, names: &BlobNames<'a>, entry: &Entry<'a>) -> Result<Link, LayoutError> {
    match entry {
        Entry::Lesson(lesson) => lesson_link(input, names, lesson),
        Entry::Module(module) => module_link(input, names, module),
    }
}

/// A module has no document of its own: it is a place in the manifest.
fn module_link<'a>(input: &ReleaseInput, names: &BlobNames<'a>, module: &Module<'a>) -> Result<Link, LayoutError> {
    let fragment: Vec<String> = module.folder.split('/').map(href::encode_segment).collect();
    let children: Result<_, _> = module.entries.iter().map(|entry| entry_link(input, names, entry)).collect();
    Ok(Link {
        href: format!("{}#{}", href::current_manifest(&input.tag), fragment.join("/")),
        media_type: MEDIA_TYPE.to_owned(),
        title: Some(title_from_name(module.name())),
        children: children?,
        ..Link::default()
    })
}

fn lesson_link<'a>(input: &ReleaseInput, names: &BlobNames<'a>, lesson: &Lesson<'a>) -> Result<Link, LayoutError> {
    let path = &lesson.asset.path;
    let identifier = input.item_identifiers.get(path).cloned();
    let identifier = identifier.ok_or_else(|| LayoutError::MissingIdentifier { path: path.clone() })?;
    let mut link = asset_link(names, lesson.asset);
    link.title = Some(title_of(&input.metadata, lesson));
    link.alternate = lesson.alternates.iter().map(|alternate| asset_link(names, alternate)).collect();
    if let Some(properties) = &mut link.properties {
        properties.identifier = Some(identifier);
    }
    Ok(link)
}

/// Everything that is no lesson.
pub(super) fn resources<'a>(input: &ReleaseInput, outline: &Outline<'a>, names: &BlobNames<'a>) -> Vec<Link> {
    outline.resources.iter().map(|resource| resource_link(input, names, resource)).collect()
}

fn resource_link<'a>(input: &ReleaseInput, names: &BlobNames<'a>, resource: &Resource<'a>) -> Link {
    let mut link = asset_link(names, resource.asset);
    link.rel = Some(resource.role.as_str().to_owned());
    link.title = resource_title(input, resource);
    link.language = resource.language.clone().or(link.language);
    if let Some(properties) = &mut link.properties {
        properties.belongs_to = resource.belongs_to.cloned();
    }
    link
}

/// Only attachments are offered to people by name; the others are found by their relation.
fn resource_title(input: &ReleaseInput, resource: &Resource<'_>) -> Option<String> {
    let path: &AssetPath = &resource.asset.path;
    let given = input.metadata.items.get(path).and_then(|item| item.title.clone());
    given.or_else(|| {
        let probed = resource.asset.probe.title.clone();
        let stem = path.file_name().rsplit_once('.').map_or(path.file_name(), |(stem, _)| stem);
        (resource.role == Role::Attachment).then(|| probed.unwrap_or_else(|| title_from_name(stem)))
    })
}

/// What every asset says of itself.
fn asset_link<'a>(names: &BlobNames<'a>, asset: &'a DescribedAsset) -> Link {
    let probe = &asset.probe;
    Link {
        href: names.href(asset),
        media_type: names.media_type(asset).to_owned(),
        size: Some(asset.content.size),
        duration: probe.duration_s.and_then(seconds),
        bitrate: probe.bitrate_kbps.map(f64::round).and_then(positive),
        width: probe.width.filter(|&pixels| pixels > 0),
        height: probe.height.filter(|&pixels| pixels > 0),
        language: probe.language.clone(),
        properties: Some(AssetProperties {
            identifier: None,
            path: asset.path.clone(),
            digest: asset.content.digest,
            pieces: href::blob_pieces(&asset.content.digest),
            belongs_to: None,
        }),
        ..Link::default()
    }
}
