//! The bytes of one slice as the store gives them: in batches, and from where they stopped when the store breaks off.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use stowaway_domain::StoreKey;

use crate::store::{Fetched, Store, StoreError};

/// About how many bytes one batch has when the store is faster than the disk.
const BATCH_BYTES: usize = 512 * 1024;
/// How long is waited before a store that broke off is asked for the rest; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// A slice on its way from the store.
pub(super) struct Upstream {
    store: Store,
    key: StoreKey,
    chunks: BoxStream<'static, Result<Bytes, StoreError>>,
    etag: Option<String>,
    at: u64,
    end: u64,
    first: u64,
    object_bytes: u64,
    resumed: usize,
    broke_off: Option<StoreError>,
}

impl Upstream {
    /// Asks for a stretch of an object.
    ///
    /// # Errors
    /// The store failed, or answered about other bytes.
    pub(super) async fn open(store: &Store, key: StoreKey, span: Range<u64>) -> Result<Self, StoreError> {
        let Fetched { chunks, range, object_bytes, etag } = store.fetch(&key, span.clone(), None).await?;
        // It may end early, but only where the object does.
        if range.start != span.start || range.end != span.end.min(object_bytes) {
            return Err(other_bytes(&key, "the store answered with another range than it was asked for"));
        }
        let (at, first, end) = (range.start, range.start, range.end);
        Ok(Self { store: store.clone(), key, chunks, etag, at, end, first, object_bytes, resumed: 0, broke_off: None })
    }

    /// Bytes of the whole slice: fewer than were asked for where the object ends.
    pub(super) const fn len(&self) -> u64 {
        self.end - self.first
    }

    /// Bytes of the whole object.
    pub(super) const fn object_bytes(&self) -> u64 {
        self.object_bytes
    }

    /// What comes next: all that is there at once, up to a bound; nothing after the last byte.
    ///
    /// # Errors
    /// The store failed for good.
    pub(super) async fn next(&mut self) -> Result<Vec<Bytes>, StoreError> {
        let mut batch = Vec::new();
        while batch.is_empty() && self.at < self.end {
            if let Some(error) = self.broke_off.take() {
                self.resume(error).await?;
            }
            let chunk = self.chunks.next().await;
            self.take(chunk, &mut batch)?;
            let mut bytes = batch.iter().map(Bytes::len).sum::<usize>();
            while self.broke_off.is_none() && self.at < self.end && bytes < BATCH_BYTES {
                let Some(chunk) = self.chunks.next().now_or_never() else { break };
                bytes += chunk.as_ref().map_or(0, |chunk| chunk.as_ref().map_or(0, Bytes::len));
                self.take(chunk, &mut batch)?;
            }
        }
        Ok(batch)
    }

    fn take(&mut self, chunk: Option<Result<Bytes, StoreError>>, batch: &mut Vec<Bytes>) -> Result<(), StoreError> {
        match chunk {
            Some(Ok(chunk)) => {
                self.at += chunk.len() as u64;
                if self.at > self.end {
                    return Err(other_bytes(&self.key, "the store gave more bytes than it was asked for"));
                }
                batch.push(chunk);
            }
            Some(Err(error)) => self.broke_off = Some(error),
            None => {
                let (expected_bytes, received_bytes) = (self.len(), self.at - self.first);
                self.broke_off = Some(StoreError::Short { key: self.key.to_string(), expected_bytes, received_bytes });
            }
        }
        Ok(())
    }

    /// Asks for the rest of the very same object.
    async fn resume(&mut self, error: StoreError) -> Result<(), StoreError> {
        if self.resumed == self.store.retries() {
            return Err(error);
        }
        tracing::info!(
            key = %self.key, at = self.at, error = &error as &dyn std::error::Error,
            "the store broke off; asking for the rest"
        );
        tokio::time::sleep(FIRST_PAUSE.saturating_mul(1 << self.resumed.min(6))).await;
        self.resumed += 1;
        let rest = self.store.fetch(&self.key, self.at..self.end, self.etag.as_deref()).await?;
        let is_same =
            rest.range == (self.at..self.end) && rest.object_bytes == self.object_bytes && rest.etag == self.etag;
        if !is_same {
            return Err(other_bytes(&self.key, "the object changed while it was read"));
        }
        self.chunks = rest.chunks;
        Ok(())
    }
}

fn other_bytes(key: &StoreKey, what: &'static str) -> StoreError {
    StoreError::Failed { operation: "read", key: key.to_string(), source: Box::new(std::io::Error::other(what)) }
}
