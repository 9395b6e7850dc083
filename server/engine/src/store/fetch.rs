//! Fetching a stretch of an object as the backend gives it, for the slice cache: uncut chunks, what was really given, and a validator
//! with which the same object can be asked for the rest.

use std::ops::Range;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::{GetOptions, GetRange, ObjectStore as _};
use stowaway_domain::StoreKey;

use super::pin::{expect_pinned, pinned, read_error};
use super::{Store, StoreError};

/// The answer to [`Store::fetch`].
pub struct Fetched {
    /// The bytes of `range`. It may end early: whoever reads it counts.
    pub chunks: BoxStream<'static, Result<Bytes, StoreError>>,
    /// What is given of the object: shorter than was asked where the object ends.
    pub range: Range<u64>,
    /// The size of the object.
    pub object_bytes: u64,
    /// The backend's validator of the object, if it has any.
    pub etag: Option<String>,
}

impl Store {
    /// Whether objects lie on another machine.
    #[must_use]
    pub const fn is_remote(&self) -> bool {
        self.is_remote
    }

    /// How often a failed request is tried again.
    #[must_use]
    pub fn retries(&self) -> usize {
        self.options.retries
    }

    /// Fetches a stretch of an object, only while its validator is still `etag` if one is given.
    ///
    /// # Errors
    /// The object is not there, is another one, or the store failed; later failures come through the chunks.
    pub async fn fetch(&self, key: &StoreKey, span: Range<u64>, etag: Option<&str>) -> Result<Fetched, StoreError> {
        let (name, kind) = (key.to_string(), key.kind());
        let options = GetOptions {
            range: Some(GetRange::Bounded(span)),
            if_match: etag.map(str::to_owned),
            ..GetOptions::default()
        };
        let answer = self.backend.get_opts(&self.path(&name), pinned(key, options)).await;
        let answer = answer.map_err(|source| read_error(key, source));
        let answer = answer.and_then(|answer| expect_pinned(key, &answer.meta).map(|()| answer));
        let answer = Self::count("read", answer)?;
        let (range, object_bytes, etag) = (answer.range.clone(), answer.meta.size, answer.meta.e_tag.clone());
        let chunks = answer.into_stream().map(move |chunk| {
            let chunk = chunk.map_err(|source| StoreError::of("read", name.clone(), source))?;
            super::read::count_bytes(kind, chunk.len());
            Ok(chunk)
        });
        Ok(Fetched { chunks: chunks.boxed(), range, object_bytes, etag })
    }
}
