//! Makes the database again from what the store keeps.

use futures_util::TryStreamExt as _;
use stowaway_domain::coding::Coding;
use stowaway_domain::{Digest, StoreKey, Tag};

use super::keys::parse;
use crate::db::{BackupError, Database, OnExisting, Rebuild, VariantRow};
use crate::store::{Store, StoreError};

/// Records that are read at once.
const AT_ONCE: usize = 16;
/// A longer record is not one: that of 100,000 files has some 50 MB.
const RECORD_MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Tags.
    pub tags: u64,
    /// Releases of all of them.
    pub releases: u64,
    /// Records that could not be used. The rest is there.
    pub left_out: Vec<LeftOut>,
}

/// A record that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it lies in the store.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Something was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebuildEvent {
    /// A release.
    Release,
    /// What is known of a tag.
    Tag,
    /// A coded form.
    Variant,
}

/// Nothing was made again; the database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The database failed, or has rows that are to stay.
    #[error(transparent)]
    Rows(BackupError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes every row again that the store has a record of, in one transaction; `on_event` is told how it goes.
///
/// # Errors
/// The store or the database failed, or there are rows and they are to stay.
pub async fn rebuild(
    store: &Store,
    database: &Database,
    on_existing: OnExisting,
    on_event: &(dyn Fn(RebuildEvent) + Send + Sync),
) -> Result<Rebuilt, RebuildError> {
    let rows = database.begin_rebuild(on_existing).await.map_err(RebuildError::Rows)?;
    let mut work = Work { store, rows, left_out: Vec::new(), lost: Vec::new(), on_event };
    work.take_releases().await?;
    work.take_heads().await?;
    work.take_states().await?;
    work.take_variants().await?;
    work.keep_numbers().await?;
    let (tags, releases) = work.rows.finish().await.map_err(RebuildError::Rows)?;
    Ok(Rebuilt { tags, releases, left_out: work.left_out })
}

struct Work<'a> {
    store: &'a Store,
    rows: Rebuild,
    left_out: Vec<LeftOut>,
    /// Releases that were there, and whose numbers are not to be given again.
    lost: Vec<(Tag, u64)>,
    on_event: &'a (dyn Fn(RebuildEvent) + Send + Sync),
}

impl Work<'_> {
    /// Every record whose manifest is there, or that says of its release that it was retired.
    async fn take_releases(&mut self) -> Result<(), RebuildError> {
        let store = self.store;
        let records = store.names("releases").try_filter_map(async |object| Ok(record_and_manifest(&object.name)));
        let read = records.map_ok(async |(key, manifest)| {
            let is_there = store.size(&manifest).await?.is_some();
            let record = store.get_bytes(&key, RECORD_MAX_BYTES).await?;
            Ok::<_, StoreError>((key, record, is_there))
        });
        let mut read = std::pin::pin!(read.try_buffer_unordered(AT_ONCE));
        while let Some((key, record, is_there)) = read.try_next().await? {
            if !is_there && !self.rows.is_retired(&record) {
                self.leave_out(&key, "its manifest is gone".to_owned());
                continue;
            }
            let taken = self.rows.take_release(&record).await;
            self.note(&key, taken, RebuildEvent::Release)?;
        }
        Ok(())
    }

    /// What the newest release of every tag says of it.
    async fn take_heads(&mut self) -> Result<(), RebuildError> {
        let mut after = None;
        loop {
            let heads = self.rows.heads(after.as_ref()).await.map_err(RebuildError::Rows)?;
            let Some(last) = heads.last() else { return Ok(()) };
            after = Some(last.tag.clone());
            for head in heads {
                let key = StoreKey::ReleaseRecord(head.tag, head.release, head.manifest_digest);
                let record = self.store.get_bytes(&key, RECORD_MAX_BYTES).await?;
                let taken = self.rows.take_head(&record).await;
                self.note(&key, taken, RebuildEvent::Tag)?;
            }
        }
    }

    /// What was noted about tags since.
    async fn take_states(&mut self) -> Result<(), RebuildError> {
        let mut listed = self.store.names("tags");
        while let Some(object) = listed.try_next().await? {
            let Some(key) = parse(&object.name) else { continue };
            let state = self.store.get_bytes(&key, RECORD_MAX_BYTES).await?;
            let taken = self.rows.take_state(&state).await;
            self.note(&key, taken, RebuildEvent::Tag)?;
        }
        Ok(())
    }

    /// Every coded form. Where there are two of one coding, of two versions of a compressor, the older object was recorded first: a
    /// publish looks for a record before it makes a form. Forms of one document are listed one after the other.
    async fn take_variants(&mut self) -> Result<(), RebuildError> {
        let mut listed = self.store.names("variants");
        let mut forms: Vec<Form> = Vec::new();
        while let Some(object) = listed.try_next().await? {
            let Some(StoreKey::Variant(identity, coding, digest)) = parse(&object.name) else { continue };
            if forms.first().is_some_and(|form| form.identity != identity) {
                self.record(std::mem::take(&mut forms)).await?;
            }
            forms.push(Form { modified_ms: object.modified_ms, identity, coding, digest, size: object.size });
        }
        self.record(forms).await
    }

    async fn record(&mut self, mut forms: Vec<Form>) -> Result<(), RebuildError> {
        forms.sort_by_key(|form| form.modified_ms);
        let row = |form: &Form| VariantRow {
            identity: form.identity,
            coding: form.coding,
            digest: form.digest,
            size: form.size,
        };
        let rows: Vec<VariantRow> = forms.iter().map(row).collect();
        self.rows.take_variants(&rows).await.map_err(RebuildError::Rows)?;
        rows.iter().for_each(|_| (self.on_event)(RebuildEvent::Variant));
        Ok(())
    }

    /// What cannot be read is left out; what the database does ends everything.
    fn note(
        &mut self,
        key: &StoreKey,
        taken: Result<(), BackupError>,
        event: RebuildEvent,
    ) -> Result<(), RebuildError> {
        match taken {
            Ok(()) => (self.on_event)(event),
            Err(error @ BackupError::Database(_)) => return Err(RebuildError::Rows(error)),
            Err(error) => self.leave_out(key, error.to_string()),
        }
        Ok(())
    }

    /// A release that is lost was served: its number is not given to another.
    async fn keep_numbers(&mut self) -> Result<(), RebuildError> {
        for (tag, release) in &self.lost {
            self.rows.keep_number(tag, *release).await.map_err(RebuildError::Rows)?;
        }
        Ok(())
    }

    fn leave_out(&mut self, key: &StoreKey, reason: String) {
        if let StoreKey::ReleaseRecord(tag, release, _) = key {
            self.lost.push((tag.clone(), *release));
        }
        self.left_out.push(LeftOut { key: key.to_string(), reason });
    }
}

/// A coded form as it lies in the store.
struct Form {
    modified_ms: i64,
    identity: Digest,
    coding: Coding,
    digest: Digest,
    size: u64,
}

/// A record, and the manifest beside which it lies.
fn record_and_manifest(name: &str) -> Option<(StoreKey, StoreKey)> {
    match parse(name)? {
        StoreKey::ReleaseRecord(tag, release, digest) => {
            let manifest = StoreKey::Manifest(tag.clone(), release, digest);
            Some((StoreKey::ReleaseRecord(tag, release, digest), manifest))
        }
        _ => None,
    }
}
