//! A folder to publish, a store and a database, all in one temporary directory; and what a reader would see of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::Connection as _;
use stowaway_domain::chunk::{ChunkIndex, chunk_length};
use stowaway_domain::manifest::{Link, Manifest};
use stowaway_domain::piece::PieceIndex;
use stowaway_domain::{Digest, StoreKey, Tag};
use stowaway_engine::db::{Database, ReleaseRow};
use stowaway_engine::publish::{NoProgress, PublishError, PublishOptions, Published, Publisher};
use stowaway_engine::store::{Store, StoreOptions};
use tempfile::TempDir;

pub(crate) struct Scene {
    pub(crate) directory: TempDir,
    pub(crate) store: Store,
    pub(crate) db: Database,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::new_in(&std::env::temp_dir()).await
    }

    /// In a temporary directory in this folder.
    pub(crate) async fn new_in(folder: &Path) -> Self {
        let directory = TempDir::new_in(folder).unwrap();
        let (store, db) = open(directory.path()).await;
        fs::create_dir(directory.path().join("folder")).unwrap();
        Self { directory, store, db }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.directory.path().join("folder")
    }

    /// Writes a file into the folder, and the folders it lies in.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let file = self.folder().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }

    pub(crate) fn publisher(&self) -> Publisher {
        Publisher::new(self.store.clone(), self.db.clone(), PublishOptions { workers: 2, uploads: 2 })
    }

    pub(crate) async fn publish(&self) -> Result<Published, PublishError> {
        self.publisher().publish(&self.folder(), &tag(), Arc::new(NoProgress)).await
    }

    /// The number of the current release, after everything that it names was found whole in the store.
    pub(crate) async fn release_that_readers_see(&self) -> Option<u64> {
        let pointer = self.db.tag_pointer(&tag()).await.unwrap()?;
        let row = self.db.release(&tag(), pointer.release).await.unwrap().unwrap();
        assert_eq!(row.manifest_digest, pointer.manifest_digest);
        self.expect_whole(&row).await;
        Some(pointer.release)
    }

    pub(crate) async fn manifest(&self, row: &ReleaseRow) -> Manifest {
        let bytes = self.store.get_bytes(&row.manifest_key(), row.manifest_bytes).await.unwrap();
        assert_eq!(Digest::of(&bytes), row.manifest_digest);
        serde_json::from_slice(&bytes).unwrap()
    }

    pub(crate) async fn current_manifest(&self) -> Manifest {
        let pointer = self.db.tag_pointer(&tag()).await.unwrap().unwrap();
        self.manifest(&self.db.release(&tag(), pointer.release).await.unwrap().unwrap()).await
    }

    /// Reads every document and every byte that the release names, and checks each against its digest.
    pub(crate) async fn expect_whole(&self, row: &ReleaseRow) {
        let manifest = self.manifest(row).await;
        assert_eq!((manifest.download.release, manifest.download.digest), (row.number, row.release_digest));
        let index = self.store.get_bytes(&row.pieces_key(), row.pieces_bytes).await.unwrap();
        assert_eq!(Digest::of(&index), row.pieces_digest);
        let manifest_bytes = self.store.get_bytes(&row.manifest_key(), row.manifest_bytes).await.unwrap();
        for document in [&manifest_bytes, &index] {
            assert_eq!(self.forms_of(document).await.len(), 3);
        }
        let index: PieceIndex = serde_json::from_slice(&index).unwrap();
        let (chunks_key, chunks_digest) = row.chunks_key().unwrap();
        let chunks = self.store.get_bytes(&chunks_key, u64::MAX).await.unwrap();
        assert_eq!(Digest::of(&chunks), chunks_digest);
        let chunks: ChunkIndex = serde_json::from_slice(&chunks).unwrap();
        let links = assets(&manifest);
        assert!(!links.is_empty());
        for link in links {
            let asset = link.properties.as_ref().unwrap();
            let bytes = self.store.get_bytes(&StoreKey::Blob(asset.digest), u64::MAX).await.unwrap();
            assert_eq!((Digest::of(&bytes), Some(bytes.len() as u64)), (asset.digest, link.size), "{}", asset.path);
            let listed = index.blobs.iter().find(|blob| blob.digest == asset.digest).unwrap();
            let own = self.store.get_bytes(&StoreKey::BlobPieces(asset.digest), u64::MAX).await.unwrap();
            assert_eq!(own, PieceIndex::new(vec![listed.clone()]).to_bytes());
            let mut at = 0;
            for piece in &listed.pieces {
                assert_eq!(piece.offset, at);
                at += piece.length;
                let slice = &bytes[piece.offset as usize..at as usize];
                assert_eq!(Digest::of(slice), piece.sha256);
            }
            assert_eq!(at, listed.size);
            let length = chunk_length(listed.size);
            let expected: Vec<Digest> = bytes.chunks(length as usize).map(Digest::of).collect();
            match chunks.find(&asset.digest) {
                Some(found) => assert_eq!((found.length, &found.chunks), (length, &expected)),
                None => assert!(expected.len() < 2, "{} has {} chunks", asset.path, expected.len()),
            }
            assert!(self.db.blob(&asset.digest).await.unwrap().is_some());
        }
    }

    /// As if the releases had been published by a program that knew no coded forms.
    pub(crate) async fn forget_forms(&self) {
        self.execute("DELETE FROM variants").await;
        fs::remove_dir_all(self.directory.path().join("store/variants")).unwrap();
    }

    /// Runs a statement on the database of the scene.
    pub(crate) async fn execute(&self, statement: &'static str) {
        let url = Database::sqlite_url(&self.directory.path().join("stowaway.db")).unwrap();
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Every file below the store's folder, relative to it.
    pub(crate) fn stored_files(&self) -> Vec<String> {
        let root = self.directory.path().join("store");
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push(path.strip_prefix(&root).unwrap().display().to_string());
                }
            }
        }
        found.sort();
        found
    }
}

/// Opens what [`Scene::new`] opened, as another process would.
pub(crate) async fn open(directory: &Path) -> (Store, Database) {
    let store = Store::open(&format!("file://{}", directory.join("store").display()), &small_parts()).unwrap();
    let url = Database::sqlite_url(&directory.join("stowaway.db")).unwrap();
    (store, Database::open(&url).await.unwrap())
}

/// So that files of a few MiB have several parts and chunks.
pub(crate) fn small_parts() -> StoreOptions {
    StoreOptions { upload_part_bytes: 256 * 1024, read_chunk_bytes: 64 * 1024, ..StoreOptions::default() }
}

pub(crate) fn tag() -> Tag {
    "field-recording".parse().unwrap()
}

/// Every link of a manifest that is an asset.
pub(crate) fn assets(manifest: &Manifest) -> Vec<&Link> {
    let mut found = Vec::new();
    let mut links: Vec<&Link> = manifest.reading_order.iter().chain(&manifest.resources).collect();
    while let Some(link) = links.pop() {
        links.extend(link.children.iter().chain(&link.alternate));
        if link.properties.is_some() {
            found.push(link);
        }
    }
    found
}

/// A playable WAV of noise: 8 bit mono at 8 kHz, so that a MiB is about two minutes. Different seeds share no bytes to speak of.
pub(crate) fn wav(bytes: usize, seed: u64) -> Vec<u8> {
    [wav_header(bytes), noise(bytes, seed)].concat()
}

/// The 44 bytes in front of so much sound.
pub(crate) fn wav_header(bytes: usize) -> Vec<u8> {
    let mut file = Vec::with_capacity(44);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&u32::try_from(36 + bytes).unwrap().to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend_from_slice(&8000_u32.to_le_bytes());
    file.extend_from_slice(&8000_u32.to_le_bytes());
    file.extend_from_slice(b"\x01\0\x08\0data");
    file.extend_from_slice(&u32::try_from(bytes).unwrap().to_le_bytes());
    file
}

/// Bytes without pattern, the same for the same seed.
pub(crate) fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut data = Vec::with_capacity(bytes + 8);
    while data.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        data.extend_from_slice(&state.to_le_bytes());
    }
    data.truncate(bytes);
    data
}

pub(crate) const MIB: usize = 1024 * 1024;
