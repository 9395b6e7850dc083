//! Turns bytes as they come into parts of one size in the store, and what does not fill a part into a tail.

use bytes::{Bytes, BytesMut};
use stowaway_domain::StoreKey;
use stowaway_domain::upload::AppendRefusal;

use super::hash::RunningHash;
use super::hold::Held;
use super::{UploadError, UploadFaultPoint, Uploads, staged};
use crate::db::{AppendedRow, UploadRow};

/// Writes to one held upload. At most a part and a chunk are in memory.
pub(super) struct Writer<'a> {
    uploads: &'a Uploads,
    held: &'a Held,
    /// As it is recorded.
    row: UploadRow,
    hash: RunningHash,
    /// Bytes behind the last part.
    buffer: BytesMut,
    /// Where the buffer begins in the upload.
    buffer_start: u64,
    /// Parts that are recorded only with the rest: nothing counts before its checksum does.
    parts: Vec<(u64, String)>,
    is_all_or_nothing: bool,
}

impl<'a> Writer<'a> {
    /// Goes on where the upload was left.
    pub(super) async fn resume(
        uploads: &'a Uploads,
        held: &'a Held,
        is_all_or_nothing: bool,
    ) -> Result<Self, UploadError> {
        let row = held.row.clone();
        let hash = RunningHash::from_state(&row.hash_state)?;
        let tail = uploads.tail(&row).await?;
        let buffer_start = row.offset - tail.len() as u64;
        let buffer = BytesMut::from(tail);
        Ok(Self { uploads, held, row, hash, buffer, buffer_start, parts: Vec::new(), is_all_or_nothing })
    }

    /// Takes bytes. Those of a part are durable and recorded when this returns.
    pub(super) async fn write(&mut self, mut chunk: Bytes) -> Result<(), UploadError> {
        let end_bytes = self.end() + chunk.len() as u64;
        if end_bytes > self.row.size {
            return Err(AppendRefusal::PastEnd { size_bytes: self.row.size, end_bytes }.into());
        }
        let part_bytes = usize::try_from(self.row.part_bytes).unwrap_or(usize::MAX);
        while !chunk.is_empty() {
            // Up to the end of a part and no further: the hash must stand where the part ends.
            let room = part_bytes.saturating_sub(self.buffer.len()).max(1);
            let taken = chunk.split_to(chunk.len().min(room));
            self.hash.update(&taken);
            self.buffer.extend_from_slice(&taken);
            if self.buffer.len() >= part_bytes && self.uploads.has_parts(&self.row) {
                self.store_part().await?;
                if !self.is_all_or_nothing {
                    self.record(0).await?;
                }
            }
        }
        Ok(())
    }

    /// Makes the rest durable and records all. Gives the upload as it is recorded then.
    pub(super) async fn record_rest(mut self) -> Result<UploadRow, UploadError> {
        let tail_before = (self.row.tail_bytes > 0).then(|| tail_key(&self.row));
        if self.end() == self.row.offset {
            return Ok(self.row);
        }
        let is_last = self.end() == self.row.size;
        let fills_a_part = self.uploads.store.stages_any_length() || (is_last && self.uploads.has_parts(&self.row));
        if fills_a_part && !self.buffer.is_empty() {
            self.store_part().await?;
        }
        let tail_bytes = self.buffer.len() as u64;
        if tail_bytes > 0 {
            let key = StoreKey::UploadTail(self.row.id.clone(), self.end());
            self.uploads.store.put_bytes(&key, self.buffer.split().freeze()).await?;
            self.buffer_start += tail_bytes;
            self.uploads.reached(UploadFaultPoint::TailStored)?;
        }
        self.record(tail_bytes).await?;
        if let Some(key) = tail_before {
            self.uploads.store.remove_tail(&key).await;
        }
        Ok(self.row)
    }

    async fn store_part(&mut self) -> Result<(), UploadError> {
        let bytes = self.buffer.split().freeze();
        let (number, length) = (self.buffer_start / self.row.part_bytes, bytes.len() as u64);
        let staged = staged(&self.row);
        let content_id = self.uploads.store.stage_part(&staged, number, self.buffer_start, bytes).await?;
        // A folder's file has no parts.
        if !content_id.is_empty() {
            self.parts.push((number, content_id));
        }
        self.buffer_start += length;
        self.uploads.reached(UploadFaultPoint::PartStored)
    }

    /// Records everything up to the buffer, which is empty.
    async fn record(&mut self, tail_bytes: u64) -> Result<(), UploadError> {
        let (offset, hash_state, expires_ms) = (self.buffer_start, self.hash.state(), self.uploads.expiry_ms());
        let parts = std::mem::take(&mut self.parts);
        let appended = AppendedRow { offset, tail_bytes, hash_state: &hash_state, parts: &parts, expires_ms };
        if !self.uploads.db.record_append(&self.row.id, &self.held.holder, &appended).await? {
            return Err(UploadError::Busy { id: self.row.id.clone() });
        }
        (self.row.offset, self.row.tail_bytes) = (offset, tail_bytes);
        (self.row.hash_state, self.row.expires_ms) = (hash_state, expires_ms);
        Ok(())
    }

    fn end(&self) -> u64 {
        self.buffer_start + self.buffer.len() as u64
    }
}

impl Uploads {
    /// The bytes behind the last part, of which the store keeps a copy.
    pub(super) async fn tail(&self, row: &UploadRow) -> Result<Bytes, UploadError> {
        if row.tail_bytes == 0 {
            return Ok(Bytes::new());
        }
        let tail = self.store.get_bytes(&tail_key(row), row.tail_bytes).await?;
        if tail.len() as u64 == row.tail_bytes {
            return Ok(tail);
        }
        Err(UploadError::Damaged { what: "the store has not all of its bytes" })
    }
}

fn tail_key(row: &UploadRow) -> StoreKey {
    StoreKey::UploadTail(row.id.clone(), row.offset)
}
