//! What the catalogue says about a tag; kept with the release so that a page of the catalogue needs no manifest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::blob_names::BlobNames;
use super::input::ReleaseInput;
use crate::layout::Outline;
use crate::manifest::{Manifest, Metadata};
use crate::{Digest, Tag};

/// A tag in a few words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagSummary {
    /// The tag.
    pub tag: Tag,
    /// Number of the release.
    pub release: u64,
    /// The release digest.
    pub digest: Digest,
    /// As in the manifest.
    pub metadata: Metadata,
    /// The cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<CoverImage>,
    /// Lessons or episodes.
    pub items: u64,
    /// Bytes of everything.
    pub download_total: u64,
}

/// A picture, as OPDS 2.0 has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverImage {
    /// Address.
    pub href: String,
    /// Media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// Says about a sealed manifest what the catalogue needs.
pub(super) fn summary<'a>(
    input: &ReleaseInput,
    outline: &Outline<'a>,
    names: &BlobNames<'a>,
    manifest: &Manifest,
) -> TagSummary {
    TagSummary {
        tag: input.tag.clone(),
        release: input.release,
        digest: manifest.download.digest,
        metadata: manifest.metadata.clone(),
        cover: outline.cover().map(|cover| CoverImage {
            href: names.href(cover),
            media_type: names.media_type(cover).to_owned(),
            width: cover.probe.width,
            height: cover.probe.height,
        }),
        items: outline.lessons().count() as u64,
        download_total: manifest.download.selections.first().map_or(0, |everything| everything.download_total),
    }
}
