//! An object as a file for parsers on a blocking thread: read and seek, in blocks, in bounded memory.

use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use stowaway_domain::StoreKey;
use stowaway_domain::range::ByteRange;
use tokio::runtime::Handle;

use super::{Store, StoreError};

/// Blocks in memory at once: parsers go back and forth between an index and what it points at.
const BLOCKS_KEPT: usize = 3;

/// Reads an object block by block. Only for blocking threads: it waits for the store.
pub struct ObjectReader {
    store: Store,
    key: StoreKey,
    size: u64,
    position: u64,
    block_bytes: u64,
    /// By their number, the latest last.
    blocks: VecDeque<(u64, Bytes)>,
    runtime: Handle,
}

impl Store {
    /// A reader of the object `key` of `size` bytes. Must be called within a runtime, and used on a blocking thread of it.
    #[must_use]
    pub fn reader(&self, key: StoreKey, size: u64, block_bytes: u64) -> ObjectReader {
        let (store, runtime) = (self.clone(), Handle::current());
        let block_bytes = block_bytes.max(1);
        ObjectReader { store, key, size, position: 0, block_bytes, blocks: VecDeque::new(), runtime }
    }
}

impl ObjectReader {
    fn block(&mut self, number: u64) -> Result<Bytes> {
        if let Some((_, block)) = self.blocks.iter().find(|(known, _)| *known == number) {
            return Ok(block.clone());
        }
        let first = number * self.block_bytes;
        let range = ByteRange { first, last: (first + self.block_bytes).min(self.size) - 1 };
        let block = self.runtime.block_on(fetch(&self.store, &self.key, range)).map_err(Error::other)?;
        if self.blocks.len() == BLOCKS_KEPT {
            self.blocks.pop_front();
        }
        self.blocks.push_back((number, block.clone()));
        Ok(block)
    }
}

async fn fetch(store: &Store, key: &StoreKey, range: ByteRange) -> std::result::Result<Bytes, StoreError> {
    let chunks = store.read(key, range).await?;
    let gather = |mut block: BytesMut, chunk: Bytes| async move {
        block.extend_from_slice(&chunk);
        Ok(block)
    };
    Ok(chunks.try_fold(BytesMut::new(), gather).await?.freeze())
}

impl Read for ObjectReader {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        if self.position >= self.size || into.is_empty() {
            return Ok(0);
        }
        let block = self.block(self.position / self.block_bytes)?;
        let offset = usize::try_from(self.position % self.block_bytes).unwrap_or(usize::MAX);
        let rest = block.get(offset..).unwrap_or_default();
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        self.position += length as u64;
        Ok(length)
    }
}

impl Seek for ObjectReader {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

impl std::fmt::Debug for ObjectReader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ObjectReader").field("key", &self.key).field("size", &self.size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreOptions;

    #[tokio::test]
    async fn it_reads_and_seeks_like_a_file() {
        let store = Store::open("memory:///", &StoreOptions::default()).unwrap();
        let bytes: Vec<u8> = (0..=255).collect();
        let key = StoreKey::Blob(stowaway_domain::Digest::of(&bytes));
        store.put_bytes(&key, Bytes::from(bytes.clone())).await.unwrap();
        let mut reader = store.reader(key, 256, 10);
        let read = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            reader.read_to_end(&mut all).unwrap();
            let mut at = |to| {
                let position = reader.seek(to).unwrap();
                let mut two = [0; 2];
                reader.read_exact(&mut two).map(|()| (position, two))
            };
            assert_eq!(at(SeekFrom::Start(9)).unwrap(), (9, [9, 10]));
            assert_eq!(at(SeekFrom::Current(-3)).unwrap(), (8, [8, 9]));
            assert_eq!(at(SeekFrom::End(-2)).unwrap(), (254, [254, 255]));
            assert_eq!(at(SeekFrom::End(-1)).unwrap_err().kind(), ErrorKind::UnexpectedEof);
            assert_eq!(reader.seek(SeekFrom::Current(-1000)).unwrap_err().kind(), ErrorKind::InvalidInput);
            all
        });
        assert_eq!(read.await.unwrap(), bytes);
    }
}
