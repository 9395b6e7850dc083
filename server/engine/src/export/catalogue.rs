//! The catalogue of a site: one page, as there is nobody to answer for the next one.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use stowaway_domain::catalogue::{Catalogue, MEDIA_TYPE, PageRequest, Publication};
use stowaway_domain::coding::Coding;
use stowaway_domain::negotiation::Varies;
use stowaway_domain::release::TagSummary;
use stowaway_domain::representation::RepresentationFacts;
use stowaway_domain::{Digest, Tag};

use super::error::ExportError;
use crate::db::ReleaseRow;
use crate::read::{Reader, Resource};

/// What the catalogue shows of a release.
pub(super) fn read_summary(row: &ReleaseRow) -> Result<TagSummary, ExportError> {
    serde_json::from_str(&row.summary).map_err(|error| ExportError::Damaged {
        address: format!("the summary of release {} of {}", row.number, row.tag),
        reason: error.to_string(),
    })
}

/// The catalogue with these tags, and with those that the site's own had beside them and that were not taken back.
pub(super) fn merged(
    reader: &Reader,
    path: &str,
    before: Option<&[u8]>,
    summaries: &[TagSummary],
    taken_back: &[Tag],
) -> Result<Arc<Resource>, ExportError> {
    let mut page = Catalogue::page(reader.catalogue_title(), &PageRequest::default(), summaries, false);
    if let Some(before) = before {
        let before: Catalogue = serde_json::from_slice(before).map_err(|error| ExportError::Damaged {
            address: path.to_owned(),
            reason: format!("the site's catalogue cannot be understood ({error}): delete it, or export --all"),
        })?;
        let all = before.publications.into_iter().chain(page.publications);
        let by_tag: BTreeMap<Tag, Publication> =
            all.map(|publication| (publication.download.tag.clone(), publication)).collect();
        let offered = by_tag.into_iter().filter(|(tag, _)| !taken_back.contains(tag));
        page.publications = offered.map(|(_, publication)| publication).collect();
    }
    let bytes = Bytes::from(page.to_bytes());
    let facts = RepresentationFacts {
        digest: Digest::of(&bytes),
        size: bytes.len() as u64,
        media_type: MEDIA_TYPE.to_owned(),
        coding: Coding::Identity,
        varies: Varies::Never,
        cache: reader.pointer_policy(),
        surrogate_keys: Vec::new(),
        extra: Vec::new(),
    };
    Ok(Arc::new(Resource::made_on_demand(facts, bytes)))
}
