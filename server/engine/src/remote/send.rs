//! Sends one file: from where the server is, as often as it takes.

use std::io::SeekFrom;
use std::sync::Arc;

use futures_util::StreamExt as _;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;
use url::Url;

use super::api::MissingFile;
use super::retry::{Failed, Retry};
use super::{RemoteError, RemotePublisher};
use crate::publish::{LocalFile, Progress, ProgressEvent, PublishError};

/// Read from the disk at once.
const READ_BYTES: usize = 256 * 1024;
/// A file of up to so many bytes is sent with the request that begins its upload. One that is cut off is sent again from its beginning.
const WITH_CREATION_BYTES: u64 = 1024 * 1024;

impl RemotePublisher {
    /// Sends the bytes of a file that the server lacks.
    pub(super) async fn send(
        &self,
        file: &LocalFile,
        missing: MissingFile,
        progress: &Arc<dyn Progress>,
    ) -> Result<(), RemoteError> {
        let server = self.connection.shown();
        let mut retry = Retry::new(&self.options);
        let mut at = match &missing.upload {
            Some(upload) => Some((self.known(&upload.href)?, upload.offset)),
            None => None,
        };
        loop {
            let step = match &at {
                None => match self.create(file, &missing, progress).await {
                    Ok((_, offset)) if offset >= missing.size => return Ok(()),
                    begun => begun.map(Some),
                },
                // The last bytes may have come and the answer not: asking finishes it.
                Some((upload, offset)) if *offset >= missing.size => match self.connection.offset(upload).await {
                    Ok(Some(offset)) if offset >= missing.size => return Ok(()),
                    found => found.map(|offset| offset.map(|offset| (upload.clone(), offset))),
                },
                Some((upload, offset)) => {
                    let end = self.append(file, upload, *offset, missing.size, progress).await;
                    match end {
                        Ok(end) if end >= missing.size => return Ok(()),
                        end => end.map(|end| Some((upload.clone(), end))),
                    }
                }
            };
            match step {
                Ok(next) => {
                    retry.progressed();
                    at = next;
                }
                Err(failed) => {
                    let is_gone = is_gone(&failed);
                    if is_gone {
                        at = None;
                        retry
                            .after(Failed::ForNow { source: "the upload is gone".into(), after: None }, &server)
                            .await?;
                        continue;
                    }
                    retry.after(failed, &server).await?;
                    at = self.ask(at, &mut retry).await?;
                }
            }
        }
    }

    /// Where the server is now. While it does not answer, that stays what it was.
    async fn ask(&self, at: Option<(Url, u64)>, retry: &mut Retry<'_>) -> Result<Option<(Url, u64)>, RemoteError> {
        let Some((upload, before)) = at else { return Ok(None) };
        match self.connection.offset(&upload).await {
            Ok(Some(offset)) => {
                if offset > before {
                    retry.progressed();
                }
                Ok(Some((upload, offset)))
            }
            Ok(None) => Ok(None),
            Err(Failed::Finally(error)) => Err(error),
            Err(Failed::ForNow { .. }) => Ok(Some((upload, before))),
        }
    }

    /// Begins an upload. A small file goes with it: half the requests, where there are many.
    async fn create(
        &self,
        file: &LocalFile,
        missing: &MissingFile,
        progress: &Arc<dyn Progress>,
    ) -> Result<(Url, u64), Failed> {
        let first = match missing.size {
            0 => None,
            size if size <= WITH_CREATION_BYTES => Some((size, self.bytes(file, 0, size, progress).await?)),
            _ => None,
        };
        self.connection.create(missing, first).await
    }

    async fn append(
        &self,
        file: &LocalFile,
        upload: &Url,
        offset: u64,
        size: u64,
        progress: &Arc<dyn Progress>,
    ) -> Result<u64, Failed> {
        let length = (size - offset).min(self.options.append_bytes.max(1));
        let bytes = self.bytes(file, offset, length, progress).await?;
        self.connection.append(upload, offset, length, bytes).await
    }

    /// Bytes of a file, as they are taken.
    async fn bytes(
        &self,
        file: &LocalFile,
        offset: u64,
        length: u64,
        progress: &Arc<dyn Progress>,
    ) -> Result<reqwest::Body, Failed> {
        let unreadable =
            |source| Failed::Finally(PublishError::Unreadable { path: file.location.clone(), source }.into());
        let mut opened = File::open(&file.location).await.map_err(unreadable)?;
        opened.seek(SeekFrom::Start(offset)).await.map_err(unreadable)?;
        let progress = Arc::clone(progress);
        let bytes = ReaderStream::with_capacity(opened.take(length), READ_BYTES).inspect(move |read| {
            if let Ok(bytes) = read {
                progress.report(&ProgressEvent::Uploaded { bytes: bytes.len() as u64 });
            }
        });
        Ok(reqwest::Body::wrap_stream(bytes))
    }

    fn known(&self, href: &str) -> Result<Url, RemoteError> {
        self.connection.url(href).map_err(|failed| match failed {
            Failed::Finally(error) => error,
            Failed::ForNow { .. } => RemoteError::Unexpected { what: "names no upload" },
        })
    }
}

/// Expired or removed: another upload has to be made.
fn is_gone(failed: &Failed) -> bool {
    matches!(failed, Failed::Finally(RemoteError::Refused { status: 404 | 410, .. }))
}
