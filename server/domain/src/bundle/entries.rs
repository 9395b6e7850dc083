//! Which files a bundle of a release or a selection has: its assets, in manifest order.

use std::collections::HashSet;

use super::error::BundleError;
use crate::manifest::{Link, Manifest};
use crate::{AssetPath, Digest};

/// A file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleEntry {
    /// Path below the root folder.
    pub path: AssetPath,
    /// The bytes.
    pub digest: Digest,
    /// How many.
    pub size: u64,
    /// CRC-32 (IEEE) of the bytes, as recorded when they were published.
    pub crc32: u32,
}

/// The files of a release, or of the selection with that id.
///
/// `crc32_of` looks up what was recorded about a blob. Files with the same bytes are each there: unpacking gives the folder.
///
/// # Errors
/// No such selection, or a blob about which nothing is recorded.
pub fn entries_of(
    manifest: &Manifest,
    selection: Option<&str>,
    crc32_of: impl Fn(&Digest) -> Option<u32>,
) -> Result<Vec<BundleEntry>, BundleError> {
    let hrefs = selection.map(|id| hrefs_of(manifest, id)).transpose()?;
    let wanted = |link: &&Link| hrefs.as_ref().is_none_or(|hrefs| hrefs.contains(link.href.as_str()));
    manifest.asset_links().into_iter().filter(wanted).filter_map(|link| entry_of(link, &crc32_of).transpose()).collect()
}

fn hrefs_of<'a>(manifest: &'a Manifest, id: &str) -> Result<HashSet<&'a str>, BundleError> {
    let selection = manifest.download.selections.iter().find(|selection| selection.id == id);
    let selection = selection.ok_or_else(|| BundleError::NoSuchSelection { id: id.to_owned() })?;
    Ok(selection.hrefs.iter().map(String::as_str).collect())
}

/// The file of a link; nothing where it has no size, as only documents are.
fn entry_of(link: &Link, crc32_of: &impl Fn(&Digest) -> Option<u32>) -> Result<Option<BundleEntry>, BundleError> {
    let (Some(properties), Some(size)) = (&link.properties, link.size) else { return Ok(None) };
    let digest = properties.digest;
    let crc32 = crc32_of(&digest).ok_or(BundleError::NoChecksum { digest })?;
    Ok(Some(BundleEntry { path: properties.path.clone(), digest, size, crc32 }))
}
