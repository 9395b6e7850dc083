//! What an export tells whoever watches it.

use stowaway_domain::Tag;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportEvent {
    /// A tag is being compared with the site.
    Comparing(Tag),
    /// So much will be written.
    Planned {
        /// Files or objects.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// So many bytes more were written.
    Written(u64),
}

/// Watches an export; must not block.
pub trait ExportProgress: Send + Sync {
    /// Something happened.
    fn report(&self, event: ExportEvent);
}
