//! Reading objects: small ones whole, blobs as a stream of bounded chunks. A short read is an error, never a silent end.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::{GetOptions, GetRange, GetResult, ObjectStore as _};
use stowaway_domain::StoreKey;
use stowaway_domain::range::ByteRange;

use super::pin::{expect_pinned, pinned, read_error};
use super::{OpenFile, Store, StoreError};

/// Bytes of an object, in order, in chunks of at most [`super::StoreOptions::read_chunk_bytes`].
pub type ByteStream = BoxStream<'static, Result<Bytes, StoreError>>;

impl Store {
    /// Reads a whole small object.
    ///
    /// # Errors
    /// It is not there, is larger than `max_bytes`, or the store failed.
    pub async fn get_bytes(&self, key: &StoreKey, max_bytes: u64) -> Result<Bytes, StoreError> {
        Self::count("read", self.collect(key, max_bytes).await)
    }

    async fn collect(&self, key: &StoreKey, max_bytes: u64) -> Result<Bytes, StoreError> {
        let name = key.to_string();
        let answer = self.get(key, None).await?;
        let size = answer.meta.size;
        if size > max_bytes {
            return Err(StoreError::TooLarge { key: name, max_bytes });
        }
        let chunks = answer.into_stream().map_err(|source| StoreError::of("read", name.clone(), source));
        let bytes: BytesMut = chunks
            .try_fold(BytesMut::new(), |mut bytes, chunk| async move {
                bytes.extend_from_slice(&chunk);
                Ok(bytes)
            })
            .await?;
        count_bytes(key.kind(), bytes.len());
        if bytes.len() as u64 != size {
            return Err(StoreError::Short { key: name, expected_bytes: size, received_bytes: bytes.len() as u64 });
        }
        Ok(bytes.freeze())
    }

    /// Streams a range of an object. The stream gives exactly these bytes or ends with an error.
    ///
    /// # Errors
    /// The object is not there, or the store failed before the first byte; later failures come through the stream.
    pub async fn read(&self, key: &StoreKey, range: ByteRange) -> Result<ByteStream, StoreError> {
        let span = range.first..range.end();
        let opened = match self.local_path(key) {
            Some(path) => open_local(key, path, &span).await.map(|file| self.local_chunks(key, file, span)),
            None => self.remote_chunks(key, span).await,
        };
        Self::count("read", opened)
    }

    fn local_chunks(&self, key: &StoreKey, file: Arc<File>, span: Range<u64>) -> ByteStream {
        let (name, kind, chunk_bytes) = (key.to_string(), key.kind(), self.options.read_chunk_bytes.max(1) as u64);
        let expected_bytes = span.end - span.start;
        stream::try_unfold(span.start, move |at| {
            let (file, name) = (Arc::clone(&file), name.clone());
            let (first, end) = (span.start, span.end);
            async move {
                if at == end {
                    return Ok(None);
                }
                let length = usize::try_from((end - at).min(chunk_bytes)).unwrap_or(usize::MAX);
                let read = tokio::task::spawn_blocking(move || read_at(&file, at, length)).await;
                let chunk = match read.map_err(std::io::Error::other).flatten() {
                    Ok(chunk) => chunk,
                    Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                        return Err(StoreError::Short { key: name, expected_bytes, received_bytes: at - first });
                    }
                    Err(source) => {
                        return Err(StoreError::Failed { operation: "read", key: name, source: Box::new(source) });
                    }
                };
                count_bytes(kind, chunk.len());
                let next = at + chunk.len() as u64;
                Ok(Some((chunk, next)))
            }
        })
        .boxed()
    }

    async fn remote_chunks(&self, key: &StoreKey, span: Range<u64>) -> Result<ByteStream, StoreError> {
        let (name, kind, chunk_bytes) = (key.to_string(), key.kind(), self.options.read_chunk_bytes.max(1));
        let expected_bytes = span.end - span.start;
        let answer = self.get(key, Some(span.clone())).await?;
        if answer.range != span {
            let received_bytes = answer.range.end.saturating_sub(answer.range.start);
            return Err(StoreError::Short { key: name, expected_bytes, received_bytes });
        }
        let state = (answer.into_stream(), Bytes::new(), 0_u64);
        let chunks = stream::try_unfold(state, move |(mut source, mut rest, received_bytes)| {
            let name = name.clone();
            async move {
                while rest.is_empty() {
                    match source.next().await {
                        Some(Ok(chunk)) => rest = chunk,
                        Some(Err(error)) => return Err(StoreError::of("read", name, error)),
                        None if received_bytes == expected_bytes => return Ok(None),
                        None => return Err(StoreError::Short { key: name, expected_bytes, received_bytes }),
                    }
                }
                let chunk = rest.split_to(rest.len().min(chunk_bytes));
                count_bytes(kind, chunk.len());
                let received_bytes = received_bytes + chunk.len() as u64;
                Ok(Some((chunk, (source, rest, received_bytes))))
            }
        });
        Ok(chunks.boxed())
    }

    async fn get(&self, key: &StoreKey, span: Option<Range<u64>>) -> Result<GetResult, StoreError> {
        let options = GetOptions { range: span.map(GetRange::Bounded), ..GetOptions::default() };
        let answer = self.backend.get_opts(&self.path(&key.to_string()), pinned(key, options)).await;
        let answer = answer.map_err(|source| read_error(key, source))?;
        expect_pinned(key, &answer.meta)?;
        Ok(answer)
    }
}

/// Opens the file of an object, which must reach to the end of `span`: a file that was cut off is to be noticed while another
/// answer than a broken one can still be given.
async fn open_local(key: &StoreKey, path: PathBuf, span: &Range<u64>) -> Result<Arc<File>, StoreError> {
    let OpenFile { file, size, .. } = OpenFile::open(key, path).await?;
    if size < span.end {
        let (expected_bytes, received_bytes) = (span.end - span.start, size.saturating_sub(span.start));
        return Err(StoreError::Short { key: key.to_string(), expected_bytes, received_bytes });
    }
    Ok(file)
}

fn read_at(file: &File, at: u64, length: usize) -> std::io::Result<Bytes> {
    let mut chunk = BytesMut::zeroed(length);
    file.read_exact_at(&mut chunk, at)?;
    Ok(chunk.freeze())
}

pub(super) fn count_bytes(kind: &'static str, bytes: usize) {
    metrics::counter!("stowaway_store_read_bytes_total", "kind" => kind).increment(bytes as u64);
}
