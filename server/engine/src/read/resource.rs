//! What an address resolves to.

use std::sync::Arc;

use bytes::Bytes;
use stowaway_domain::StoreKey;
use stowaway_domain::bundle::BundleLayout;
use stowaway_domain::range::ByteRange;
use stowaway_domain::representation::Representation;

/// What can be answered for one address, and where its bytes are.
#[derive(Debug)]
pub struct Resource {
    /// Validators, type, size and headers.
    pub representation: Representation,
    /// The bytes.
    pub content: Content,
}

/// Where bytes are.
#[derive(Debug)]
pub enum Content {
    /// In memory: a document.
    Memory(Bytes),
    /// In the store: a blob or a stretch of one.
    Stored {
        /// The object.
        key: StoreKey,
        /// Position in the object of the resource's first byte.
        offset: u64,
    },
    /// Nowhere: records made on the way, and runs of blobs.
    Bundle(Arc<BundleLayout>),
}

impl Resource {
    /// The bytes of `range`, when they are in memory.
    #[must_use]
    pub fn at_hand(&self, range: ByteRange) -> Option<Bytes> {
        match &self.content {
            Content::Memory(bytes) => Some(slice(bytes, range)),
            Content::Stored { .. } | Content::Bundle(_) => None,
        }
    }
}

/// Ranges come from planning with the size of the same bytes; one that does not fit is cut rather than a panic.
pub(super) fn slice(bytes: &Bytes, range: ByteRange) -> Bytes {
    let position = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(position(range.first)..position(range.end()))
}
