//! Files of a local store as the connection sends them: opened once, shared by all answers, and let go after a while.

use std::sync::OnceLock;

use metrics::{Counter, counter};

use super::{Content, ReadError, Reader, Resource};
use crate::store::OpenFile;

/// The file that holds a resource's bytes.
pub struct LocalFile {
    /// The open file.
    pub open: OpenFile,
    /// Position in the file of the resource's first byte.
    pub offset: u64,
    read_bytes: Counter,
}

/// Counters under which reads from open files appear: looked up once, as this is the hot path.
#[derive(Default)]
pub(super) struct LocalReads {
    operations: OnceLock<Counter>,
    bytes: OnceLock<Counter>,
}

impl LocalFile {
    /// Counts bytes of the file that have been sent.
    pub fn count_read(&self, bytes: u64) {
        self.read_bytes.increment(bytes);
    }
}

impl Reader {
    /// The file that holds the bytes of `resource`, whole; `None` when they are in memory or not on this machine.
    ///
    /// # Errors
    /// The file is missing, shorter than it should be, or cannot be opened.
    pub async fn local_file(&self, resource: &Resource) -> Result<Option<LocalFile>, ReadError> {
        let Content::Stored { key, offset } = &resource.content else { return Ok(None) };
        let end = offset + resource.representation.size();
        let files = &self.caches.open_files;
        let held = files.get(key).await.filter(|held| held.has(end));
        let open = match held {
            Some(held) => {
                self.local_reads.count_operation();
                held
            }
            None => {
                let Some(opened) = self.store.open_file(key, end).await.map_err(ReadError::Store)? else {
                    return Ok(None);
                };
                files.insert(key.clone(), opened.clone()).await;
                opened
            }
        };
        Ok(Some(LocalFile { open, offset: *offset, read_bytes: self.local_reads.bytes(key.kind()) }))
    }
}

impl LocalReads {
    /// A held file counts like one that was opened: each answer is one read.
    fn count_operation(&self) {
        let register = || counter!("stowaway_store_operations_total", "operation" => "read", "outcome" => "ok");
        self.operations.get_or_init(register).increment(1);
    }

    /// Only blobs are sent from files: one kind, one counter.
    fn bytes(&self, kind: &'static str) -> Counter {
        self.bytes.get_or_init(|| counter!("stowaway_store_read_bytes_total", "kind" => kind)).clone()
    }
}
