//! One reader's way through the slices of a range: from files that are whole, from files that are growing, and past the cache where there
//! is no file. It gives nothing that is not written yet, and ends after the last byte or with an error.

use std::fs::File;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use stowaway_domain::Digest;
use stowaway_domain::range::ByteRange;
use tokio::sync::watch;

use super::fill::{Fill, FillState, Progress};
use super::folder::SliceId;
use super::inner::{Inner, Slice};
use super::origin::Origin;
use crate::span::Span;
use crate::store::{ByteStream, StoreError};

/// Stretches in order, as they come.
pub type StretchStream = BoxStream<'static, Result<Span, StoreError>>;

/// Where a reader is.
pub(super) struct SliceReader {
    pub(super) inner: Arc<Inner>,
    pub(super) origin: Origin,
    pub(super) digest: Digest,
    pub(super) at: u64,
    pub(super) end: u64,
    pub(super) is_sequential: bool,
    pub(super) source: Source,
}

/// Where the next bytes come from.
pub(super) enum Source {
    /// Not decided yet.
    Next,
    /// A file that grows.
    Growing(Arc<Fill>, watch::Receiver<Progress>),
    /// The store itself.
    Direct(ByteStream),
}

impl SliceReader {
    /// The rest, as a stream.
    pub(super) fn into_stream(self) -> StretchStream {
        stream::try_unfold(self, |mut reader| async move { Ok(reader.next().await?.map(|stretch| (stretch, reader))) })
            .boxed()
    }

    /// The next bytes; nothing after the last one.
    ///
    /// # Errors
    /// The store failed, or the object ends too early.
    pub(super) async fn next(&mut self) -> Result<Option<Span>, StoreError> {
        while self.at < self.end {
            let stretch = match std::mem::replace(&mut self.source, Source::Next) {
                Source::Next => self.begin_slice().await?,
                Source::Growing(fill, progress) => self.grown(fill, progress).await?,
                Source::Direct(chunks) => self.next_chunk(chunks).await?,
            };
            if stretch.is_some() {
                return Ok(stretch);
            }
        }
        Ok(None)
    }

    fn id(&self) -> SliceId {
        SliceId { digest: self.digest, number: self.inner.options.slice_size.number_at(self.at) }
    }

    async fn begin_slice(&mut self) -> Result<Option<Span>, StoreError> {
        let id = self.id();
        let wanted = self.wanted_of(id);
        let found = self.inner.slice(self.origin.by_ref(), id, wanted).await;
        match found {
            Slice::Whole(file) => {
                self.read_ahead(id.number);
                Ok(Some(self.give(file, wanted)))
            }
            Slice::Growing(fill, progress) => {
                self.read_ahead(id.number);
                self.source = Source::Growing(fill, progress);
                Ok(None)
            }
            // To the end of the range: it is better to ask the store once than for every slice.
            Slice::Unavailable => self.go_direct(self.end).await,
        }
    }

    /// How far into the slice this reader has to read.
    fn wanted_of(&self, id: SliceId) -> u64 {
        let size = self.inner.options.slice_size;
        self.end.min(size.end_of(id.number)) - size.start_of(id.number)
    }

    /// The bytes of a slice from where the reader is to `to`, both counted from the slice's start.
    fn give(&mut self, file: Arc<File>, to: u64) -> Span {
        let start = self.inner.options.slice_size.start_of(self.id().number);
        let offset = self.at - start;
        self.at = start + to;
        Span::File { file, offset, len: to - offset }
    }

    /// What has been written since, as soon as there is anything.
    async fn grown(
        &mut self,
        fill: Arc<Fill>,
        mut progress: watch::Receiver<Progress>,
    ) -> Result<Option<Span>, StoreError> {
        let id = self.id();
        let offset = self.at - self.inner.options.slice_size.start_of(id.number);
        let wanted = self.wanted_of(id);
        let news = progress.wait_for(|now| now.written > offset || !matches!(now.state, FillState::Running)).await;
        // A fill never goes away without saying how it ended.
        let Progress { written, state } =
            news.map_or(Progress { written: 0, state: FillState::Uncached }, |news| news.clone());
        if written > offset
            && let Some(file) = fill.file()
        {
            let stretch = self.give(Arc::clone(file), written.min(wanted));
            if written < wanted {
                self.source = Source::Growing(fill, progress);
            }
            return Ok(Some(stretch));
        }
        match state {
            FillState::Failed(error) => Err(StoreError::again(&error)),
            FillState::Whole => Err(StoreError::Short {
                key: self.origin.key.to_string(),
                expected_bytes: wanted,
                received_bytes: written,
            }),
            FillState::Uncached | FillState::Running => {
                let slice_end = self.inner.options.slice_size.end_of(id.number);
                self.go_direct(self.end.min(slice_end)).await
            }
        }
    }

    fn read_ahead(&self, at: u64) {
        let last_wanted = self.inner.options.slice_size.number_at(self.end - 1);
        self.inner.read_ahead(
            self.origin.by_ref(),
            SliceId { digest: self.digest, number: at },
            last_wanted,
            self.is_sequential,
        );
    }

    /// Reads past the cache from here to `end`.
    async fn go_direct(&mut self, end: u64) -> Result<Option<Span>, StoreError> {
        let range = ByteRange { first: self.at, last: end - 1 };
        let chunks = self.origin.store.read(&self.origin.key, range).await?;
        self.source = Source::Direct(chunks);
        Ok(None)
    }

    async fn next_chunk(&mut self, mut chunks: ByteStream) -> Result<Option<Span>, StoreError> {
        let Some(chunk) = chunks.next().await.transpose()? else { return Ok(None) };
        self.at += chunk.len() as u64;
        self.source = Source::Direct(chunks);
        Ok(Some(Span::Bytes(chunk)))
    }
}
