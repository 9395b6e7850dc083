//! Where the bytes of a planned body come from: memory, slices of open files, or a stream of both that opens what it needs as it
//! goes. The seam between "which bytes" and "how they are sent".

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use stowaway_domain::StoreKey;
use stowaway_domain::answer::{BodyPlan, Segment};
use stowaway_domain::bundle::{BundleLayout, BundleSegment};
use stowaway_domain::range::ByteRange;

use super::bundles::PlannedBundle;
use super::resource::slice;
use super::{Content, ReadError, Reader, Resource};
use crate::slices::{CacheStatus, Stretches};
pub use crate::span::Span;
use crate::store::StoreError;

/// All stretches of a body, in order. Together they are as long as was planned, or end with an error.
pub enum Spans {
    /// No body.
    None,
    /// One stretch: nearly every answer.
    One(Span),
    /// All are known.
    List(Vec<Span>),
    /// Each is found, and its file or object opened, when the one before has been taken.
    Stream(SpanStream),
}

/// A body, and what the slice cache had of it.
pub struct Body {
    /// Its stretches.
    pub spans: Spans,
    /// Said where it is known before the first byte: of one run of a blob in a remote store.
    pub cache_status: Option<CacheStatus>,
}

/// Stretches that are found on the way.
pub type SpanStream = BoxStream<'static, Result<Span, ReadError>>;

/// So many stretches of a stream are found before the head is sent: in all streams the second is one that has to be opened, if any has.
const FOUND_AHEAD: usize = 2;

impl Reader {
    /// Finds what `plan` asks of `resource`, and opens the first of it.
    ///
    /// # Errors
    /// Nothing can be read; later failures come through the stream.
    pub async fn open_spans(&self, resource: &Arc<Resource>, plan: BodyPlan) -> Result<Body, ReadError> {
        match plan {
            BodyPlan::Empty => Ok(Spans::None.into()),
            BodyPlan::Text(text) => Ok(Spans::One(Span::Bytes(text)).into()),
            BodyPlan::Bytes(range) => match &resource.content {
                Content::Memory(bytes) => Ok(Spans::One(Span::Bytes(slice(bytes, range))).into()),
                Content::Bundle(layout) => begun(self.bundle_spans(Arc::clone(layout), range)).await.map(Body::from),
                Content::Stored { key, offset } => {
                    let end = offset + resource.representation.size();
                    match (self.open_run(key, shifted(range, *offset), end).await, key) {
                        (Err(error), StoreKey::Blob(digest)) => Err(self.blob_gone(digest, error).await),
                        (opened, _) => opened,
                    }
                }
            },
            BodyPlan::Segments(segments) => begun(self.segment_spans(resource, segments)).await.map(Body::from),
        }
    }

    /// Opens a run of an object's bytes. An adopted object that is no longer where it was, or not what it was, may have been adopted
    /// again meanwhile: only what the database knows now is refused.
    async fn open_run(&self, key: &StoreKey, range: ByteRange, object_end: u64) -> Result<Body, ReadError> {
        let opened = self.open_run_of(key, range, object_end).await;
        let (StoreKey::Adopted(object), Err(ReadError::Store(error))) = (key, &opened) else { return opened };
        if !error.is_not_found() && !matches!(error, StoreError::ObjectChanged { .. }) {
            return opened;
        }
        match self.within(self.database.blob(&object.digest)).await {
            Ok(Some(row)) if row.key() != *key => {
                self.caches.forget_places();
                self.open_run_of(&row.key(), range, object_end).await
            }
            _ => opened,
        }
    }

    /// Opens a run of an object's bytes: a slice of its file, or a stream from where it is stored. The object must reach to
    /// `object_end`: one that was cut off is to be noticed while another answer than a broken one can still be given.
    async fn open_run_of(&self, key: &StoreKey, range: ByteRange, object_end: u64) -> Result<Body, ReadError> {
        if let (Some(slices), Some(digest)) = (&self.slices, key.content_digest()) {
            let answer = slices.read(&self.store, key, digest, range).await.map_err(ReadError::Store)?;
            return Ok(Body { spans: answer.stretches.into(), cache_status: Some(answer.status) });
        }
        if let Some(file) = self.local_file(key, object_end).await? {
            return Ok(Spans::One(Span::File { file, offset: range.first, len: range.len() }).into());
        }
        let chunks = self.store.read(key, range).await.map_err(ReadError::Store)?;
        Ok(Spans::Stream(chunks.map_ok(Span::Bytes).map_err(ReadError::Store).boxed()).into())
    }

    /// Several ranges of one resource and the text between them.
    fn segment_spans(&self, resource: &Arc<Resource>, segments: Vec<Segment>) -> SpanStream {
        let (reader, resource) = (self.clone(), Arc::clone(resource));
        let opened = stream::iter(segments).then(move |segment| {
            let (reader, resource) = (reader.clone(), Arc::clone(&resource));
            async move {
                match (segment, &resource.content) {
                    (Segment::Text(text), _) => Ok(Spans::One(Span::Bytes(text))),
                    (Segment::Bytes(range), Content::Memory(bytes)) => Ok(Spans::One(Span::Bytes(slice(bytes, range)))),
                    (Segment::Bytes(range), Content::Bundle(layout)) => {
                        Ok(Spans::Stream(reader.bundle_spans(Arc::clone(layout), range)))
                    }
                    (Segment::Bytes(range), Content::Stored { key, offset }) => {
                        let end = offset + resource.representation.size();
                        reader.open_run(key, shifted(range, *offset), end).await.map(|body| body.spans)
                    }
                }
            }
        });
        opened.map_ok(Spans::into_stream).try_flatten().boxed()
    }

    /// A range of a bundle: its texts, and runs of blobs.
    fn bundle_spans(&self, bundle: Arc<PlannedBundle>, range: ByteRange) -> SpanStream {
        let walked = Arc::clone(&bundle);
        let segments = stream::unfold(Some(range), move |rest| {
            let next = rest.and_then(|rest| next_segment(&walked.layout, rest));
            async move { next }
        });
        let reader = self.clone();
        let opened = segments.then(move |segment| {
            let (reader, bundle) = (reader.clone(), Arc::clone(&bundle));
            async move {
                match segment {
                    BundleSegment::Text(text) => Ok(Spans::One(Span::Bytes(text))),
                    BundleSegment::Blob { digest, range } => {
                        reader.open_run(&bundle.key(&digest), range, range.end()).await.map(|body| body.spans)
                    }
                }
            }
        });
        opened.map_ok(Spans::into_stream).try_flatten().boxed()
    }
}

impl Spans {
    /// As a stream, for those who need no other form.
    #[must_use]
    pub fn into_stream(self) -> SpanStream {
        match self {
            Self::None => stream::empty().boxed(),
            Self::One(span) => stream::once(async { Ok(span) }).boxed(),
            Self::List(spans) => stream::iter(spans.into_iter().map(Ok)).boxed(),
            Self::Stream(spans) => spans,
        }
    }
}

impl From<Spans> for Body {
    fn from(spans: Spans) -> Self {
        Self { spans, cache_status: None }
    }
}

impl From<Stretches> for Spans {
    fn from(stretches: Stretches) -> Self {
        match stretches {
            Stretches::One(span) => Self::One(span),
            Stretches::All(spans) => Self::List(spans),
            Stretches::Stream(spans) => Self::Stream(spans.map_err(ReadError::Store).boxed()),
        }
    }
}

/// Finds the first stretches of a stream, so that what fails at once is a problem and not an answer that breaks off.
async fn begun(mut spans: SpanStream) -> Result<Spans, ReadError> {
    let mut found = Vec::with_capacity(FOUND_AHEAD);
    while found.len() < FOUND_AHEAD {
        match spans.next().await {
            Some(span) => found.push(span?),
            None => return Ok(Spans::List(found)),
        }
    }
    Ok(Spans::Stream(stream::iter(found.into_iter().map(Ok)).chain(spans).boxed()))
}

/// The first segment of a range, and what is left of the range behind it.
fn next_segment(layout: &BundleLayout, range: ByteRange) -> Option<(BundleSegment, Option<ByteRange>)> {
    let segment = layout.segments(range).next()?;
    let first = range.first + segment.len();
    Some((segment, (first <= range.last).then_some(ByteRange { first, last: range.last })))
}

const fn shifted(range: ByteRange, offset: u64) -> ByteRange {
    ByteRange { first: offset + range.first, last: offset + range.last }
}
