//! Two releases of a tag compared.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use stowaway_domain::Tag;
use stowaway_domain::difference::Difference;
use stowaway_domain::range::ByteRange;

use super::{ReadError, Reader, Resource};

impl Reader {
    /// What is different in release `new` of a tag for who has release `old`.
    ///
    /// # Errors
    /// There is no such release, or database or store failed.
    pub async fn difference(&self, tag: &Tag, old: u64, new: u64) -> Result<Difference, Arc<ReadError>> {
        let (old_manifest, old_pieces) = (self.release_manifest(tag, old).await?, self.release_pieces(tag, old).await?);
        let (new_manifest, new_pieces) = (self.release_manifest(tag, new).await?, self.release_pieces(tag, new).await?);
        let (old_manifest, new_manifest) = (parse(&old_manifest)?, parse(&new_manifest)?);
        Ok(Difference::between((&old_manifest, &parse(&old_pieces)?), (&new_manifest, &parse(&new_pieces)?)))
    }
}

fn parse<T: DeserializeOwned>(resource: &Resource) -> Result<T, Arc<ReadError>> {
    let range = ByteRange::whole(resource.representation.size());
    let bytes = range.and_then(|range| resource.at_hand(range)).unwrap_or_default();
    serde_json::from_slice(&bytes).map_err(|error| {
        let key = format!("the document {}", resource.representation.digest());
        Arc::new(ReadError::Damaged { key, reason: error.to_string() })
    })
}
