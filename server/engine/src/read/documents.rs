//! Manifests and piece indexes: small documents, loaded whole, checked against what the database or their address says.

use std::sync::Arc;

use bytes::Bytes;
use stowaway_domain::cache_policy::{CachePolicy, SurrogateKey};
use stowaway_domain::coding::Coding;
use stowaway_domain::manifest::{self, Manifest};
use stowaway_domain::negotiation::Varies;
use stowaway_domain::piece::{BlobPieces, PieceIndex};
use stowaway_domain::representation::{Representation, RepresentationFacts};
use stowaway_domain::{Digest, StoreKey, Tag, available_dictionary, href};

use super::caches::DocumentKey;
use super::forms::Forms;
use super::{Content, ReadError, Reader, Resource};
use crate::db::ReleaseRow;
use crate::error_chain::ErrorChain;

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
            let varies = Varies::ByCodingAndDictionary;
            let facts = manifest_facts(&bytes, digest, tag, self.options.pointer_policy, varies);
            Ok(self.document(bytes, facts, Some(tag)).await)
        };
        self.held(&key, load).await
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
            let bytes = self.load_of_release(&row, &row.manifest_key(), row.manifest_digest).await?;
            let facts = manifest_facts(&bytes, row.manifest_digest, tag, CachePolicy::Immutable, Varies::ByCoding);
            Ok(self.document(bytes, facts, None).await)
        };
        self.held(&key, load).await
    }

    /// What the manifest of one release says.
    ///
    /// # Errors
    /// No such release, or database or store failed.
    pub async fn manifest(&self, tag: &Tag, release: u64) -> Result<Manifest, Arc<ReadError>> {
        let resource = self.release_manifest(tag, release).await?;
        resource.parse_manifest(tag, release).map_err(Arc::new)
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
            let bytes = self.load_of_release(&row, &row.pieces_key(), row.pieces_digest).await?;
            let facts = pieces_facts(&bytes, row.pieces_digest, Some(tag));
            Ok(self.document(bytes, facts, None).await)
        };
        self.held(&key, load).await
    }

    /// The piece index of one blob.
    ///
    /// # Errors
    /// No such blob, or database or store failed.
    pub async fn blob_pieces(&self, digest: &Digest) -> Result<Arc<Resource>, Arc<ReadError>> {
        let load = async {
            let bytes = self.load_blob_pieces(digest).await?.0;
            let facts = pieces_facts(&bytes, Digest::of(&bytes), None);
            Ok(self.document(bytes, facts, None).await)
        };
        self.held(&DocumentKey::BlobPieces(*digest), load).await
    }

    /// Loads a document unless it is held. One whose forms could not be found out is answered, and not held.
    async fn held(
        &self,
        key: &DocumentKey,
        load: impl Future<Output = Result<Arc<Resource>, ReadError>>,
    ) -> Result<Arc<Resource>, Arc<ReadError>> {
        let resource = self.caches.documents.try_get_with_by_ref(key, load).await?;
        if resource.forms.is_incomplete() {
            self.caches.documents.invalidate(key).await;
        }
        Ok(resource)
    }

    /// A document in memory with its forms; `current_of` is the tag whose current manifest it is. While the database is away, it
    /// is served as it is.
    async fn document(&self, bytes: Bytes, facts: RepresentationFacts, current_of: Option<&Tag>) -> Arc<Resource> {
        let forms = self.document_forms(&facts).await.unwrap_or_else(|error| {
            tracing::warn!(
                digest = %facts.digest,
                error = %ErrorChain(&error),
                "serving a document in one form only"
            );
            Forms::incomplete()
        });
        let forms = match current_of {
            Some(tag) => forms.of_current_manifest(tag.clone(), facts.clone()),
            None => forms,
        };
        Arc::new(Resource { forms, ..Resource::new(Representation::new(facts), Content::Memory(bytes)) })
    }

    /// The piece index of a blob as bytes and as a list, and where the blob lies. Nothing records the digest of these bytes, so their content is checked.
    pub(super) async fn load_blob_pieces(&self, digest: &Digest) -> Result<(Bytes, BlobPieces, StoreKey), ReadError> {
        let Some(row) = self.within(self.database.blob(digest)).await? else {
            return Err(self.no_blob(digest, ReadError::NoPieceIndex(*digest)).await);
        };
        let key = StoreKey::BlobPieces(*digest);
        let bytes = self.store.get_bytes(&key, self.options.document_max_bytes).await.map_err(ReadError::Store)?;
        let damaged = |reason: String| ReadError::Damaged { key: key.to_string(), reason };
        let index: PieceIndex = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        let [list] = <[BlobPieces; 1]>::try_from(index.blobs)
            .map_err(|blobs| damaged(format!("it lists {} blobs instead of one", blobs.len())))?;
        if list.digest != *digest || list.size != row.size || !is_gapless(&list) {
            return Err(damaged("its pieces are not those of the blob".to_owned()));
        }
        Ok((bytes, list, row.key()))
    }

    /// Loads a document of a release whose row may be older than its retirement.
    async fn load_of_release(&self, row: &ReleaseRow, key: &StoreKey, expected: Digest) -> Result<Bytes, ReadError> {
        match self.load_document(key, expected).await {
            Err(error) => Err(self.document_gone(&row.tag, row.number, error).await),
            loaded => loaded,
        }
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

/// A document of a tag or of a blob, in its identity form.
pub(super) fn document_facts(
    bytes: &Bytes,
    digest: Digest,
    media_type: &str,
    cache: CachePolicy,
    tag: Option<&Tag>,
) -> RepresentationFacts {
    RepresentationFacts {
        digest,
        size: bytes.len() as u64,
        media_type: media_type.to_owned(),
        coding: Coding::Identity,
        varies: Varies::ByCoding,
        cache,
        surrogate_keys: tag.cloned().map(SurrogateKey::Tag).into_iter().collect(),
        extra: Vec::new(),
    }
}

/// A manifest, which is a dictionary for the next one.
fn manifest_facts(bytes: &Bytes, digest: Digest, tag: &Tag, cache: CachePolicy, varies: Varies) -> RepresentationFacts {
    let dictionary = available_dictionary::use_as_dictionary(&href::current_manifest(tag));
    RepresentationFacts {
        varies,
        extra: vec![("use-as-dictionary", dictionary.into())],
        ..document_facts(bytes, digest, manifest::MEDIA_TYPE, cache, Some(tag))
    }
}

fn pieces_facts(bytes: &Bytes, digest: Digest, tag: Option<&Tag>) -> RepresentationFacts {
    document_facts(bytes, digest, PIECES_MEDIA_TYPE, CachePolicy::Immutable, tag)
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
