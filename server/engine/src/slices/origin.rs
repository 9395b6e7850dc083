//! Where the bytes of what is sliced come from.

use stowaway_domain::StoreKey;

use crate::store::Store;

/// An object of a store.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) store: Store,
    pub(super) key: StoreKey,
}

/// The same, as long as it is only looked at.
#[derive(Clone, Copy)]
pub(super) struct OriginRef<'a> {
    pub(super) store: &'a Store,
    pub(super) key: &'a StoreKey,
}

impl OriginRef<'_> {
    pub(super) fn to_owned(self) -> Origin {
        Origin { store: self.store.clone(), key: self.key.clone() }
    }
}

impl Origin {
    pub(super) const fn by_ref(&self) -> OriginRef<'_> {
        OriginRef { store: &self.store, key: &self.key }
    }
}
