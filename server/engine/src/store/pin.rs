//! Adopted objects belong to others: every read of one says which one it means, and looks at which one was given.

use object_store::{Error as BackendError, GetOptions, ObjectMeta};
use stowaway_domain::StoreKey;
use stowaway_domain::store_key::AdoptedObject;

use super::StoreError;

/// Asks for the very object that was adopted; other keys name one object for ever.
pub(super) fn pinned(key: &StoreKey, options: GetOptions) -> GetOptions {
    match key {
        StoreKey::Adopted(object) => GetOptions { if_match: Some(object.etag.clone()), ..options },
        _ => options,
    }
}

/// Is what was given what was adopted? Not every store heeds `If-Match`.
pub(super) fn expect_pinned(key: &StoreKey, given: &ObjectMeta) -> Result<(), StoreError> {
    match key {
        StoreKey::Adopted(object) if !is_same(object, given) => {
            Err(StoreError::ObjectChanged { key: object.path.clone() })
        }
        _ => Ok(()),
    }
}

/// What a failed read of `key` means.
pub(super) fn read_error(key: &StoreKey, source: BackendError) -> StoreError {
    match (key, &source) {
        (StoreKey::Adopted(object), BackendError::Precondition { .. }) => {
            StoreError::ObjectChanged { key: object.path.clone() }
        }
        _ => StoreError::of("read", key.to_string(), source),
    }
}

fn is_same(adopted: &AdoptedObject, given: &ObjectMeta) -> bool {
    given.size == adopted.size && given.e_tag.as_deref() == Some(adopted.etag.as_str())
}
