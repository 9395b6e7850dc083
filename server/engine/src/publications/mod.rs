//! Publishing what clients uploaded: what is still missing is told, and when nothing is, the release is made.
//!
//! Making it may take longer than a request lasts. It goes on when its client leaves, and who asks for the same again waits for the same.

mod error;
mod missing;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use stowaway_domain::file_list::FileList;
use stowaway_domain::tag_metadata::TagMetadata;
use stowaway_domain::{Digest, Tag};
use tokio::sync::watch;

use crate::db::Database;
use crate::publish::{NoProgress, PublishError, Published, Publisher};
use crate::uploads::{UploadState, Uploads};

pub use error::PublicationError;

/// How long the outcome of a publish waits for a client that asks again.
const OUTCOME_KEPT: Duration = Duration::from_secs(600);

/// What a client asks to have published.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The tag.
    pub tag: Tag,
    /// The public part of the client's token.
    pub owner: String,
    /// The files.
    pub files: FileList,
    /// What `tag.toml` says.
    pub metadata: TagMetadata,
    /// SHA-256 of files and metadata as they came: the same again is the same publication.
    pub digest: Digest,
}

/// Bytes that the client has to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingBlob {
    /// What they are.
    pub digest: Digest,
    /// How many.
    pub size: u64,
    /// An upload of them that can go on.
    pub upload: Option<UploadState>,
}

/// How far a publication is.
#[derive(Debug, Clone)]
pub enum PublicationState {
    /// Bytes are missing; nothing was published.
    Missing(Vec<MissingBlob>),
    /// The release is being made.
    Running,
    /// There is a release.
    Done(Published),
}

type Outcome = Option<Result<Published, Arc<PublishError>>>;

/// A publish that runs, or ran a moment ago.
struct Running {
    outcome: watch::Receiver<Outcome>,
    begun: Instant,
}

type Key = (Tag, String, Digest);

/// Publishes what was uploaded.
#[derive(Clone)]
pub struct Publications {
    publisher: Publisher,
    uploads: Uploads,
    db: Database,
    running: Arc<Mutex<HashMap<Key, Running>>>,
}

impl Publications {
    /// With this publisher, of what these uploads brought.
    #[must_use]
    pub fn new(publisher: Publisher, uploads: Uploads, db: Database) -> Self {
        Self { publisher, uploads, db, running: Arc::default() }
    }

    /// Says what is missing, or publishes and waits for that, but no longer than `patience`. `may_read` says whether the client may
    /// know what a tag has.
    ///
    /// # Errors
    /// What was sent cannot be published, or the machine, store or database failed. Readers have what they had before.
    #[tracing::instrument(skip_all, fields(tag = %publication.tag))]
    pub async fn publish(
        &self,
        publication: Publication,
        may_read: &(dyn Fn(&Tag) -> bool + Send + Sync),
        patience: Duration,
    ) -> Result<PublicationState, PublicationError> {
        let missing = self.missing(&publication, may_read).await?;
        if !missing.is_empty() {
            self.expect_room(&publication, may_read).await?;
            return Ok(PublicationState::Missing(missing));
        }
        let blobs = publication.files.clone();
        let key = (publication.tag.clone(), publication.owner.clone(), publication.digest);
        let mut outcome = self.join_or_begin(&key, publication);
        let waited = tokio::time::timeout(patience, outcome.wait_for(Option::is_some)).await;
        let done = match waited {
            Err(_) => return Ok(PublicationState::Running),
            Ok(found) => found.ok().and_then(|outcome| outcome.clone()),
        };
        self.lock().remove(&key);
        match done {
            Some(Ok(published)) => Ok(PublicationState::Done(published)),
            Some(Err(error)) => match *error {
                // It was there a moment ago, and is not any more, or not whole: whoever has the bytes sends them again.
                PublishError::NotStored { digest, .. } | PublishError::StoredDamaged { digest, .. } => {
                    Ok(PublicationState::Missing(self.not_stored(&blobs, digest).await?))
                }
                _ => Err(PublicationError::Publish(error)),
            },
            None => Err(PublicationError::Broken),
        }
    }

    /// Before anything is uploaded. What fits depends on what the tag has: who may not know that is told when all has come.
    async fn expect_room(
        &self,
        publication: &Publication,
        may_read: &(dyn Fn(&Tag) -> bool + Send + Sync),
    ) -> Result<(), PublicationError> {
        if !may_read(&publication.tag) {
            return Ok(());
        }
        let room = self.publisher.expect_room(&publication.tag, publication.files.blobs().into_iter()).await;
        room.map_err(|error| PublicationError::Publish(Arc::new(error)))
    }

    fn join_or_begin(&self, key: &Key, publication: Publication) -> watch::Receiver<Outcome> {
        let mut running = self.lock();
        running.retain(|_, one| one.outcome.borrow().is_none() || one.begun.elapsed() < OUTCOME_KEPT);
        if let Some(one) = running.get(key) {
            return one.outcome.clone();
        }
        let (sender, outcome) = watch::channel(None);
        let publisher = self.publisher.clone();
        tokio::spawn(async move {
            let Publication { tag, files, metadata, .. } = publication;
            let published = publisher.publish_stored(files, metadata, &tag, Arc::new(NoProgress)).await;
            // Nobody may be waiting any more.
            let _ = sender.send(Some(published.map_err(Arc::new)));
        });
        running.insert(key.clone(), Running { outcome: outcome.clone(), begun: Instant::now() });
        outcome
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Publications {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Publications").finish_non_exhaustive()
    }
}
