//! The manifest: a Readium Web Publication Manifest with a `download` section.
//!
//! Field names are Readium's, W3C's and schema.org's wherever these have one; `download` is Stowaway's own.
//! The bytes are canonical (RFC 8785), so that the same release has the same digest everywhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AssetPath, Digest, Tag};

/// `@context` of every manifest.
pub const CONTEXT: &str = "https://readium.org/webpub-manifest/context.jsonld";
/// Media type of a manifest.
pub const MEDIA_TYPE: &str = "application/webpub+json";

/// The JSON document of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// `https://readium.org/webpub-manifest/context.jsonld`.
    #[serde(rename = "@context")]
    pub context: String,
    /// What the tag is about.
    pub metadata: Metadata,
    /// `self`, `predecessor-version` and, when served, feed, bundle and metalink.
    pub links: Vec<Link>,
    /// Lessons or episodes in order; modules are links with `children`.
    pub reading_order: Vec<Link>,
    /// Captions, chapters, transcripts, posters, the cover and attachments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Link>,
    /// What a downloading client needs.
    pub download: Download,
}

impl Manifest {
    /// The links of all assets in manifest order: lessons with their other forms, then resources.
    #[must_use]
    pub fn asset_links(&self) -> Vec<&Link> {
        let mut links = Vec::new();
        for link in self.reading_order.iter().chain(&self.resources) {
            link.collect_assets(&mut links);
        }
        links
    }
}

/// Facts about the whole tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// A schema.org type: `https://schema.org/Course`, `…/PodcastSeries` or `…/CreativeWork`.
    #[serde(rename = "@type")]
    pub kind: String,
    /// `urn:uuid:…`, minted once for the tag and kept.
    pub identifier: String,
    /// Title for people.
    pub title: String,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// A paragraph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// When the release was made: RFC 3339, UTC, whole seconds.
    pub modified: String,
    /// Seconds, the sum over the reading order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
}

/// A Readium link object: an asset, a module with `children`, or another document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// Root-relative address.
    pub href: String,
    /// Media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Relation: `self`, `cover`, `poster`, `captions`, `chapters`, `transcript`, `attachment` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rel: Option<String>,
    /// Title for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Exact bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// kbit/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate: Option<f64>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The same content in another form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternate: Vec<Link>,
    /// The lessons of a module.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Link>,
    /// Stowaway's own facts about an asset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<AssetProperties>,
}

impl Link {
    /// Itself, if it is an asset, its other forms and its children, depth first.
    fn collect_assets<'a>(&'a self, links: &mut Vec<&'a Self>) {
        if self.properties.is_some() {
            links.push(self);
        }
        for inner in self.alternate.iter().chain(&self.children) {
            inner.collect_assets(links);
        }
    }
}

/// What makes a link an asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssetProperties {
    /// `urn:uuid:…` of a lesson or episode, minted once and kept across renames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Path in the tag.
    pub path: AssetPath,
    /// SHA-256 of the bytes.
    pub digest: Digest,
    /// Address of the piece index of the blob.
    pub pieces: String,
    /// The lesson this resource belongs to.
    #[serde(rename = "for", default, skip_serializing_if = "Option::is_none")]
    pub belongs_to: Option<AssetPath>,
}

/// The `download` section. It is a Readium subcollection, since a manifest may hold nothing else of its own: hence `metadata`
/// and `links`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Download {
    /// Its title, which Readium demands of every subcollection.
    #[serde(default)]
    pub metadata: DownloadMetadata,
    /// `predecessor-version` (RFC 5829), where there is a release before.
    #[serde(default)]
    pub links: Vec<Link>,
    /// The tag.
    pub tag: Tag,
    /// Number of the release, from 1.
    pub release: u64,
    /// The release digest: SHA-256 of the canonical manifest without this field and without every `backgroundFetch.id`.
    pub digest: Digest,
    /// The release before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousRelease>,
    /// What to ask for.
    pub delivery: Delivery,
    /// After this moment (RFC 3339) a client refuses to play what it has stored. Advisory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The release piece index.
    pub pieces: PieceIndexLink,
    /// What can be downloaded; the first is `everything`.
    pub selections: Vec<Selection>,
}

/// What Readium demands of a subcollection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DownloadMetadata {
    /// `Download`.
    pub title: String,
}

impl Default for DownloadMetadata {
    fn default() -> Self {
        Self { title: "Download".to_owned() }
    }
}

/// What a client asks an origin or edge for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// Whole assets.
    Assets,
    /// Runs of pieces.
    Parts,
    /// Single pieces.
    Pieces,
}

/// The release before this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreviousRelease {
    /// Its number.
    pub release: u64,
    /// Its release digest.
    pub digest: Digest,
    /// Address of its manifest.
    pub href: String,
}

/// Where the release piece index is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PieceIndexLink {
    /// Address.
    pub href: String,
    /// Exact bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// A named subset of a release with its exact total.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// `everything`, `audio`, `module-…`.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// The exact sum of the bytes that arrive when every one of `hrefs` is fetched once.
    pub download_total: u64,
    /// The release piece index, then assets in manifest order, each once.
    pub hrefs: Vec<String>,
    /// Ready-made arguments for `BackgroundFetchManager.fetch()`.
    pub background_fetch: BackgroundFetch,
}

/// Arguments for `BackgroundFetchManager.fetch(id, hrefs, options)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackgroundFetch {
    /// `{tag}@{short release digest}`, with `+{selection id}` for selections other than `everything`. Empty while the digest is computed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Title that the browser shows.
    pub title: String,
    /// Icons that the browser shows, in Web App Manifest form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// As in the selection.
    pub download_total: u64,
}

/// An icon in Web App Manifest form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Icon {
    /// Address.
    pub src: String,
    /// `600x600`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizes: Option<String>,
    /// Media type.
    #[serde(rename = "type")]
    pub media_type: String,
}
