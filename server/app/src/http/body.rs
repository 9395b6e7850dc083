//! Turns planned segments into the body of an answer. The one seam between "which bytes" and "how they reach the socket".

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use stowaway_domain::answer::{BodyPlan, Segment};
use stowaway_domain::range::ByteRange;
use stowaway_engine::read::{ReadError, Reader, Resource};
use stowaway_wire::FileBody;

use super::wire_body::Account;

/// The body of an answer: its length is known before its first byte is read.
pub(crate) struct AnswerBody {
    content_length: Option<u64>,
    source: Source,
    /// Writes down what was read of a file, when it is dropped with the body.
    _account: Option<Account>,
}

/// Where the bytes come from.
enum Source {
    /// One chunk at hand, until it is taken.
    AtHand(Option<Bytes>),
    /// Chunks as the connection has room for them.
    Stream(BoxStream<'static, Result<Bytes, ReadError>>),
    /// Sent by the connection itself, from a file or not at all (HEAD).
    Wire(FileBody),
}

impl AnswerBody {
    /// Opens what `plan` asks of `resource`.
    ///
    /// # Errors
    /// The store failed before the first byte, so that a problem can still be answered.
    pub(crate) async fn open(
        reader: &Reader,
        resource: &Arc<Resource>,
        plan: BodyPlan,
        content_length: Option<u64>,
    ) -> Result<Self, ReadError> {
        let source = match plan {
            BodyPlan::Empty => Source::AtHand(None),
            BodyPlan::Text(text) => Source::AtHand(Some(text)),
            BodyPlan::Bytes(range) => open_range(reader, resource, range).await?,
            BodyPlan::Segments(segments) => Source::Stream(open_segments(reader, resource, segments)),
        };
        Ok(Self { content_length, source, _account: None })
    }

    /// A body that is at hand, or nothing where HEAD leaves it out.
    pub(crate) const fn at_hand(bytes: Option<Bytes>, content_length: Option<u64>) -> Self {
        Self { content_length, source: Source::AtHand(bytes), _account: None }
    }

    /// A body that the connection sends from a file.
    pub(super) const fn from_file(body: FileBody, account: Account) -> Self {
        Self { content_length: None, source: Source::Wire(body), _account: Some(account) }
    }

    /// No body, under a head that says how long it would be.
    pub(super) const fn silent(body: FileBody) -> Self {
        Self { content_length: None, source: Source::Wire(body), _account: None }
    }
}

async fn open_range(reader: &Reader, resource: &Resource, range: ByteRange) -> Result<Source, ReadError> {
    if let Some(bytes) = resource.at_hand(range) {
        return Ok(Source::AtHand(Some(bytes)));
    }
    let chunks = reader.open(resource, range).await?;
    Ok(Source::Stream(chunks.map_err(ReadError::Store).boxed()))
}

/// Opens one segment after the other, each when the one before has been sent.
fn open_segments(
    reader: &Reader,
    resource: &Arc<Resource>,
    segments: Vec<Segment>,
) -> BoxStream<'static, Result<Bytes, ReadError>> {
    let (reader, resource) = (reader.clone(), Arc::clone(resource));
    let opened = stream::iter(segments).then(move |segment| {
        let (reader, resource) = (reader.clone(), Arc::clone(&resource));
        async move {
            match segment {
                Segment::Text(text) => Ok(stream::once(async { Ok(text) }).boxed()),
                Segment::Bytes(range) => {
                    reader.open(&resource, range).await.map(|chunks| chunks.map_err(ReadError::Store).boxed())
                }
            }
        }
    });
    opened.try_flatten().boxed()
}

impl MessageBody for AnswerBody {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        match &self.source {
            Source::Wire(body) => body.size(),
            Source::AtHand(_) | Source::Stream(_) => self.content_length.map_or(BodySize::None, BodySize::Sized),
        }
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        match &mut self.source {
            Source::AtHand(bytes) => Poll::Ready(bytes.take().map(Ok)),
            Source::Stream(chunks) => chunks.poll_next_unpin(context).map(|chunk| chunk.map(broken_off)),
            Source::Wire(body) => Pin::new(body).poll_next(context).map(|chunk| chunk.map(broken_off)),
        }
    }
}

/// Logs an error after the head is gone. All that is left is to break the connection, so that nobody takes this for the end.
fn broken_off<E: Error + 'static>(chunk: Result<Bytes, E>) -> Result<Bytes, Box<dyn Error>> {
    chunk.map_err(|error| {
        tracing::error!(error = &error as &dyn Error, "an answer broke off");
        error.into()
    })
}
