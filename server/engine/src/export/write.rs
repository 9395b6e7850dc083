//! Writing what is missing and removing what is gone, stage by stage; each file's bytes are held against what its address promises before it appears.

use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use stowaway_domain::Digest;
use stowaway_domain::answer::BodyPlan;
use stowaway_domain::cache_policy::CachePolicy;
use stowaway_domain::range::ByteRange;

use super::error::ExportError;
use super::plan::{Item, Plan, What};
use super::site::{KeptHeaders, Site};
use super::{AT_ONCE, ExportEvent, ExportProgress, Exporter};
use crate::read::{Reader, Resource, Span, SpanStream};

/// Bytes of a file in memory at once.
const CHUNK_BYTES: u64 = 256 * 1024;

impl Exporter {
    /// Writes what is missing. What is written is there when the next stage begins.
    pub(super) async fn write(
        &self,
        site: &Site,
        plan: Plan,
        progress: &dyn ExportProgress,
    ) -> Result<(), ExportError> {
        for items in plan.stages.into_values() {
            let missing = items.into_iter().filter(|item| item.is_missing);
            let work = missing.map(|item| async move { self.write_item(site, &item, progress).await });
            stream::iter(work).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        }
        Ok(())
    }

    async fn write_item(&self, site: &Site, item: &Item, progress: &dyn ExportProgress) -> Result<(), ExportError> {
        if let What::Nothing = item.what {
            return site.remove(&item.path).await;
        }
        let resource = self.resource(item).await?;
        let headers = kept_headers(&self.reader, item, &resource);
        if let Some(original) = item.original()
            && site.link(original, &item.path, item.size, &headers).await?
        {
            progress.report(ExportEvent::Written(item.size));
            return Ok(());
        }
        let source = Source::open(&self.reader, &item.path, &resource, progress).await?;
        site.write(&item.path, &headers, source).await
    }
}

fn kept_headers(reader: &Reader, item: &Item, resource: &Resource) -> KeptHeaders {
    let representation = &resource.representation;
    let header = |name| representation.header(name).cloned();
    let cache_control = match item.what {
        What::CurrentManifest(..) => Some(reader.pointer_policy().cache_control()),
        What::Media { .. } | What::LatestBundle { .. } => Some(CachePolicy::Revalidate.cache_control()),
        _ => header("cache-control"),
    };
    KeptHeaders {
        content_type: representation.media_type().clone(),
        cache_control: cache_control.unwrap_or_else(|| "no-cache".into()),
        content_disposition: header("content-disposition"),
        last_modified_unix_s: representation.digest().last_modified_unix_s(),
    }
}

/// The bytes of a file, checked on their way.
pub(super) struct Source<'a> {
    address: &'a str,
    progress: &'a dyn ExportProgress,
    spans: SpanStream,
    /// What is left of a stretch of a file.
    rest: Option<Span>,
    size: u64,
    taken: u64,
    hasher: Sha256,
    /// Nothing for bundles, which are never hashed together.
    expected: Option<Digest>,
}

impl<'a> Source<'a> {
    async fn open(
        reader: &Reader,
        address: &'a str,
        resource: &Arc<Resource>,
        progress: &'a dyn ExportProgress,
    ) -> Result<Self, ExportError> {
        let representation = &resource.representation;
        let plan = ByteRange::whole(representation.size()).map_or(BodyPlan::Empty, BodyPlan::Bytes);
        let opened = reader.open_spans(resource, plan).await;
        let opened =
            opened.map_err(|source| ExportError::Read { address: address.to_owned(), source: Arc::new(source) })?;
        Ok(Self {
            address,
            progress,
            spans: opened.spans.into_stream(),
            rest: None,
            size: representation.size(),
            taken: 0,
            hasher: Sha256::new(),
            expected: representation.has_digest().then(|| representation.digest()),
        })
    }

    /// Bytes of the whole.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The next bytes; nothing after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, ExportError> {
        let span = match self.rest.take() {
            Some(span) => Some(span),
            None => self.spans.try_next().await.map_err(|source| self.unreadable(source))?,
        };
        let chunk = match span {
            None => return Ok(None),
            Some(Span::Bytes(bytes)) => bytes,
            Some(Span::File { file, offset, len }) => {
                let count = len.min(CHUNK_BYTES);
                if count < len {
                    self.rest = Some(Span::File { file: Arc::clone(&file), offset: offset + count, len: len - count });
                }
                let read = tokio::task::spawn_blocking(move || {
                    let mut chunk = BytesMut::zeroed(usize::try_from(count).unwrap_or(usize::MAX));
                    file.read_exact_at(&mut chunk, offset).map(|()| chunk.freeze())
                });
                let read = read.await.map_err(std::io::Error::other).flatten();
                read.map_err(|error| self.damaged(error.to_string()))?
            }
        };
        self.taken += chunk.len() as u64;
        if self.expected.is_some() {
            self.hasher.update(&chunk);
        }
        self.progress.report(ExportEvent::Written(chunk.len() as u64));
        Ok(Some(chunk))
    }

    /// Were these the bytes that the address promises?
    pub(super) fn finish(&mut self) -> Result<(), ExportError> {
        if self.taken != self.size {
            return Err(self.damaged(format!("it has {} bytes and not {}", self.taken, self.size)));
        }
        let found = Digest::from_bytes(std::mem::take(&mut self.hasher).finalize().into());
        match self.expected {
            Some(expected) if expected != found => Err(self.damaged(format!("its digest is {found}"))),
            _ => Ok(()),
        }
    }

    fn damaged(&self, reason: String) -> ExportError {
        ExportError::Damaged { address: self.address.to_owned(), reason }
    }

    fn unreadable(&self, source: crate::read::ReadError) -> ExportError {
        ExportError::Read { address: self.address.to_owned(), source: Arc::new(source) }
    }
}
