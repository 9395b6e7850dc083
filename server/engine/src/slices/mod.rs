//! A cache on disk for blobs of remote stores: slices of equal size, in files that connections send from.
//!
//! Blobs, adopted objects and coded forms of texts alike: slices are named by the digest of the whole and their number, so that equal bytes are held once whatever they are called. Each is fetched once
//! however many ask, and read while it is fetched. The cache is never needed: where its folder fails, bytes come from the store.

mod counts;
mod ends;
mod fill;
mod folder;
mod index;
mod inner;
mod look;
mod options;
mod origin;
mod reader;
mod status;
mod threads;
mod upstream;

pub use options::SliceOptions;
pub use reader::StretchStream;
pub use status::CacheStatus;

use std::io;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use stowaway_domain::range::ByteRange;
use stowaway_domain::{Digest, StoreKey};

pub use crate::span::Span;
use crate::store::{Store, StoreError};
use inner::Inner;
use look::Looked;
use origin::OriginRef;
use reader::{SliceReader, Source};

/// The cache. Clones are one.
#[derive(Clone)]
pub struct SliceCache(Arc<Inner>);

/// The bytes of a range, and what the cache had of them.
pub struct Answer {
    /// What the cache had.
    pub status: CacheStatus,
    /// The bytes.
    pub stretches: Stretches,
}

/// The bytes of a range.
pub enum Stretches {
    /// All of them in one file: nearly every answer from slices that are there.
    One(Span),
    /// All of them.
    All(Vec<Span>),
    /// As they come; the first is there already.
    Stream(StretchStream),
}

impl SliceCache {
    /// Opens the cache, with what lies in its folder. When the folder cannot be used, it says so once, reads go past the cache, and it
    /// is tried again and again.
    ///
    /// # Errors
    /// The system gives no threads to fetch on.
    pub async fn open(options: SliceOptions) -> io::Result<Self> {
        let inner = Arc::new(Inner::new(options)?);
        if let Err(error) = inner.open_folder().await {
            inner.folder_failed("open", &error);
            tokio::spawn(inner::open_later(Arc::downgrade(&inner)));
        }
        Ok(Self(inner))
    }

    /// Whether the folder is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.is_open()
    }

    /// How many slices are being fetched, or wait for their turn.
    #[must_use]
    pub fn fills(&self) -> usize {
        self.0.index().fills()
    }

    /// A file gave fewer bytes than it had: all are compared with their checksums before they are served again.
    pub fn distrust(&self) {
        self.0.index().distrust();
    }

    /// Reads a range of the object `key`, whose bytes have that digest, through the cache.
    ///
    /// # Errors
    /// The store failed before the first byte; later failures come through the stream.
    pub async fn read(
        &self,
        store: &Store,
        key: &StoreKey,
        digest: Digest,
        range: ByteRange,
    ) -> Result<Answer, StoreError> {
        let origin = OriginRef { store, key };
        let (status, is_sequential) = match self.0.look(origin, digest, range) {
            Looked::AllOpen(stretches) => return Ok(Answer { status: CacheStatus::Hit, stretches }),
            Looked::Other { status, is_sequential } => (status, is_sequential),
        };
        let mut reader = SliceReader {
            inner: Arc::clone(&self.0),
            origin: origin.to_owned(),
            digest,
            at: range.first,
            end: range.end(),
            is_sequential,
            source: Source::Next,
        };
        let first = reader.next().await?;
        if reader.at == reader.end {
            let stretches = first.map_or_else(|| Stretches::All(Vec::new()), Stretches::One);
            return Ok(Answer { status, stretches });
        }
        let rest = reader.into_stream();
        Ok(Answer { status, stretches: Stretches::Stream(stream::iter(first.map(Ok)).chain(rest).boxed()) })
    }
}
