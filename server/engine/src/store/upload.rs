//! Uploading a file whose digest is known: in parts, checked on the way, visible only when it was right. A store on this machine
//! gets a copy by the kernel instead (`copy_file.rs`).

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use futures_util::stream::FuturesOrdered;
use futures_util::{StreamExt as _, TryFutureExt as _};
use object_store::{MultipartUpload, ObjectStoreExt as _, PutPayload};
use sha2::{Digest as _, Sha256};
use stowaway_domain::{Digest, StoreKey, upload};
use tokio::sync::mpsc;

use super::{Store, StoreError};
use crate::error_chain::ErrorChain;

/// What a file was when it was described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedFile {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub digest: Digest,
}

/// Called with the bytes of each part that arrived. An error stops the upload, and nothing is stored.
pub type OnBytes<'a> = &'a (dyn Fn(u64) -> std::io::Result<()> + Send + Sync);

impl Store {
    /// Uploads the file at `path` as `key`, in bounded memory. The object appears, durable and whole, only when the bytes
    /// that were sent are `expected`.
    ///
    /// # Errors
    /// The file cannot be read, is no longer what it was, the store failed, or `on_bytes` stopped it.
    pub async fn put_file(
        &self,
        key: &StoreKey,
        path: &Path,
        expected: ExpectedFile,
        on_bytes: OnBytes<'_>,
    ) -> Result<(), StoreError> {
        Self::count("upload", self.upload(key, path, expected, on_bytes).await)
    }

    async fn upload(
        &self,
        key: &StoreKey,
        path: &Path,
        expected: ExpectedFile,
        on_bytes: OnBytes<'_>,
    ) -> Result<(), StoreError> {
        let name = key.to_string();
        let failed = |source| StoreError::of("upload", name.clone(), source);
        let part_bytes = part_bytes(self.options.upload_part_bytes, expected.size);
        if let Some(target) = self.local_path(key).filter(|_| expected.size > part_bytes as u64) {
            return self.copy_file(key, path, &target, expected, part_bytes as u64, on_bytes).await;
        }
        let mut parts = read_parts(path.to_owned(), expected, part_bytes);
        if expected.size <= part_bytes as u64 {
            let only = parts.next().await.unwrap_or_default();
            parts.finish().await?;
            on_bytes(expected.size).map_err(|source| StoreError::Stopped { key: name.clone(), source })?;
            let sent = self.backend.put(&self.path(&name), PutPayload::from_bytes(only)).await;
            return sent.map(drop).map_err(failed);
        }
        let mut sending = self.backend.put_multipart(&self.path(&name)).await.map_err(failed)?;
        match self.send_parts(sending.as_mut(), &name, parts, on_bytes).await {
            Ok(()) => sending.complete().await.map(drop).map_err(failed),
            Err(error) => {
                if let Err(abort) = sending.abort().await {
                    tracing::warn!(key = name, error = %ErrorChain(&abort), "the rest of a stopped upload could not be removed");
                }
                Err(error)
            }
        }
    }

    async fn send_parts(
        &self,
        upload: &mut dyn MultipartUpload,
        name: &str,
        mut parts: Parts,
        on_bytes: OnBytes<'_>,
    ) -> Result<(), StoreError> {
        let mut on_their_way = FuturesOrdered::new();
        loop {
            let part = parts.next().await;
            let ended = part.is_none();
            if let Some(part) = part {
                let length = part.len() as u64;
                let sent = upload.put_part(PutPayload::from_bytes(part));
                on_their_way.push_back(sent.map_ok(move |()| length));
            }
            let most = if ended { 0 } else { self.options.upload_parts_in_flight.max(1) - 1 };
            while on_their_way.len() > most {
                let Some(sent) = on_their_way.next().await else { break };
                let length = sent.map_err(|source| StoreError::of("upload", name.to_owned(), source))?;
                on_bytes(length).map_err(|source| StoreError::Stopped { key: name.to_owned(), source })?;
            }
            if ended {
                return parts.finish().await;
            }
        }
    }
}

/// Parts of one size, no more of them than stores take.
fn part_bytes(configured: usize, size: u64) -> usize {
    usize::try_from(upload::part_bytes(configured as u64, size)).unwrap_or(usize::MAX)
}

/// The parts of a file, read and hashed on a blocking thread, one ahead.
struct Parts {
    receiver: mpsc::Receiver<Bytes>,
    reader: tokio::task::JoinHandle<Result<(), StoreError>>,
    path: PathBuf,
}

impl Parts {
    async fn next(&mut self) -> Option<Bytes> {
        self.receiver.recv().await
    }

    /// Whether the whole file was read and was what it was said to be.
    async fn finish(self) -> Result<(), StoreError> {
        drop(self.receiver);
        let path = self.path;
        self.reader.await.unwrap_or_else(|source| Err(StoreError::File { path, source: std::io::Error::other(source) }))
    }
}

fn read_parts(path: PathBuf, expected: ExpectedFile, part_bytes: usize) -> Parts {
    let (sender, receiver) = mpsc::channel(1);
    let named = path.clone();
    let reader = tokio::task::spawn_blocking(move || {
        let unreadable = |source| StoreError::File { path: path.clone(), source };
        let changed = || StoreError::FileChanged { path: path.clone() };
        let mut file = File::open(&path).map_err(unreadable)?;
        let (mut hasher, mut left) = (Sha256::new(), expected.size);
        while left > 0 {
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(part_bytes);
            let mut part = BytesMut::zeroed(length);
            file.read_exact(&mut part).map_err(|source| match source.kind() {
                std::io::ErrorKind::UnexpectedEof => changed(),
                _ => unreadable(source),
            })?;
            hasher.update(&part);
            left -= length as u64;
            if sender.blocking_send(part.freeze()).is_err() {
                return Ok(());
            }
        }
        let ended = file.read(&mut [0; 1]).map_err(unreadable)? == 0;
        let same = Digest::from_bytes(hasher.finalize().into()) == expected.digest;
        if ended && same { Ok(()) } else { Err(changed()) }
    });
    Parts { receiver, reader, path: named }
}
