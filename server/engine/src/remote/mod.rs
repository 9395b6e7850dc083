//! Publishing a folder to a server over the network: the server is told digests, says which bytes it lacks, gets these, and makes the
//! release. Whatever stops on the way, here or there, doing it again goes on from the last byte that was acknowledged.

mod api;
mod connection;
mod error;
mod retry;
mod send;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use stowaway_domain::{Digest, Tag};
use url::Url;

use crate::publish::{FolderListing, LocalFile, Progress, ProgressEvent, PublishError, list_folder};

pub use api::RemoteRelease;
pub use error::RemoteError;

use api::{Answer, MissingFile};
use connection::Connection;

/// How often a server may say that bytes are missing which it was just sent.
const MAX_ROUNDS: u32 = 3;
/// How long to wait before asking again for a release that is being made, when the server does not say.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Bounds on the work of a publish over the network.
#[derive(Debug, Clone)]
pub struct RemoteOptions {
    /// Files that are read and hashed at once.
    pub workers: usize,
    /// Files that are sent at once.
    pub uploads: usize,
    /// Bytes of one request at most: what is behind it is acknowledged.
    pub append_bytes: u64,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long the server may take to answer once everything was sent.
    pub answer_timeout: Duration,
    /// How often in a row something may fail without a byte of progress.
    pub attempts: u32,
    /// The wait after the first failure; doubled with each, up to a minute.
    pub first_wait: Duration,
}

impl Default for RemoteOptions {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            workers,
            uploads: 3,
            append_bytes: 64 * 1024 * 1024,
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(180),
            attempts: 8,
            first_wait: Duration::from_millis(250),
        }
    }
}

/// Publishes folders to one server.
pub struct RemotePublisher {
    connection: Connection,
    options: RemoteOptions,
}

impl RemotePublisher {
    /// To the server at `server` (scheme and host), with a token that may publish.
    ///
    /// # Errors
    /// The token cannot be sent, or no client can be made.
    pub fn new(server: &Url, token: &str, options: RemoteOptions) -> Result<Self, RemoteError> {
        Ok(Self { connection: Connection::new(server, token, &options)?, options })
    }

    /// Publishes `folder` as the next release of `tag`, or finds that nothing changed. When this returns, the release is durable at the
    /// server.
    ///
    /// # Errors
    /// The folder breaks a rule, the server refuses, or it stays away.
    #[tracing::instrument(skip_all, fields(tag = %tag))]
    pub async fn publish(
        &self,
        folder: &Path,
        tag: &Tag,
        progress: Arc<dyn Progress>,
    ) -> Result<RemoteRelease, RemoteError> {
        let mut listing = list_folder(folder, self.options.workers, Arc::clone(&progress)).await?;
        let request = api::request(&listing)?;
        let mut rounds = 0;
        let mut bytes_uploaded = 0;
        loop {
            match self.connection.publish(tag, &request).await? {
                Answer::Done(release) => return Ok(release.with_uploaded(bytes_uploaded)),
                Answer::Running { ask_again } => tokio::time::sleep(ask_again.unwrap_or(ASK_AGAIN)).await,
                Answer::Missing(missing) if rounds < MAX_ROUNDS => {
                    rounds += 1;
                    bytes_uploaded += self.send_missing(&listing, missing, &progress).await?;
                    listing = listing.settled().await?;
                }
                Answer::Missing(_) => return Err(RemoteError::StillMissing),
            }
        }
    }

    /// Sends what is missing; says how many bytes went.
    async fn send_missing(
        &self,
        listing: &FolderListing,
        missing: Vec<MissingFile>,
        progress: &Arc<dyn Progress>,
    ) -> Result<u64, RemoteError> {
        let by_digest: HashMap<Digest, &LocalFile> =
            listing.files.iter().map(|file| (file.listed.digest, file)).collect();
        let bytes = missing.iter().map(|one| one.size - one.offset().min(one.size)).sum();
        progress.report(&ProgressEvent::UploadPlanned { blobs: missing.len() as u64, bytes });
        let mut sending = Vec::with_capacity(missing.len());
        for one in missing {
            let file = by_digest
                .get(&one.digest)
                .ok_or(RemoteError::Unexpected { what: "asks for a file that was not offered" })?;
            sending.push(self.send(file, one, progress));
        }
        stream::iter(sending).buffer_unordered(self.options.uploads.max(1)).try_collect::<()>().await?;
        Ok(bytes)
    }
}

impl From<PublishError> for RemoteError {
    fn from(error: PublishError) -> Self {
        Self::Folder(error)
    }
}

impl std::fmt::Debug for RemotePublisher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RemotePublisher").field("options", &self.options).finish_non_exhaustive()
    }
}
