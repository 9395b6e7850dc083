//! A tag may have a quota: what a publish would add is compared with it before anything is uploaded.

use std::collections::HashMap;

use stowaway_domain::{Digest, Tag};

use super::PublishError;
use crate::db::Database;

/// Refuses a release whose blobs, of these `sizes`, do not fit. What the tag has already counts once, and costs nothing again.
pub(super) async fn check(
    db: &Database,
    tag: &Tag,
    configured_bytes: Option<u64>,
    mut sizes: HashMap<Digest, u64>,
) -> Result<(), PublishError> {
    let Some(quota_bytes) = db.tag_limits(tag).await?.quota_bytes.or(configured_bytes).filter(|&bytes| bytes > 0)
    else {
        return Ok(());
    };
    let digests: Vec<Digest> = sizes.keys().copied().collect();
    for known in db.blobs_of_tag(tag, &digests).await? {
        sizes.remove(&known);
    }
    let added_bytes: u64 = sizes.values().sum();
    let stored_bytes = db.tag_use(tag).await?.bytes;
    if added_bytes == 0 || stored_bytes.saturating_add(added_bytes) <= quota_bytes {
        return Ok(());
    }
    Err(PublishError::OverQuota { tag: tag.clone(), quota_bytes, stored_bytes, added_bytes })
}
