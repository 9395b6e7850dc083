//! One append: bytes come, are hashed, and are recorded as soon as a part of them is durable.

use std::io;
use std::pin::pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use stowaway_domain::upload::{Checksum, ChecksumHasher, UploadId, expect_append};

use super::hold::Held;
use super::writer::Writer;
use super::{UploadError, UploadFaultPoint, UploadState, Uploads};

/// What a client says about the bytes that it sends.
#[derive(Debug, Clone, Default)]
pub struct Append {
    /// Where they go.
    pub offset: u64,
    /// How many there are, if it says so.
    pub length: Option<u64>,
    /// What they hash to, if it says so: then all of them are kept, or none.
    pub checksum: Option<Checksum>,
}

/// Why no more bytes come.
enum Stop {
    /// The client left or fell silent.
    Body(io::Error),
    /// The server cannot go on.
    Failed(UploadError),
}

impl Uploads {
    /// Appends `body` to an upload of `owner`. When this returns, the bytes up to the offset that it gives are durable; the last byte
    /// stores the blob. A body that breaks off leaves what had come of it.
    ///
    /// # Errors
    /// As [`UploadError`] says.
    #[tracing::instrument(skip_all, fields(upload = %id))]
    pub async fn append(
        &self,
        owner: &str,
        id: &UploadId,
        append: Append,
        body: impl Stream<Item = io::Result<Bytes>> + Send,
    ) -> Result<UploadState, UploadError> {
        let row = self.find(owner, id).await?;
        expect_append(row.size, row.offset, append.offset, append.length)?;
        let _slot = self.slots.try_acquire().map_err(|_| UploadError::Overloaded)?;
        let held = self.hold(owner, id).await?;
        let outcome = self.append_held(&held, append, body).await;
        held.release().await;
        outcome
    }

    async fn append_held(
        &self,
        held: &Held,
        append: Append,
        body: impl Stream<Item = io::Result<Bytes>> + Send,
    ) -> Result<UploadState, UploadError> {
        self.reached(UploadFaultPoint::Held)?;
        let row = &held.row;
        expect_append(row.size, row.offset, append.offset, append.length)?;
        if row.finished {
            return Ok(row.clone().into());
        }
        let mut checksum = append.checksum.map(Checksum::hasher);
        let mut writer = Writer::resume(self, held, checksum.is_some()).await?;
        let cut_off = match self.take(&mut writer, checksum.as_mut(), body).await {
            Ok(()) => None,
            Err(Stop::Failed(error)) => return Err(error),
            // What nobody can check is not kept.
            Err(Stop::Body(source)) if checksum.is_some() => {
                return Err(UploadError::Interrupted { offset_bytes: row.offset, source });
            }
            Err(Stop::Body(source)) => Some(source),
        };
        if checksum.is_some_and(|checksum| !checksum.matches()) {
            return Err(UploadError::Checksum);
        }
        let row = writer.record_rest().await?;
        self.reached(UploadFaultPoint::Recorded)?;
        if row.offset == row.size {
            return self.finish(held, row).await;
        }
        match cut_off {
            None => Ok(row.into()),
            Some(source) => Err(UploadError::Interrupted { offset_bytes: row.offset, source }),
        }
    }

    /// Takes the body to its end.
    async fn take(
        &self,
        writer: &mut Writer<'_>,
        mut checksum: Option<&mut ChecksumHasher>,
        body: impl Stream<Item = io::Result<Bytes>> + Send,
    ) -> Result<(), Stop> {
        let mut body = pin!(body);
        loop {
            let next = tokio::time::timeout(self.options.idle, body.next()).await;
            let chunk = match next {
                Ok(Some(Ok(chunk))) => chunk,
                Ok(None) => return Ok(()),
                Ok(Some(Err(source))) => return Err(Stop::Body(source)),
                Err(_) => return Err(Stop::Body(io::ErrorKind::TimedOut.into())),
            };
            if let Some(checksum) = &mut checksum {
                checksum.update(&chunk);
            }
            metrics::counter!("stowaway_upload_received_bytes_total").increment(chunk.len() as u64);
            writer.write(chunk).await.map_err(Stop::Failed)?;
        }
    }
}
