//! Loads the coded forms that were recorded when a document or text was published.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use stowaway_domain::Digest;
use stowaway_domain::negotiation::Varies;
use stowaway_domain::representation::{Representation, RepresentationFacts};

use super::forms::{Forms, form};
use super::{Content, ReadError, Reader, Resource};
use crate::db::VariantRow;
use crate::store::StoreError;

impl Reader {
    /// The recorded forms of a document, in memory like itself. One whose object is gone or damaged is left out: the document
    /// is served without it, and the log names it.
    pub(super) async fn document_forms(&self, facts: &RepresentationFacts) -> Result<Forms, ReadError> {
        if facts.varies == Varies::Never {
            return Ok(Forms::default());
        }
        // While the database is known to be away, nobody waits to find that out again.
        if self.outage.is_on() {
            return Ok(Forms::incomplete());
        }
        let rows = self.within(self.database.variants(&facts.digest)).await?;
        let loads: FuturesOrdered<_> = rows.iter().map(|row| self.load_form(facts, row)).collect();
        let loaded: Vec<Result<Option<Arc<Resource>>, ReadError>> = loads.collect().await;
        let forms: Vec<Option<Arc<Resource>>> = loaded.into_iter().collect::<Result<_, _>>()?;
        Ok(Forms::recorded(forms.into_iter().flatten().collect()))
    }

    /// The recorded forms of a text, which stay in the store like itself.
    pub(super) async fn text_forms(&self, facts: &RepresentationFacts) -> Result<Forms, ReadError> {
        if facts.varies == Varies::Never {
            return Ok(Forms::default());
        }
        let rows = self.within(self.database.variants(&facts.digest)).await?;
        let stored = |row: &VariantRow| {
            let representation = Representation::new(facts.coded(row.coding, row.digest, row.size));
            Arc::new(Resource::new(representation, Content::Stored { key: row.key(), offset: 0 }))
        };
        Ok(Forms::recorded(rows.iter().map(stored).collect()))
    }

    async fn load_form(
        &self,
        facts: &RepresentationFacts,
        row: &VariantRow,
    ) -> Result<Option<Arc<Resource>>, ReadError> {
        let damaged = |reason: String| {
            tracing::error!(key = %row.key(), reason, "a coded form is damaged: its document is served without it");
        };
        match self.store.get_bytes(&row.key(), self.options.document_max_bytes).await {
            Ok(bytes) if Digest::of(&bytes) == row.digest => Ok(Some(form(facts, row.coding, bytes))),
            Ok(bytes) => {
                damaged(format!("its digest is {}", Digest::of(&bytes)));
                Ok(None)
            }
            Err(error @ (StoreError::NotFound { .. } | StoreError::Short { .. } | StoreError::TooLarge { .. })) => {
                damaged(error.to_string());
                Ok(None)
            }
            Err(error) => Err(ReadError::Store(error)),
        }
    }
}
