//! Trying a store out at start-up, under a reserved key: a wrong bucket or a missing right shows then, and not in the middle of a publish.

use bytes::Bytes;
use object_store::path::Path as ObjectPath;
use object_store::{Error as BackendError, ObjectStoreExt as _, PutMode, PutOptions, PutPayload};

use super::{Store, StoreError};

const TEXT: &[u8] = b"stowaway was here";

/// What a store can do.
#[derive(Debug)]
pub enum StoreAbilities {
    /// Write, read, read a range, and what is said here.
    Full {
        /// Of two writers of one new key, the second is told so. Nothing here relies on it.
        has_conditional_put: bool,
        /// Why objects cannot be deleted, if they cannot.
        delete_refused: Option<StoreError>,
    },
    /// It refuses to be written to.
    ReadOnly(StoreError),
    /// It does not answer, or answers that it cannot.
    Away(StoreError),
}

impl Store {
    /// Writes, reads, reads a range of, tries to create again, and deletes an object under a reserved key.
    ///
    /// # Errors
    /// There is no such bucket, the credentials are wrong, the clocks are too far apart, or the store gives other bytes than were written:
    /// nothing can be served from it.
    pub async fn probe(&self) -> Result<StoreAbilities, StoreError> {
        let name = format!("probe/{}", uuid::Uuid::now_v7());
        let path = self.path(&name);
        let failed = |operation, source| StoreError::of(operation, name.clone(), source);
        if let Err(error) = self.backend.put(&path, PutPayload::from_static(TEXT)).await {
            return refused_to_write(&name, error);
        }
        let whole = self.backend.get(&path).await.map_err(|error| failed("read", error))?;
        let whole = whole.bytes().await.map_err(|error| failed("read", error))?;
        self.expect(&name, &whole, TEXT)?;
        let range = self.backend.get_range(&path, 4..9).await;
        let range = range.map_err(|error| failed("read a range of", error))?;
        self.expect(&name, &range, &TEXT[4..9])?;
        let has_conditional_put = self.refuses_to_create_again(&path).await;
        let delete_refused = self.backend.delete(&path).await.err().map(|error| failed("delete", error));
        Ok(StoreAbilities::Full { has_conditional_put, delete_refused })
    }

    fn expect(&self, name: &str, read: &Bytes, written: &[u8]) -> Result<(), StoreError> {
        if read == written {
            return Ok(());
        }
        let wrong = std::io::Error::other("the store answered other bytes than were written");
        Err(StoreError::Failed { operation: "read", key: name.to_owned(), source: Box::new(wrong) })
    }

    async fn refuses_to_create_again(&self, path: &ObjectPath) -> bool {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let again = self.backend.put_opts(path, PutPayload::from_static(TEXT), options).await;
        matches!(again, Err(BackendError::AlreadyExists { .. } | BackendError::Precondition { .. }))
    }
}

/// What a store is good for that does not take a small object.
fn refused_to_write(name: &str, error: BackendError) -> Result<StoreAbilities, StoreError> {
    let is_missing = matches!(error, BackendError::NotFound { .. });
    let is_forbidden = matches!(error, BackendError::PermissionDenied { .. } | BackendError::Unauthenticated { .. });
    let may_only_read = is_forbidden || is_refused_by_the_system(&error);
    let refused = StoreError::Failed { operation: "write", key: name.to_owned(), source: Box::new(error) };
    // A fault that the store names is one that no patience mends.
    if is_missing || refused.fault().is_some() {
        return Err(refused);
    }
    Ok(if may_only_read { StoreAbilities::ReadOnly(refused) } else { StoreAbilities::Away(refused) })
}

/// A local folder that may only be read.
fn is_refused_by_the_system(error: &BackendError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return matches!(
                error.kind(),
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem
            );
        }
        cause = error.source();
    }
    false
}
