//! Sending readers of blobs to the object store itself.

use std::time::Duration;

use stowaway_domain::StoreKey;
use stowaway_domain::coding::Coding;

use super::{Content, ReadError, Reader, Resource};

impl Reader {
    /// An address of the object store that answers what `resource` is, for as long as `valid`; nothing where only this server can:
    /// coded forms would come without their `Content-Encoding`, and adopted objects without a look at whether they are still the same.
    ///
    /// # Errors
    /// The store could not sign.
    pub async fn signed_address(
        &self,
        resource: &Resource,
        is_head: bool,
        valid: Duration,
    ) -> Result<Option<String>, ReadError> {
        let Content::Stored { key: key @ StoreKey::Blob(_), offset: 0 } = &resource.content else { return Ok(None) };
        let representation = &resource.representation;
        if representation.coding() != Coding::Identity {
            return Ok(None);
        }
        let media_type = representation.media_type().as_str();
        self.store.sign(key, is_head, media_type, valid).await.map(Some).map_err(ReadError::Store)
    }
}
