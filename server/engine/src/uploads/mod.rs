//! Taking bytes over the network, append by append, until a blob is stored: what is acknowledged is durable, and any replica goes on where
//! another one stopped.
//!
//! The store has the bytes (`store/staged.rs`), the database has how far they reach and the state of SHA-256 there
//! (`db/uploads.rs`). One process at a time appends to an upload (`hold.rs`).

mod append;
mod error;
mod fault;
mod finish;
mod hash;
mod hold;
mod sweep;
mod writer;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stowaway_domain::Digest;
use stowaway_domain::upload::{UploadId, UploadMetadata};

use crate::db::{Database, UploadRow};
use crate::store::{StagedObject, Store};

pub use append::Append;
pub use error::UploadError;
pub use fault::{NoUploadFaults, UploadFaultHook, UploadFaultPoint};

use hash::RunningHash;

/// Bounds on uploads.
#[derive(Debug, Clone)]
pub struct UploadOptions {
    /// Most bytes of one upload.
    pub max_bytes: u64,
    /// Most unfinished uploads of one owner.
    pub open_per_owner: u64,
    /// How long an upload stays after its last append, and a finished one until a release names its blob.
    pub expire: Duration,
    /// Most appends at once; each holds two parts in memory.
    pub at_once: usize,
    /// How long a client may send nothing in the middle of an append.
    pub idle: Duration,
    /// How long one who appends may give no sign of life before another takes over.
    pub lease: Duration,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self {
            max_bytes: 64 * 1024 * 1024 * 1024,
            open_per_owner: 1000,
            expire: Duration::from_secs(24 * 3600),
            at_once: 16,
            idle: Duration::from_secs(60),
            lease: Duration::from_secs(3),
        }
    }
}

/// An upload, as its owner may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadState {
    /// Its name.
    pub id: UploadId,
    /// Bytes that are durable.
    pub offset: u64,
    /// Bytes of all.
    pub size: u64,
    /// What they will be.
    pub digest: Digest,
    /// `Upload-Metadata` as it came.
    pub metadata: String,
    /// Milliseconds since 1970.
    pub expires_ms: u64,
    /// Whether the blob is stored.
    pub finished: bool,
}

/// Takes uploads.
#[derive(Clone)]
pub struct Uploads {
    store: Store,
    db: Database,
    options: Arc<UploadOptions>,
    /// Uploads that this process appends to.
    held: Arc<Mutex<HashSet<UploadId>>>,
    slots: Arc<tokio::sync::Semaphore>,
    faults: Arc<dyn UploadFaultHook>,
}

impl Uploads {
    /// Uploads into this store, recorded in this database.
    #[must_use]
    pub fn new(store: Store, db: Database, options: UploadOptions) -> Self {
        let slots = Arc::new(tokio::sync::Semaphore::new(options.at_once.max(1)));
        let (options, faults) = (Arc::new(options), Arc::new(NoUploadFaults));
        Self { store, db, options, held: Arc::default(), slots, faults }
    }

    /// With a hook at every [`UploadFaultPoint`], for tests.
    #[must_use]
    pub fn with_faults(mut self, faults: Arc<dyn UploadFaultHook>) -> Self {
        self.faults = faults;
        self
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// Most bytes of one upload.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        self.options.max_bytes
    }

    /// Begins an upload of `size` bytes for `owner`.
    ///
    /// # Errors
    /// Too large, too many, or the store or database failed.
    #[tracing::instrument(skip_all)]
    pub async fn create(&self, owner: &str, size: u64, metadata: &UploadMetadata) -> Result<UploadState, UploadError> {
        let max_bytes = self.options.max_bytes;
        if size > max_bytes {
            return Err(UploadError::TooLarge { size, max_bytes });
        }
        let id = UploadId::from_random(*uuid::Uuid::new_v4().as_bytes());
        let part_bytes = self.store.staged_part_bytes(size);
        let mut row = UploadRow {
            id,
            owner: owner.to_owned(),
            digest: metadata.digest,
            size,
            metadata: metadata.header.clone(),
            expires_ms: self.expiry_ms(),
            offset: 0,
            tail_bytes: 0,
            part_bytes,
            multipart: String::new(),
            hash_state: RunningHash::new().state(),
            finished: false,
            holder: None,
            beat: 0,
        };
        if self.has_parts(&row) {
            row.multipart = self.store.stage(&staged(&row)).await?;
        }
        self.reached(UploadFaultPoint::Staged)?;
        let added = self.db.insert_upload(&row, self.options.open_per_owner).await;
        if !matches!(added, Ok(true)) {
            self.store.remove_staged(&staged(&row)).await?;
        }
        if !added? {
            return Err(UploadError::TooMany { most: self.options.open_per_owner });
        }
        self.reached(UploadFaultPoint::Created)?;
        // There is no append that would finish an empty one.
        if size == 0 { self.status(owner, &row.id).await } else { Ok(row.into()) }
    }

    /// How far an upload is. One that has all its bytes and was stopped before its end is finished here.
    ///
    /// # Errors
    /// `owner` has no such upload, its bytes were not what was said, or the store or database failed.
    pub async fn status(&self, owner: &str, id: &UploadId) -> Result<UploadState, UploadError> {
        let row = self.find(owner, id).await?;
        if row.finished || row.offset < row.size {
            return Ok(row.into());
        }
        let held = self.hold(owner, id).await?;
        let outcome = self.finish(&held, held.row.clone()).await;
        held.release().await;
        outcome
    }

    /// The upload of a blob by `owner` that is furthest, if there is one that has not expired.
    ///
    /// # Errors
    /// The database failed.
    pub async fn of_blob(&self, owner: &str, blob: &Digest) -> Result<Option<UploadState>, UploadError> {
        let row = self.db.upload_of(owner, blob).await?;
        Ok(row.filter(|row| row.expires_ms > now_ms()).map(UploadState::from))
    }

    /// Ends an upload and removes what it brought. A blob that is stored stays.
    ///
    /// # Errors
    /// `owner` has no such upload, somebody appends to it, or the store or database failed.
    #[tracing::instrument(skip_all)]
    pub async fn remove(&self, owner: &str, id: &UploadId) -> Result<(), UploadError> {
        let held = self.hold(owner, id).await?;
        let outcome = self.forget(&held.row).await;
        held.release().await;
        outcome
    }

    /// The bytes first: while there is a row, somebody knows of them.
    async fn forget(&self, row: &UploadRow) -> Result<(), UploadError> {
        self.store.remove_staged(&staged(row)).await?;
        self.reached(UploadFaultPoint::Removed)?;
        Ok(self.db.delete_upload(&row.id).await?)
    }

    /// That somebody else has it is nobody's business.
    async fn find(&self, owner: &str, id: &UploadId) -> Result<UploadRow, UploadError> {
        let row = self.db.upload(id).await?.filter(|row| row.owner == owner);
        let row = row.ok_or_else(|| UploadError::NotFound { id: id.clone() })?;
        if row.expires_ms <= now_ms() {
            return Err(UploadError::Expired { id: id.clone(), expired_ms: row.expires_ms });
        }
        Ok(row)
    }

    /// Whether its bytes go into the store part by part. What is smaller than a part goes there at once.
    fn has_parts(&self, row: &UploadRow) -> bool {
        self.store.stages_any_length() || row.size > row.part_bytes
    }

    fn expiry_ms(&self) -> u64 {
        now_ms().saturating_add(u64::try_from(self.options.expire.as_millis()).unwrap_or(u64::MAX / 4))
    }

    fn reached(&self, point: UploadFaultPoint) -> Result<(), UploadError> {
        self.faults.reached(point).map_err(UploadError::Fault)
    }
}

fn staged(row: &UploadRow) -> StagedObject {
    StagedObject { upload: row.id.clone(), digest: row.digest, size: row.size, multipart: row.multipart.clone() }
}

fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}

impl From<UploadRow> for UploadState {
    fn from(row: UploadRow) -> Self {
        let UploadRow { id, offset, size, digest, metadata, expires_ms, finished, .. } = row;
        Self { id, offset, size, digest, metadata, expires_ms, finished }
    }
}

impl std::fmt::Debug for Uploads {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Uploads").field("options", &self.options).finish_non_exhaustive()
    }
}
