//! What a client has to upload. It is told that bytes are here only if it brought them itself or may read a tag that has them: that
//! a digest is known would prove to anybody that somebody has the file. What it brings again is not stored twice.

use stowaway_domain::file_list::FileList;
use stowaway_domain::{Digest, StoreKey, Subject, Tag};

use super::{MissingBlob, Publication, PublicationError, Publications};

impl Publications {
    /// The blobs of a publication that the client has to bring, in the order of the list.
    pub(super) async fn missing(
        &self,
        publication: &Publication,
        may_read: &(dyn Fn(&Tag) -> bool + Send + Sync),
    ) -> Result<Vec<MissingBlob>, PublicationError> {
        let mut missing = Vec::new();
        for (digest, size) in publication.files.blobs() {
            let upload = self.uploads.of_blob(&publication.owner, &digest).await?;
            let upload = upload.filter(|upload| upload.size == size);
            let is_brought = upload.as_ref().is_some_and(|upload| upload.finished);
            if is_brought || self.may_know(&digest, size, may_read).await? {
                continue;
            }
            missing.push(MissingBlob { digest, size, upload });
        }
        Ok(missing)
    }

    async fn may_know(
        &self,
        digest: &Digest,
        size: u64,
        may_read: &(dyn Fn(&Tag) -> bool + Send + Sync),
    ) -> Result<bool, PublicationError> {
        let is_known = self.db.blob(digest).await?.is_some_and(|blob| blob.size == size);
        Ok(is_known && self.db.tags_with_blob(digest).await?.iter().any(may_read))
    }

    /// The blobs that the store has not, or not whole, to whoever said that they are there; `found` is known to be one of them.
    pub(super) async fn not_stored(
        &self,
        files: &FileList,
        found: Digest,
    ) -> Result<Vec<MissingBlob>, PublicationError> {
        let blobs = files.blobs();
        let subjects: Vec<Subject> = blobs.iter().map(|(digest, _)| Subject::Content(*digest)).collect();
        let damaged = self.db.damaged_among(&subjects).await?;
        let mut missing = Vec::new();
        for (digest, size) in blobs {
            let is_damaged = digest == found || damaged.contains(&StoreKey::Blob(digest).to_string());
            if is_damaged || self.uploads.store().size(&StoreKey::Blob(digest)).await? != Some(size) {
                missing.push(MissingBlob { digest, size, upload: None });
            }
        }
        Ok(missing)
    }
}
