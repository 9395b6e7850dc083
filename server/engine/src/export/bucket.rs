//! A site in a bucket: objects under the addresses, each with the headers that object stores keep.

use bytes::Bytes;
use object_store::buffered::BufWriter;
use object_store::{Attribute, Attributes, ObjectStoreExt as _};
use reqwest::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue};
use tokio::io::AsyncWriteExt as _;

use super::error::ExportError;
use super::site::KeptHeaders;
use super::write::Source;
use crate::error_chain::ErrorChain;
use crate::store::{COPY_MAX_BYTES, ObjectCopier, Store};

/// Up to here an object is sent in one request; beyond, in parts of this size. S3 takes no smaller ones.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// Parts of an object on their way at once.
const PARTS_AT_ONCE: usize = 2;
/// Most parts that every object store takes.
const MAX_PARTS: u64 = 10_000;

/// The bucket, below a prefix.
#[derive(Debug, Clone)]
pub struct Bucket(Store, Option<ObjectCopier>);

impl Bucket {
    pub(super) fn new(store: Store) -> Self {
        let copier = store.copier();
        Self(store, copier)
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

    /// Has the store copy `original` to `path`, with these headers; false when it cannot, or did not.
    pub(super) async fn copy(&self, original: &str, path: &str, size: u64, headers: &KeptHeaders) -> bool {
        let Some(copier) = self.1.as_ref().filter(|_| size <= COPY_MAX_BYTES) else { return false };
        let Some(headers) = header_list(headers) else { return false };
        match copier.copy(original, path, &headers).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(path, error = %ErrorChain(&error), "the bytes are sent again, as the store did not copy them");
                false
            }
        }
    }

    pub(super) async fn remove(&self, path: &str) -> Result<(), ExportError> {
        match self.0.backend().delete(&self.0.path(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(ExportError::site("removed", path, error)),
        }
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

/// Nothing when one of them is no header, which sending the bytes will say.
fn header_list(headers: &KeptHeaders) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let all = [
        Some((CONTENT_TYPE, headers.content_type.as_str())),
        Some((CACHE_CONTROL, headers.cache_control.as_str())),
        headers.content_disposition.as_ref().map(|value| (CONTENT_DISPOSITION, value.as_str())),
    ];
    all.into_iter().flatten().map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?))).collect()
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

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::net::TcpListener;
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;
    use crate::store::StoreOptions;

    /// What was logged.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn why_a_store_did_not_copy_is_said_in_json_too() {
        // An address that nobody listens at.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let environment =
            [("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_ALLOW_HTTP", "true")];
        let options = StoreOptions {
            endpoint: Some(format!("http://{address}")),
            environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            ..StoreOptions::default()
        };
        let bucket = Bucket::new(Store::open("s3://bucket/site", &options).unwrap());
        let headers = KeptHeaders {
            content_type: "audio/wav".into(),
            cache_control: "no-cache".into(),
            content_disposition: None,
            last_modified_unix_s: 0,
        };
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
        let logged = tracing::subscriber::set_default(subscriber);
        assert!(!bucket.copy("blobs/x/1.wav", "tags/a/media/1.wav", 1, &headers).await);
        drop(logged);
        let bytes = log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let lines = String::from_utf8(bytes).unwrap();
        let line = lines.lines().find(|line| line.contains("did not copy")).unwrap();
        let said: serde_json::Value = serde_json::from_str(line).unwrap();
        let error = said["fields"]["error"].as_str().unwrap();
        assert!(error.to_lowercase().contains("connection refused"), "{error}");
    }
}
