//! Comparing one object with what it should be, and getting it from a copy.

use std::path::Path;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use stowaway_domain::piece::BlobPieces;
use stowaway_domain::range::ByteRange;
use stowaway_domain::{Digest, Need, StoreKey};
use tokio::io::AsyncWriteExt as _;

use super::throttle::Throttle;
use super::{OnRead, ScrubError};
use crate::db::{BlobRow, Database};
use crate::store::{ExpectedFile, Store, StoreError};

/// Documents are small; a release piece index of a TiB has 400 MB.
const MAX_DOCUMENT_BYTES: u64 = 512 * 1024 * 1024;

/// What was found of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Whole,
    Missing,
    Damaged(String),
}

/// What was found of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BlobVerdict {
    /// Of its bytes.
    Bytes(Verdict),
    /// Its bytes are right, and its pieces are not.
    Pieces(String),
}

/// A piece index that fits its blob.
pub(super) struct Index {
    pub(super) digest: Digest,
    list: BlobPieces,
}

/// The piece index of a blob, as far as it can be judged without the blob.
pub(super) async fn piece_index(
    store: &Store,
    key: &StoreKey,
    blob: &BlobRow,
    expected: Option<Digest>,
) -> Result<(Option<Index>, Verdict), ScrubError> {
    let bytes = match get(store, key).await? {
        Ok(bytes) => bytes,
        Err(verdict) => return Ok((None, verdict)),
    };
    let damaged = |reason: String| Ok((None, Verdict::Damaged(reason)));
    let found = Digest::of(&bytes);
    if expected.is_some_and(|expected| expected != found) {
        return damaged(format!("its digest is {found}"));
    }
    match BlobPieces::of_index(&bytes, &blob.digest) {
        Ok(list) if list.size != blob.size => {
            damaged(format!("it is for {} bytes instead of {}", list.size, blob.size))
        }
        Ok(list) => Ok((Some(Index { digest: found, list }), Verdict::Whole)),
        Err(not_its) => damaged(not_its.to_string()),
    }
}

/// Reads a blob and compares its digest, and those of its pieces.
pub(super) async fn blob(
    store: &Store,
    key: &StoreKey,
    blob: &BlobRow,
    index: Option<&Index>,
    throttle: &mut Throttle,
    on_read: OnRead<'_>,
) -> Result<BlobVerdict, ScrubError> {
    let size = match store.size(key).await {
        // An adopted object that its owner has written over.
        Err(error) => return verdict_of(store, error),
        Ok(size) => size,
    };
    let found = match size {
        None => return Ok(BlobVerdict::Bytes(Verdict::Missing)),
        Some(size) if size != blob.size => {
            let reason = format!("it has {size} bytes instead of {}", blob.size);
            return Ok(BlobVerdict::Bytes(Verdict::Damaged(reason)));
        }
        Some(size) => size,
    };
    let mut whole = Sha256::new();
    let mut pieces = Pieces::new(index.map(|index| &index.list));
    if let Some(range) = ByteRange::whole(found) {
        let mut chunks = match store.read(key, range).await {
            Err(error) => return verdict_of(store, error),
            Ok(chunks) => chunks,
        };
        loop {
            let chunk = match chunks.try_next().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) => return verdict_of(store, error),
            };
            on_read(chunk.len() as u64);
            throttle.read(chunk.len() as u64).await;
            (whole, pieces) = hash(whole, pieces, chunk).await?;
        }
    }
    let digest = Digest::from_bytes(whole.finalize().into());
    Ok(if digest != blob.digest {
        BlobVerdict::Bytes(Verdict::Damaged(format!("its digest is {digest}")))
    } else if let Some(reason) = pieces.damage() {
        BlobVerdict::Pieces(reason)
    } else {
        BlobVerdict::Bytes(Verdict::Whole)
    })
}

/// What an error says of the object, where it is about that one and not about the store: an adopted object that its owner has written
/// over, one that ends early, and a file that the disk does not give any more.
fn verdict_of(store: &Store, error: StoreError) -> Result<BlobVerdict, ScrubError> {
    Ok(BlobVerdict::Bytes(object_verdict(store, error)?))
}

fn object_verdict(store: &Store, error: StoreError) -> Result<Verdict, StoreError> {
    match error {
        error if error.is_not_found() => Ok(Verdict::Missing),
        StoreError::ObjectChanged { .. } | StoreError::Short { .. } | StoreError::TooLarge { .. } => {
            Ok(Verdict::Damaged(error.to_string()))
        }
        StoreError::Failed { ref source, .. } if store.is_local() => Ok(Verdict::Damaged(format!("{error}: {source}"))),
        error => Err(error),
    }
}

async fn hash(mut whole: Sha256, mut pieces: Pieces, chunk: Bytes) -> Result<(Sha256, Pieces), ScrubError> {
    let hashed = tokio::task::spawn_blocking(move || {
        whole.update(&chunk);
        pieces.update(&chunk);
        (whole, pieces)
    });
    hashed.await.map_err(|source| {
        let (operation, key) = ("hash", "what was read".to_owned());
        ScrubError::Store(StoreError::Failed { operation, key, source: Box::new(source) })
    })
}

/// Compares pieces one after the other as the bytes come.
struct Pieces {
    expected: std::vec::IntoIter<stowaway_domain::piece::Piece>,
    current: Option<(stowaway_domain::piece::Piece, Sha256, u64)>,
    at: u64,
    end: u64,
    wrong: Option<String>,
}

impl Pieces {
    fn new(list: Option<&BlobPieces>) -> Self {
        let (pieces, end) = list.map_or_else(Default::default, |list| (list.pieces.clone(), list.size));
        Self { expected: pieces.into_iter(), current: None, at: 0, end, wrong: None }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let Some((piece, mut hasher, left)) = self.current.take().or_else(|| self.next()) else { return };
            let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            hasher.update(&bytes[..here]);
            bytes = &bytes[here..];
            self.at += here as u64;
            let left = left - here as u64;
            if left > 0 {
                self.current = Some((piece, hasher, left));
            } else if Digest::from_bytes(hasher.finalize().into()) != piece.sha256 {
                self.wrong = Some(format!("the piece at {} has another digest", piece.offset));
                return;
            }
        }
    }

    fn next(&mut self) -> Option<(stowaway_domain::piece::Piece, Sha256, u64)> {
        let piece = self.expected.next().filter(|_| self.wrong.is_none())?;
        if piece.offset != self.at || piece.length == 0 {
            self.wrong = Some(format!("its pieces leave out or repeat what is at {}", self.at));
            return None;
        }
        let length = piece.length;
        Some((piece, Sha256::new(), length))
    }

    /// What is wrong, once all bytes have passed.
    fn damage(mut self) -> Option<String> {
        let has_more = self.current.is_some() || self.expected.next().is_some();
        let behind = || has_more.then(|| "its pieces go on behind the end of the blob".to_owned());
        let before =
            || (self.at < self.end).then(|| format!("its pieces end at {}, before the end of the blob", self.at));
        self.wrong.or_else(behind).or_else(before)
    }
}

/// Reads a document and compares its digest.
pub(super) async fn document(
    store: &Store,
    key: &StoreKey,
    expected: Digest,
    throttle: &mut Throttle,
    on_read: OnRead<'_>,
) -> Result<Verdict, ScrubError> {
    let bytes = match get(store, key).await? {
        Ok(bytes) => bytes,
        Err(verdict) => return Ok(verdict),
    };
    on_read(bytes.len() as u64);
    throttle.read(bytes.len() as u64).await;
    let found = Digest::of(&bytes);
    Ok(if found == expected { Verdict::Whole } else { Verdict::Damaged(format!("its digest is {found}")) })
}

/// A small object, or what its absence is called.
async fn get(store: &Store, key: &StoreKey) -> Result<Result<Bytes, Verdict>, StoreError> {
    match store.get_bytes(key, MAX_DOCUMENT_BYTES).await {
        Ok(bytes) => Ok(Ok(bytes)),
        Err(error) => Ok(Err(object_verdict(store, error)?)),
    }
}

/// Brings a blob from the copy, through a file in `workspace` that is checked before it is stored.
pub(super) async fn copy_blob(
    copy: &Store,
    store: &Store,
    key: &StoreKey,
    expected: ExpectedFile,
    workspace: &Path,
) -> Result<bool, ScrubError> {
    if copy.size(key).await.map_err(ScrubError::Copy)? != Some(expected.size) {
        return Ok(false);
    }
    let path = workspace.join(format!("scrub-{}", expected.digest.hex()));
    let fetched = fetch(copy, key, expected.size, &path).await;
    let outcome = match fetched {
        // The digest is compared while it is stored; what is not right never gets the name.
        Ok(()) => match store.put_file(key, &path, expected, &|_| Ok(())).await {
            Ok(()) => Ok(true),
            Err(StoreError::FileChanged { .. }) => Ok(false),
            Err(error) => Err(ScrubError::Store(error)),
        },
        Err(error) => Err(error),
    };
    let removed = tokio::fs::remove_file(&path).await;
    if let Err(error) = removed.as_ref().map_err(std::io::Error::kind) {
        tracing::debug!(path = %path.display(), ?error, "the file of a blob from the copy was not removed");
    }
    outcome
}

async fn fetch(copy: &Store, key: &StoreKey, size: u64, path: &Path) -> Result<(), ScrubError> {
    let failed = |source| ScrubError::Workspace { path: path.to_owned(), source };
    let mut file = tokio::fs::File::create(path).await.map_err(failed)?;
    if let Some(range) = ByteRange::whole(size) {
        let mut chunks = copy.read(key, range).await.map_err(ScrubError::Copy)?;
        while let Some(chunk) = chunks.try_next().await.map_err(ScrubError::Copy)? {
            file.write_all(&chunk).await.map_err(failed)?;
        }
    }
    file.flush().await.map_err(failed)
}

/// Brings a document from the copy, if its digest is known from its key, or from what it is the piece index of.
pub(super) async fn copy_document(
    copy: &Store,
    store: &Store,
    db: &Database,
    key: &StoreKey,
) -> Result<bool, ScrubError> {
    let bytes = match copy.get_bytes(key, MAX_DOCUMENT_BYTES).await {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(false),
        Err(error) => return Err(ScrubError::Copy(error)),
    };
    let found = Digest::of(&bytes);
    let is_right = match (key, key.need()) {
        (StoreKey::BlobPieces(blob), _) => db.piece_index_of(blob).await? == Some(found),
        // A record is named by the manifest that it is about.
        (StoreKey::ReleaseRecord(..), _) => false,
        (_, Need::Document { digest, .. }) => digest == found,
        (_, Need::Form { form, .. }) => form == found,
        (_, Need::Content(digest)) => digest == found,
        (_, Need::Record { .. } | Need::Tag(_) | Need::Upload(_) | Need::Foreign(_)) => false,
    };
    if is_right {
        store.put_bytes(key, bytes).await?;
    }
    Ok(is_right)
}
