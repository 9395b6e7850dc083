//! What the store keeps so that the database can be made again from it: a record beside the manifest of every release, and the state of
//! tags that were changed since. `docs/backup.md` tells operators about it.

mod keys;
mod rebuild;

use bytes::Bytes;
use stowaway_domain::{StoreKey, Tag};

use crate::db::{BackupError, Database, ReleaseRow};
use crate::store::{Store, StoreError};

pub use rebuild::{LeftOut, RebuildError, RebuildEvent, Rebuilt, rebuild};

/// A record that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The database did not give it.
    #[error("what is to be noted in the store cannot be read")]
    Rows(#[source] BackupError),
    /// The store did not take it.
    #[error("the store did not take the note")]
    Store(#[source] StoreError),
}

/// Writes the record of a release, unless it is there. A publish that died after its commit has left none: who publishes next writes it.
/// Where the release was retired between reading the record and writing it, what was noted of that is written again.
///
/// # Errors
/// The database or the store failed; the release is published all the same.
pub async fn keep_release(store: &Store, database: &Database, release: &ReleaseRow) -> Result<(), RecordError> {
    let key = release.record_key();
    if store.size(&key).await.map_err(RecordError::Store)?.is_some() {
        return Ok(());
    }
    let record = database.release_record(&release.tag, release.number).await.map_err(RecordError::Rows)?;
    let Some(record) = record else { return Ok(()) };
    store.put_bytes(&key, Bytes::from(record)).await.map_err(RecordError::Store)?;
    keep_retired(store, database, &release.tag, release.number).await
}

/// Notes of a release that it was retired, in the place of what there was to note of it: a database that is made again knows that too,
/// and does not look for what it needed.
///
/// # Errors
/// The database or the store failed; the release is retired all the same.
pub async fn keep_retired(store: &Store, database: &Database, tag: &Tag, release: u64) -> Result<(), RecordError> {
    let Some((manifest, record)) = database.retired_record(tag, release).await.map_err(RecordError::Rows)? else {
        return Ok(());
    };
    let key = StoreKey::ReleaseRecord(tag.clone(), release, manifest);
    store.put_bytes(&key, Bytes::from(record)).await.map_err(RecordError::Store)
}

/// Notes what a tag is now, after it was made to point at another release than its newest or was taken back. Of several that note at the
/// same time, the last one notes what is so.
///
/// # Errors
/// The database or the store failed; the tag is changed all the same.
pub async fn keep_tag_state(store: &Store, database: &Database, tag: &Tag) -> Result<(), RecordError> {
    let now = async || database.tag_record(tag).await.map_err(RecordError::Rows);
    let mut state = now().await?;
    while let Some(noted) = state {
        store
            .put_bytes(&StoreKey::TagState(tag.clone()), Bytes::from(noted.clone()))
            .await
            .map_err(RecordError::Store)?;
        state = now().await?.filter(|state| *state != noted);
    }
    Ok(())
}
