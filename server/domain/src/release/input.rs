//! Everything a release is planned from.

use std::collections::BTreeMap;

use crate::content::DescribedAsset;
use crate::manifest::PreviousRelease;
use crate::tag_metadata::TagMetadata;
use crate::{AssetPath, Tag};

/// The input of [`plan_release`](super::plan_release). The order of `assets` does not matter.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseInput {
    /// The tag.
    pub tag: Tag,
    /// Number of the release, from 1.
    pub release: u64,
    /// The release before.
    pub previous: Option<PreviousRelease>,
    /// `urn:uuid:…` of the tag.
    pub identifier: String,
    /// `urn:uuid:…` of every lesson, by path; see [`lesson_paths`](super::lesson_paths). Others are ignored.
    pub item_identifiers: BTreeMap<AssetPath, String>,
    /// RFC 3339, UTC, whole seconds.
    pub modified: String,
    /// What `tag.toml` says.
    pub metadata: TagMetadata,
    /// The files.
    pub assets: Vec<DescribedAsset>,
}
