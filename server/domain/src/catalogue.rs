//! The catalogue of tags: an OPDS 2.0 feed, one page at a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::manifest::{self, Link, Metadata};
use crate::release::{CoverImage, TagSummary};
use crate::{Digest, Tag, href};

/// Media type of the catalogue.
pub const MEDIA_TYPE: &str = "application/opds+json";
/// Tags on a page where the request does not say.
pub const DEFAULT_LIMIT: u32 = 50;
/// Most tags on a page.
pub const MAX_LIMIT: u32 = 200;
/// OPDS 2.0's relation of what can be had without paying or signing in.
const OPEN_ACCESS: &str = "http://opds-spec.org/acquisition/open-access";

/// One page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Catalogue {
    /// About the catalogue.
    pub metadata: CatalogueMetadata,
    /// `self` and, where there are more tags, `next`.
    pub links: Vec<Link>,
    /// The tags, in order of their names.
    pub publications: Vec<Publication>,
}

/// About the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogueMetadata {
    /// Title for people.
    pub title: String,
}

/// One tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Publication {
    /// As in the manifest.
    pub metadata: Metadata,
    /// `self` and acquisition: the manifest.
    pub links: Vec<Link>,
    /// The cover, if there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<CoverImage>,
    /// What a downloading client wants to know beforehand.
    pub download: DownloadSummary,
}

/// What a downloading client wants to know before it reads the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadSummary {
    /// The tag.
    pub tag: Tag,
    /// Number of the current release.
    pub release: u64,
    /// The release digest.
    pub digest: Digest,
    /// Lessons or episodes.
    pub items: u64,
    /// Bytes of everything.
    pub download_total: u64,
}

/// Which page: what the request asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Only tags after this one.
    pub after: Option<Tag>,
    /// Most tags on the page, 1 to [`MAX_LIMIT`].
    pub limit: u32,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { after: None, limit: DEFAULT_LIMIT }
    }
}

impl PageRequest {
    /// The address of the page: `/tags` for the first of usual length, else with `limit` and, after the first, `after`.
    #[must_use]
    pub fn href(&self) -> String {
        match &self.after {
            Some(after) => format!("/tags?after={after}&limit={}", self.limit),
            None if self.limit == DEFAULT_LIMIT => "/tags".to_owned(),
            None => format!("/tags?limit={}", self.limit),
        }
    }
}

impl Catalogue {
    /// Builds a page from what the database gave for it; `more` says whether there are tags after the last of `summaries`.
    #[must_use]
    pub fn page(title: &str, request: &PageRequest, summaries: &[TagSummary], more: bool) -> Self {
        let link = |rel: &str, href: String| Link {
            rel: Some(rel.to_owned()),
            href,
            media_type: MEDIA_TYPE.to_owned(),
            ..Link::default()
        };
        let mut links = vec![link("self", request.href())];
        if let (true, Some(last)) = (more, summaries.last()) {
            let next = PageRequest { after: Some(last.tag.clone()), limit: request.limit };
            links.push(link("next", next.href()));
        }
        Self {
            metadata: CatalogueMetadata { title: title.to_owned() },
            links,
            publications: summaries.iter().map(Publication::from).collect(),
        }
    }

    /// The canonical bytes (RFC 8785).
    ///
    /// # Panics
    /// Never: the types hold nothing that JSON lacks.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).expect("catalogues are plain JSON")
    }
}

impl From<&TagSummary> for Publication {
    fn from(summary: &TagSummary) -> Self {
        let link = |rel: &str| Link {
            rel: Some(rel.to_owned()),
            href: href::current_manifest(&summary.tag),
            media_type: manifest::MEDIA_TYPE.to_owned(),
            ..Link::default()
        };
        Self {
            metadata: summary.metadata.clone(),
            links: vec![link("self"), link(OPEN_ACCESS)],
            images: summary.cover.iter().cloned().collect(),
            download: DownloadSummary {
                tag: summary.tag.clone(),
                release: summary.release,
                digest: summary.digest,
                items: summary.items,
                download_total: summary.download_total,
            },
        }
    }
}
