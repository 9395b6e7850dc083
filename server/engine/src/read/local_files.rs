//! Files of a local store as connections send them: opened once, shared by all answers, and let go after a while.

use std::fs::File;
use std::sync::{Arc, OnceLock};

use metrics::{Counter, counter};
use stowaway_domain::StoreKey;

use super::{ReadError, Reader};

/// Counters under which reads from open files appear: looked up once, as this is the hot path.
#[derive(Default)]
pub(super) struct LocalReads {
    operations: OnceLock<Counter>,
    bytes: OnceLock<Counter>,
}

impl Reader {
    /// The file of an object of at least `size` bytes; `None` when it is not on this machine.
    ///
    /// # Errors
    /// The file is missing, shorter than it should be, or cannot be opened.
    pub(super) async fn local_file(&self, key: &StoreKey, size: u64) -> Result<Option<Arc<File>>, ReadError> {
        let files = &self.caches.open_files;
        if let Some(held) = files.get(key).await.filter(|held| held.size >= size) {
            self.local_reads.count_operation();
            return Ok(Some(held.file));
        }
        let Some(opened) = self.store.open_file(key, size).await.map_err(ReadError::Store)? else { return Ok(None) };
        files.insert(key.clone(), opened.clone()).await;
        Ok(Some(opened.file))
    }

    /// Counts bytes that were sent from files. Of a local store these are reads from the store; others counted theirs when they
    /// fetched them.
    pub fn count_sent_from_files(&self, bytes: u64) {
        if bytes > 0 && self.store.is_local() {
            self.local_reads.bytes().increment(bytes);
        }
    }

    /// A file gave fewer bytes than it had when it was opened: all are to be opened, and looked at, again.
    pub fn forget_open_files(&self) {
        self.caches.open_files.invalidate_all();
        if let Some(slices) = &self.slices {
            slices.distrust();
        }
    }
}

impl LocalReads {
    /// A held file counts like one that was opened: each answer is one read.
    fn count_operation(&self) {
        let register = || counter!("stowaway_store_operations_total", "operation" => "read", "outcome" => "ok");
        self.operations.get_or_init(register).increment(1);
    }

    /// Only blobs are sent from files, and coded forms of texts, which count as what they are a form of: one kind, one counter.
    fn bytes(&self) -> &Counter {
        let kind = || StoreKey::Blob(stowaway_domain::Digest::from_bytes([0; 32])).kind();
        self.bytes.get_or_init(|| counter!("stowaway_store_read_bytes_total", "kind" => kind()))
    }
}
