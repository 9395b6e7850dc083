//! Catalogue pages: built from rows, kept for a moment, and served on from memory when the database is away.

use std::sync::Arc;

use stowaway_domain::Digest;
use stowaway_domain::cache_policy::SurrogateKey;
use stowaway_domain::catalogue::{self, Catalogue, PageRequest};
use stowaway_domain::coding::Coding;
use stowaway_domain::negotiation::Varies;
use stowaway_domain::release::TagSummary;
use stowaway_domain::representation::RepresentationFacts;

use super::{ReadError, Reader, Resource};
use crate::error_chain::ErrorChain;

impl Reader {
    /// One page of the catalogue.
    ///
    /// # Errors
    /// The database failed and the page was not served before.
    pub async fn catalogue_page(&self, request: &PageRequest) -> Result<Arc<Resource>, Arc<ReadError>> {
        let address = request.href();
        if self.outage.is_on()
            && let Some(last) = self.caches.last_pages.get(&address).await
        {
            return Ok(last);
        }
        let load = self.load_page(request, &address);
        let found = match self.watch.version_of_all() {
            Some(version) => self.caches.watched_pages.try_get_with((address.clone(), version), load).await,
            None => self.caches.fresh_pages.try_get_with_by_ref(&address, load).await,
        };
        match found {
            Ok(page) => Ok(page),
            Err(error) => {
                let last = self.caches.last_pages.get(&address).await.ok_or_else(|| Arc::clone(&error))?;
                tracing::warn!(address, error = %ErrorChain(&*error), "serving the last known catalogue");
                Ok(last)
            }
        }
    }

    async fn load_page(&self, request: &PageRequest, address: &str) -> Result<Arc<Resource>, ReadError> {
        let page = self.build_page(request).await?;
        self.caches.last_pages.insert(address.to_owned(), Arc::clone(&page)).await;
        Ok(page)
    }

    async fn build_page(&self, request: &PageRequest) -> Result<Arc<Resource>, ReadError> {
        // One more than asked for tells whether there is a next page.
        let mut rows = self.within(self.database.tags_page(request.after.as_ref(), request.limit + 1)).await?;
        let limit = request.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let summaries: Vec<TagSummary> = rows
            .iter()
            .map(|row| {
                serde_json::from_str(&row.summary).map_err(|error| ReadError::Damaged {
                    key: format!("the summary of {} release {}", row.tag, row.release),
                    reason: error.to_string(),
                })
            })
            .collect::<Result<_, _>>()?;
        let page = Catalogue::page(&self.options.catalogue_title, request, &summaries, more);
        let bytes = bytes::Bytes::from(page.to_bytes());
        let facts = RepresentationFacts {
            digest: Digest::of(&bytes),
            size: bytes.len() as u64,
            media_type: catalogue::MEDIA_TYPE.to_owned(),
            coding: Coding::Identity,
            varies: Varies::ByCoding,
            cache: self.options.pointer_policy,
            // Every page may change with any tag; a key for each tag would not fit into what CDNs take.
            surrogate_keys: vec![SurrogateKey::Catalogue],
            extra: Vec::new(),
        };
        Ok(Arc::new(Resource::made_on_demand(facts, bytes)))
    }
}
