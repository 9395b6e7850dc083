//! A store, a database, and what is in them.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use futures_util::stream;
use sha2::Digest as _;
use stowaway_domain::upload::{Checksum, UploadId, UploadMetadata};
use stowaway_domain::{Digest, StoreKey};
use stowaway_engine::db::Database;
use stowaway_engine::store::{Store, StoreOptions};
use stowaway_engine::uploads::{Append, UploadError, UploadOptions, UploadState, Uploads};
use tempfile::TempDir;

use crate::object_stores::{Kind, ObjectStoreServer};
use crate::scene::{MIB, small_parts};

pub(crate) const OWNER: &str = "the token of a test";

pub(crate) struct Place {
    pub(crate) directory: Arc<TempDir>,
    pub(crate) store: Store,
    pub(crate) db: Database,
    _server: Option<ObjectStoreServer>,
}

impl Place {
    /// A store that is a folder.
    pub(crate) async fn folder(part_bytes: usize) -> Self {
        let directory = TempDir::new().unwrap();
        let store = open_folder(directory.path(), part_bytes);
        Self::with(directory, store, None).await
    }

    /// A store that has multipart uploads, as buckets do.
    pub(crate) async fn memory(part_bytes: usize) -> Self {
        let store = Store::open("memory:///", &parts_of(part_bytes)).unwrap();
        Self::with(TempDir::new().unwrap(), store, None).await
    }

    /// A bucket of a real server, if that is on this machine.
    pub(crate) async fn bucket(kind: Kind) -> Option<Self> {
        let server = ObjectStoreServer::start(kind)?;
        let store = server.store("uploads-of-a-test", StoreOptions { retries: 1, ..parts_of(5 * MIB) });
        Some(Self::with(TempDir::new().unwrap(), store, Some(server)).await)
    }

    async fn with(directory: TempDir, store: Store, server: Option<ObjectStoreServer>) -> Self {
        let db = Database::open(&database_in(directory.path())).await.unwrap();
        Self { directory: Arc::new(directory), store, db, _server: server }
    }

    /// As another replica would open them.
    pub(crate) fn uploads(&self) -> Uploads {
        self.uploads_with(options())
    }

    pub(crate) fn uploads_with(&self, options: UploadOptions) -> Uploads {
        Uploads::new(self.store.clone(), self.db.clone(), options)
    }

    pub(crate) async fn append(
        &self,
        uploads: &Uploads,
        id: &UploadId,
        offset: usize,
        bytes: &[u8],
    ) -> Result<UploadState, UploadError> {
        let append = Append { offset: offset as u64, length: Some(bytes.len() as u64), checksum: None };
        uploads.append(OWNER, id, append, body(bytes)).await
    }

    pub(crate) async fn append_checked(
        &self,
        uploads: &Uploads,
        id: &UploadId,
        offset: usize,
        bytes: &[u8],
        right: bool,
    ) -> Result<UploadState, UploadError> {
        let mut sum = sha2::Sha256::digest(bytes).to_vec();
        sum[0] ^= u8::from(!right);
        let header = format!("sha256 {}", base64::engine::general_purpose::STANDARD.encode(sum));
        let checksum = Some(Checksum::parse(&header).unwrap());
        let append = Append { offset: offset as u64, length: None, checksum };
        uploads.append(OWNER, id, append, body(bytes)).await
    }

    pub(crate) async fn expect_blob(&self, bytes: &[u8]) {
        let stored = self.store.get_bytes(&StoreKey::Blob(Digest::of(bytes)), u64::MAX).await.unwrap();
        assert!(stored == bytes, "{} bytes are stored, not the {} that were sent", stored.len(), bytes.len());
    }

    pub(crate) async fn expect_no_blob(&self, bytes: &[u8]) {
        assert_eq!(self.store.size(&StoreKey::Blob(Digest::of(bytes))).await.unwrap(), None);
    }

    /// Neither a file nor a tail.
    pub(crate) async fn expect_nothing_left(&self, id: &UploadId) {
        assert_eq!(self.store.staged_leftovers(id).await.unwrap(), Vec::<String>::new());
    }
}

/// In chunks that fit no part.
pub(crate) fn body(bytes: &[u8]) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send + use<> {
    let chunk = (bytes.len() / 7).clamp(1, 70_001);
    let chunks: Vec<_> = bytes.chunks(chunk).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    stream::iter(chunks)
}

/// With a lease that a test can wait for.
pub(crate) fn options() -> UploadOptions {
    UploadOptions { lease: Duration::from_millis(400), ..UploadOptions::default() }
}

pub(crate) fn metadata_of(bytes: &[u8]) -> UploadMetadata {
    UploadMetadata::parse(Some(&UploadMetadata::header_of(&Digest::of(bytes)))).unwrap()
}

pub(crate) fn open_folder(directory: &std::path::Path, part_bytes: usize) -> Store {
    Store::open(&format!("file://{}", directory.join("store").display()), &parts_of(part_bytes)).unwrap()
}

pub(crate) fn database_in(directory: &std::path::Path) -> String {
    Database::sqlite_url(&directory.join("stowaway.db")).unwrap()
}

fn parts_of(upload_part_bytes: usize) -> StoreOptions {
    StoreOptions { upload_part_bytes, ..small_parts() }
}
