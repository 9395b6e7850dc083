//! The bytes of one slice as the store gives them, and from where they stopped when the store breaks off.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use stowaway_domain::StoreKey;

use super::origin::Origin;
use crate::error_chain::ErrorChain;
use crate::store::{Fetched, StoreError};

/// How long is waited before a store that broke off is asked for the rest; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// A slice on its way from the store.
pub(super) struct Upstream {
    origin: Origin,
    chunks: BoxStream<'static, Result<Bytes, StoreError>>,
    etag: Option<String>,
    at: u64,
    end: u64,
    first: u64,
    object_bytes: u64,
    resumed: usize,
}

impl Upstream {
    /// Asks for a stretch of an object.
    ///
    /// # Errors
    /// The store failed, or answered about other bytes.
    pub(super) async fn open(origin: Origin, span: Range<u64>) -> Result<Self, StoreError> {
        let opened = origin.store.fetch(&origin.key, span.clone(), None).await?;
        let Fetched { chunks, range, object_bytes, etag } = opened;
        // It may end early, but only where the object does.
        if range.start != span.start || range.end != span.end.min(object_bytes) {
            return Err(other_bytes(&origin.key, "the store answered with another range than it was asked for"));
        }
        let (at, first, end) = (range.start, range.start, range.end);
        Ok(Self { origin, chunks, etag, at, end, first, object_bytes, resumed: 0 })
    }

    /// Bytes of the whole slice: fewer than were asked for where the object ends.
    pub(super) const fn len(&self) -> u64 {
        self.end - self.first
    }

    /// Bytes of the whole object.
    pub(super) const fn object_bytes(&self) -> u64 {
        self.object_bytes
    }

    /// The next bytes; nothing after the last one.
    ///
    /// # Errors
    /// The store failed for good.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        while self.at < self.end {
            match self.chunks.next().await {
                Some(Ok(chunk)) if chunk.is_empty() => {}
                Some(Ok(chunk)) => {
                    self.at += chunk.len() as u64;
                    if self.at > self.end {
                        return Err(other_bytes(&self.origin.key, "the store gave more bytes than it was asked for"));
                    }
                    return Ok(Some(chunk));
                }
                Some(Err(error)) => self.resume(error).await?,
                None => {
                    let (expected_bytes, received_bytes) = (self.len(), self.at - self.first);
                    let key = self.origin.key.to_string();
                    self.resume(StoreError::Short { key, expected_bytes, received_bytes }).await?;
                }
            }
        }
        Ok(None)
    }

    /// Asks for the rest of the very same object.
    async fn resume(&mut self, error: StoreError) -> Result<(), StoreError> {
        if self.resumed == self.origin.store.retries() {
            return Err(error);
        }
        tracing::info!(
            key = %self.origin.key, at = self.at, error = %ErrorChain(&error),
            "the store broke off; asking for the rest"
        );
        tokio::time::sleep(FIRST_PAUSE.saturating_mul(1 << self.resumed.min(6))).await;
        self.resumed += 1;
        let rest = self.origin.store.fetch(&self.origin.key, self.at..self.end, self.etag.as_deref()).await?;
        let is_same =
            rest.range == (self.at..self.end) && rest.object_bytes == self.object_bytes && rest.etag == self.etag;
        if !is_same {
            return Err(other_bytes(&self.origin.key, "the object changed while it was read"));
        }
        self.chunks = rest.chunks;
        Ok(())
    }
}

fn other_bytes(key: &StoreKey, what: &'static str) -> StoreError {
    StoreError::Failed { operation: "read", key: key.to_string(), source: Box::new(std::io::Error::other(what)) }
}
