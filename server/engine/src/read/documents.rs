//! Manifests and piece indexes: small documents, loaded whole, checked against what the database or their address says.

use std::sync::Arc;

use bytes::Bytes;
use stowaway_domain::cache_policy::{CachePolicy, SurrogateKey};
use stowaway_domain::manifest::{self, Manifest};
use stowaway_domain::piece::{BlobPieces, PieceIndex};
use stowaway_domain::representation::{Representation, RepresentationFacts};
use stowaway_domain::{Digest, StoreKey, Tag};

use super::caches::DocumentKey;
use super::{Content, ReadError, Reader, Resource};

/// Media type of piece indexes.
const PIECES_MEDIA_TYPE: &str = "application/json";

impl Reader {
    /// The manifest of the current release of `tag`.
    ///
    /// # Errors
    /// No such tag, or database or store failed.
    pub async fn current_manifest(&self, tag: &Tag) -> Result<Arc<Resource>, Arc<ReadError>> {
        let pointer = self.pointer(tag).await?;
        let key = DocumentKey::CurrentManifest(tag.clone(), pointer.release);
        let load = async {
            let digest = pointer.manifest_digest;
            let object = StoreKey::Manifest(tag.clone(), pointer.release, digest);
            let bytes = self.load_document(&object, digest).await?;
            Ok(document(bytes, digest, manifest::MEDIA_TYPE, self.options.pointer_policy, Some(tag)))
        };
        self.caches.documents.try_get_with(key, load).await
    }

    /// The manifest of one release.
    ///
    /// # Errors
    /// No such release, or database or store failed.
    pub async fn release_manifest(&self, tag: &Tag, release: u64) -> Result<Arc<Resource>, Arc<ReadError>> {
        let key = DocumentKey::Manifest(tag.clone(), release);
        if let Some(resource) = self.caches.documents.get(&key).await {
            return Ok(resource);
        }
        let row = self.release_row(tag, release).await?;
        let load = async {
            let bytes = self.load_document(&row.manifest_key(), row.manifest_digest).await?;
            Ok(document(bytes, row.manifest_digest, manifest::MEDIA_TYPE, CachePolicy::Immutable, Some(tag)))
        };
        self.caches.documents.try_get_with(key, load).await
    }

    /// The piece lists of every blob of one release.
    ///
    /// # Errors
    /// No such release, or database or store failed.
    pub async fn release_pieces(&self, tag: &Tag, release: u64) -> Result<Arc<Resource>, Arc<ReadError>> {
        let key = DocumentKey::ReleasePieces(tag.clone(), release);
        if let Some(resource) = self.caches.documents.get(&key).await {
            return Ok(resource);
        }
        let row = self.release_row(tag, release).await?;
        let load = async {
            let bytes = self.load_document(&row.pieces_key(), row.pieces_digest).await?;
            Ok(document(bytes, row.pieces_digest, PIECES_MEDIA_TYPE, CachePolicy::Immutable, Some(tag)))
        };
        self.caches.documents.try_get_with(key, load).await
    }

    /// The piece index of one blob.
    ///
    /// # Errors
    /// No such blob, or database or store failed.
    pub async fn blob_pieces(&self, digest: &Digest) -> Result<Arc<Resource>, Arc<ReadError>> {
        let load = async {
            let bytes = self.load_blob_pieces(digest).await?.0;
            let bytes_digest = Digest::of(&bytes);
            Ok(document(bytes, bytes_digest, PIECES_MEDIA_TYPE, CachePolicy::Immutable, None))
        };
        self.caches.documents.try_get_with(DocumentKey::BlobPieces(*digest), load).await
    }

    /// The piece index of a blob as bytes and as a list. Nothing records the digest of these bytes, so their content is checked.
    pub(super) async fn load_blob_pieces(&self, digest: &Digest) -> Result<(Bytes, BlobPieces), ReadError> {
        let row = self.within(self.database.blob(digest)).await?.ok_or(ReadError::NoPieceIndex(*digest))?;
        let key = StoreKey::BlobPieces(*digest);
        let bytes = self.store.get_bytes(&key, self.options.document_max_bytes).await.map_err(ReadError::Store)?;
        let damaged = |reason: String| ReadError::Damaged { key: key.to_string(), reason };
        let index: PieceIndex = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        let [list] = <[BlobPieces; 1]>::try_from(index.blobs)
            .map_err(|blobs| damaged(format!("it lists {} blobs instead of one", blobs.len())))?;
        if list.digest != *digest || list.size != row.size || !is_gapless(&list) {
            return Err(damaged("its pieces are not those of the blob".to_owned()));
        }
        Ok((bytes, list))
    }

    /// Loads a document and compares its digest.
    pub(super) async fn load_document(&self, key: &StoreKey, expected: Digest) -> Result<Bytes, ReadError> {
        let bytes = self.store.get_bytes(key, self.options.document_max_bytes).await.map_err(ReadError::Store)?;
        let found = Digest::of(&bytes);
        if found == expected {
            Ok(bytes)
        } else {
            Err(ReadError::Damaged {
                key: key.to_string(),
                reason: format!("its digest is {found}, the database says {expected}"),
            })
        }
    }
}

impl Resource {
    /// The manifest of a release, which is a document in memory.
    pub(super) fn parse_manifest(&self, tag: &Tag, release: u64) -> Result<Manifest, ReadError> {
        let damaged = |reason: String| ReadError::Damaged { key: format!("release {release} of {tag}"), reason };
        let Content::Memory(bytes) = &self.content else {
            return Err(damaged("its manifest is no document".to_owned()));
        };
        serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))
    }
}

/// Do the pieces cover the blob from its first byte to its last?
fn is_gapless(list: &BlobPieces) -> bool {
    let end = list.pieces.iter().try_fold(0_u64, |at, piece| {
        (piece.offset == at && piece.length > 0).then(|| at.checked_add(piece.length)).flatten()
    });
    end == Some(list.size)
}

/// A document in memory.
pub(super) fn document(
    bytes: Bytes,
    digest: Digest,
    media_type: &str,
    cache: CachePolicy,
    tag: Option<&Tag>,
) -> Arc<Resource> {
    let facts = RepresentationFacts {
        digest,
        size: bytes.len() as u64,
        media_type: media_type.to_owned(),
        cache,
        surrogate_keys: tag.cloned().map(SurrogateKey::Tag).into_iter().collect(),
        extra: Vec::new(),
    };
    Arc::new(Resource { representation: Representation::new(facts), content: Content::Memory(bytes) })
}

#[cfg(test)]
mod tests {
    use stowaway_domain::piece::Piece;

    use super::*;

    #[test]
    fn pieces_with_a_gap_an_overlap_or_a_missing_end_are_damage() {
        let list = |spans: &[(u64, u64)], size| BlobPieces {
            digest: Digest::of(b""),
            size,
            pieces: spans.iter().map(|&(offset, length)| Piece { offset, length, sha256: Digest::of(b"") }).collect(),
        };
        assert!(is_gapless(&list(&[], 0)));
        assert!(is_gapless(&list(&[(0, 3), (3, 2)], 5)));
        for (spans, size) in [
            (&[(0, 3), (4, 1)][..], 5),
            (&[(0, 3), (2, 3)], 5),
            (&[(0, 3)], 5),
            (&[(0, 0)], 0),
            (&[(0, 1), (1, u64::MAX)], 0),
        ] {
            assert!(!is_gapless(&list(spans, size)), "{spans:?} {size}");
        }
    }
}
