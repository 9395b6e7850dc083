//! A site in a bucket: objects under the addresses, each with the headers that object stores keep.

use bytes::Bytes;
use object_store::buffered::BufWriter;
use object_store::{Attribute, Attributes, ObjectStoreExt as _};
use tokio::io::AsyncWriteExt as _;

use super::error::ExportError;
use super::site::KeptHeaders;
use super::write::Source;
use crate::error_chain::ErrorChain;
use crate::store::Store;

/// Up to here an object is sent in one request; beyond, in parts of this size. S3 takes no smaller ones.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// Parts of an object on their way at once.
const PARTS_AT_ONCE: usize = 2;
/// Most parts that every object store takes.
const MAX_PARTS: u64 = 10_000;

/// The bucket, below a prefix.
#[derive(Debug, Clone)]
pub struct Bucket(Store);

impl Bucket {
    pub(super) const fn new(store: Store) -> Self {
        Self(store)
    }

    pub(super) async fn size(&self, path: &str) -> Result<Option<u64>, ExportError> {
        match self.0.backend().head(&self.0.path(path)).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(ExportError::site("looked up", path, error)),
        }
    }

    pub(super) async fn read(&self, path: &str) -> Result<Bytes, ExportError> {
        let failed = |error| ExportError::site("read", path, error);
        self.0.backend().get(&self.0.path(path)).await.map_err(failed)?.bytes().await.map_err(failed)
    }

    pub(super) async fn write(
        &self,
        path: &str,
        headers: &KeptHeaders,
        mut source: Source<'_>,
    ) -> Result<(), ExportError> {
        let part_bytes = part_bytes(source.size());
        let mut writer = BufWriter::with_capacity(self.0.backend().clone(), self.0.path(path), part_bytes)
            .with_max_concurrency(PARTS_AT_ONCE)
            .with_attributes(attributes(headers));
        let written = send(&mut writer, path, &mut source).await;
        if let Err(error) = written {
            if let Err(abort) = writer.abort().await {
                tracing::warn!(path, error = %ErrorChain(&abort), "the rest of a stopped export could not be removed");
            }
            return Err(error);
        }
        // Only now does the object appear.
        writer.shutdown().await.map_err(|error| ExportError::site("written", path, error))
    }
}

async fn send(writer: &mut BufWriter, path: &str, source: &mut Source<'_>) -> Result<(), ExportError> {
    while let Some(chunk) = source.next().await? {
        writer.put(chunk).await.map_err(|error| ExportError::site("written", path, error))?;
    }
    source.finish()
}

fn part_bytes(size: u64) -> usize {
    let mut bytes = PART_BYTES as u64;
    while size.div_ceil(bytes) > MAX_PARTS {
        bytes *= 2;
    }
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn attributes(headers: &KeptHeaders) -> Attributes {
    let mut attributes = Attributes::new();
    let mut keep = |attribute, value: &str| drop(attributes.insert(attribute, value.to_owned().into()));
    keep(Attribute::ContentType, headers.content_type.as_str());
    keep(Attribute::CacheControl, headers.cache_control.as_str());
    if let Some(disposition) = &headers.content_disposition {
        keep(Attribute::ContentDisposition, disposition.as_str());
    }
    attributes
}
