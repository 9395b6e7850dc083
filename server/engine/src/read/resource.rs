//! What an address resolves to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use stowaway_domain::StoreKey;
use stowaway_domain::range::ByteRange;
use stowaway_domain::representation::Representation;

use super::bundles::PlannedBundle;
use super::forms::Forms;

/// What can be answered for one address, and where its bytes are.
#[derive(Debug)]
pub struct Resource {
    /// Validators, type, size and headers.
    pub representation: Representation,
    /// The bytes.
    pub content: Content,
    /// Its other forms.
    pub(super) forms: Forms,
    /// For documents: has one been answered from memory?
    pub(super) answered: AtomicBool,
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
    Bundle(Arc<PlannedBundle>),
}

impl Resource {
    /// A resource in one form.
    #[must_use]
    pub fn new(representation: Representation, content: Content) -> Self {
        Self { representation, content, forms: Forms::default(), answered: AtomicBool::new(false) }
    }

    /// Bytes in memory, headers not counted.
    pub(super) fn memory_bytes(&self) -> u64 {
        let own = match &self.content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::Stored { .. } | Content::Bundle(_) => 0,
        };
        own + self.forms.memory_bytes()
    }

    /// `Cache-Status` (RFC 9211) of an answer from this resource: the first after it was loaded into memory, or a later one. Nothing
    /// for what is not held in memory.
    #[must_use]
    pub fn cache_status(&self) -> Option<&'static str> {
        match &self.content {
            Content::Memory(_) if self.answered.swap(true, Ordering::Relaxed) => Some("stowaway; hit"),
            Content::Memory(_) => Some("stowaway; fwd=uri-miss; stored"),
            Content::Stored { .. } | Content::Bundle(_) => None,
        }
    }

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
