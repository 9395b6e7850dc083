//! Objects that come in parts from somewhere that may stop at any time: what arrived stays where any replica finds it, and the object
//! appears when it is whole. A bucket has its own multipart uploads for that; a folder has a file beside its objects.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::multipart::PartId;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStoreExt as _, PutPayload};
use stowaway_domain::upload::UploadId;
use stowaway_domain::{Digest, StoreKey};

use super::{Store, StoreError, staged_file};
use crate::error_chain::ErrorChain;

/// An object that is not whole yet.
#[derive(Debug, Clone)]
pub struct StagedObject {
    /// Which upload brings it.
    pub upload: UploadId,
    /// What its bytes will be.
    pub digest: Digest,
    /// How many there will be.
    pub size: u64,
    /// The store's name of the multipart upload; empty where there is none.
    pub multipart: String,
}

impl StagedObject {
    /// What it becomes.
    #[must_use]
    pub const fn target(&self) -> StoreKey {
        StoreKey::Blob(self.digest)
    }

    fn file(&self) -> StoreKey {
        StoreKey::UploadFile(self.upload.clone())
    }
}

impl Store {
    /// Whether parts of staged objects may have any length, so that no tail has to be kept elsewhere.
    #[must_use]
    pub const fn stages_any_length(&self) -> bool {
        self.is_local()
    }

    /// The size of the parts of an object of `size` bytes.
    #[must_use]
    pub fn staged_part_bytes(&self, size: u64) -> u64 {
        stowaway_domain::upload::part_bytes(self.options.upload_part_bytes as u64, size)
    }

    /// Prepares a store for an object of several parts. Gives the store's name of the multipart upload, empty where there is none.
    ///
    /// # Errors
    /// The store failed, or takes no parts.
    pub async fn stage(&self, staged: &StagedObject) -> Result<String, StoreError> {
        if let Some(path) = self.local_path(&staged.file()) {
            let key = staged.file().to_string();
            let made = staged_file::blocking(move || staged_file::create(&path)).await;
            return Self::count("stage", made.map(|()| String::new()).map_err(|source| failed("stage", key, source)));
        }
        let name = staged.target().to_string();
        let begun = match &self.multipart {
            Some(multipart) => multipart.create_multipart(&self.path(&name)).await,
            None => Err(object_store::Error::NotImplemented {
                operation: "multipart uploads".to_owned(),
                implementer: "this store".to_owned(),
            }),
        };
        Self::count("stage", begun.map_err(|source| StoreError::of("stage", name, source)))
    }

    /// Makes a part durable: the `number`th, which begins at `offset`. Gives the store's name of it. A part that is written again
    /// replaces the one before.
    ///
    /// # Errors
    /// The store failed, or another process writes to the same object.
    pub async fn stage_part(
        &self,
        staged: &StagedObject,
        number: u64,
        offset: u64,
        bytes: Bytes,
    ) -> Result<String, StoreError> {
        if let Some(path) = self.local_path(&staged.file()) {
            let key = staged.file().to_string();
            let written = staged_file::blocking(move || staged_file::write(&path, offset, &bytes)).await;
            return Self::count("stage", written.map(|()| String::new()).map_err(|error| failed("stage", key, error)));
        }
        let name = staged.target().to_string();
        let Some(multipart) = &self.multipart else { return Err(failed_without_parts(name)) };
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let sent =
            multipart.put_part(&self.path(&name), &staged.multipart, number, PutPayload::from_bytes(bytes)).await;
        Self::count("stage", sent.map(|part| part.content_id).map_err(|source| StoreError::of("stage", name, source)))
    }

    /// Makes the object of its parts: durable, then visible. Doing it again after it was done is no error.
    ///
    /// # Errors
    /// The store failed, or the bytes that are there are not those of the digest, in which case no object appears.
    pub async fn finish_staged(&self, staged: &StagedObject, parts: Vec<String>) -> Result<(), StoreError> {
        let name = staged.target().to_string();
        let finished = match (self.local_path(&staged.file()), self.local_path(&staged.target())) {
            (Some(path), Some(target)) => {
                let (digest, size) = (staged.digest, staged.size);
                let published = staged_file::blocking(move || staged_file::publish(&path, &target, digest, size)).await;
                published.map_err(|source| failed("finish", name, source))
            }
            _ => self.complete(staged, parts).await,
        };
        Self::count("stage", finished)
    }

    async fn complete(&self, staged: &StagedObject, parts: Vec<String>) -> Result<(), StoreError> {
        let name = staged.target().to_string();
        let Some(multipart) = &self.multipart else { return Err(failed_without_parts(name)) };
        let parts = parts.into_iter().map(|content_id| PartId { content_id }).collect();
        match multipart.complete_multipart(&self.path(&name), &staged.multipart, parts).await {
            Ok(_) => Ok(()),
            // Done already, by who was stopped before it could say so; or by another upload of the same bytes.
            Err(_) if self.size(&staged.target()).await? == Some(staged.size) => Ok(()),
            Err(source) => Err(StoreError::of("finish", name, source)),
        }
    }

    /// Removes a tail that another one has replaced. That it stays is no harm: it goes with the upload.
    pub async fn remove_tail(&self, key: &StoreKey) {
        let name = key.to_string();
        match self.backend.delete(&self.path(&name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => {
                tracing::warn!(key = name, error = %ErrorChain(&error), "a tail that is no longer needed could not be removed");
            }
        }
    }

    /// What is left of an upload beside its parts: its file, its tails.
    ///
    /// # Errors
    /// The store failed.
    pub async fn staged_leftovers(&self, upload: &UploadId) -> Result<Vec<String>, StoreError> {
        let left = self.left_of(upload).await?;
        Ok(left.iter().map(ToString::to_string).collect())
    }

    async fn left_of(&self, upload: &UploadId) -> Result<Vec<ObjectPath>, StoreError> {
        let folder = format!("uploads/{upload}");
        let left = self.backend.list(Some(&self.path(&folder))).map_ok(|meta| meta.location);
        left.try_collect().await.map_err(|source| StoreError::of("list", folder, source))
    }

    /// Removes what is left of an upload: its file, its tails, and the parts of a multipart upload that was not finished.
    ///
    /// # Errors
    /// The store failed.
    pub async fn remove_staged(&self, staged: &StagedObject) -> Result<(), StoreError> {
        Self::count("stage", self.remove(staged).await)
    }

    async fn remove(&self, staged: &StagedObject) -> Result<(), StoreError> {
        let name = staged.target().to_string();
        if let Some(path) = self.local_path(&staged.file()) {
            let removed = staged_file::blocking(move || staged_file::remove(&path)).await;
            return removed.map_err(|source| failed("remove", staged.file().to_string(), source));
        }
        if let (false, Some(multipart)) = (staged.multipart.is_empty(), &self.multipart) {
            match multipart.abort_multipart(&self.path(&name), &staged.multipart).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                // A multipart upload that is finished or gone is no longer there to be removed; stores say so in many ways.
                Err(error) => {
                    tracing::debug!(key = name, error = %ErrorChain(&error), "a multipart upload could not be removed");
                }
            }
        }
        for location in self.left_of(&staged.upload).await? {
            match self.backend.delete(&location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(source) => return Err(StoreError::of("remove", location.to_string(), source)),
            }
        }
        Ok(())
    }
}

fn failed(operation: &'static str, key: String, source: std::io::Error) -> StoreError {
    StoreError::Failed { operation, key, source: Box::new(source) }
}

fn failed_without_parts(key: String) -> StoreError {
    failed("stage", key, std::io::ErrorKind::Unsupported.into())
}
