//! Reads everything that is stored again and compares it with its digest, within a bandwidth, and mends what is damaged from a copy.
//!
//! It goes by what the database says is there, in one order, and notes where it is, so that one that was stopped goes on. What is
//! damaged is recorded until it was mended: here, or by the next publish that has the bytes. What it says in the end is what is damaged
//! then.

mod check;
mod error;
mod report;
mod resume;
mod throttle;

use std::path::PathBuf;

use futures_util::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use stowaway_domain::{Digest, StoreKey, Tag};

use crate::db::{BlobRow, Database, Kept, ReleaseRow};
use crate::jobs::Job;
use crate::store::{ExpectedFile, Store};

pub use error::ScrubError;
pub use report::{Damage, ScrubReport};
pub use resume::ScrubParameters;

use check::Verdict;
use throttle::Throttle;

const BATCH: u32 = 100;

/// Places that are named of one damaged object.
const NAMED_PLACES: u32 = 10;

/// What to read, and how fast.
#[derive(Debug, Clone, Default)]
pub struct ScrubOptions {
    /// Only what this tag needs.
    pub tag: Option<Tag>,
    /// At most so many bytes a second; `None` is as fast as the store gives them.
    pub bytes_per_second: Option<u64>,
    /// Where a copy of the store is.
    pub copy: Option<Store>,
    /// Where a blob from the copy is kept while it is checked.
    pub workspace: PathBuf,
}

/// How far a scrub is: everything up to here is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrubCursor {
    /// The last blob.
    pub blob: Option<Digest>,
    /// Whether all blobs are done.
    pub blobs_done: bool,
    /// The last release whose documents were read.
    pub release: Option<(Tag, u64)>,
}

/// How far it is and what it has found, as it is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScrubProgress {
    /// Where it is.
    pub cursor: ScrubCursor,
    /// What it has found up to there.
    pub report: ScrubReport,
}

/// Called with the bytes that were read.
pub type OnRead<'a> = &'a (dyn Fn(u64) + Send + Sync);

/// Reads everything again.
pub struct Scrubber {
    store: Store,
    db: Database,
    options: ScrubOptions,
}

struct Run<'a> {
    job: &'a Job,
    progress: ScrubProgress,
    throttle: Throttle,
    on_read: OnRead<'a>,
}

impl Run<'_> {
    /// Notes where it is.
    async fn checkpoint(&self) -> Result<(), ScrubError> {
        if self.job.checkpoint(&self.progress).await? { Ok(()) } else { Err(ScrubError::TakenOver) }
    }
}

impl Scrubber {
    /// A scrubber of this store, by this database.
    #[must_use]
    pub const fn new(store: Store, db: Database, options: ScrubOptions) -> Self {
        Self { store, db, options }
    }

    /// Reads everything once, as `job`, from where `begin_at` is, or until `stop`: then it is left where it is, in the middle of a blob
    /// or of a wait for its bandwidth, and what was read since the last whole blob is read again by the next one.
    ///
    /// # Errors
    /// Database or store do not answer, or `stop` came; not damage, which is in the report.
    #[tracing::instrument(skip_all, fields(job = job.id()))]
    pub async fn run(
        &self,
        job: &Job,
        begin_at: ScrubProgress,
        on_read: OnRead<'_>,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<ScrubReport, ScrubError> {
        // Whatever ends it before it has read anything, the next one begins here.
        job.report(&begin_at);
        let throttle = Throttle::new(self.options.bytes_per_second);
        tokio::select! {
            () = stop => Err(ScrubError::Interrupted),
            outcome = self.read_everything(Run { job, progress: begin_at, throttle, on_read }) => outcome,
        }
    }

    async fn read_everything(&self, mut run: Run<'_>) -> Result<ScrubReport, ScrubError> {
        self.expect_store().await?;
        self.scrub_blobs(&mut run).await?;
        self.scrub_releases(&mut run).await?;
        self.settle(run.progress.report).await
    }

    /// Somebody may have mended what it found, by a publish while it ran, or before it went on.
    async fn settle(&self, mut report: ScrubReport) -> Result<ScrubReport, ScrubError> {
        let damaged = self.db.damaged_of(report.open()).await?;
        report.settle(&damaged, self.db.damage_count().await?);
        Ok(report)
    }

    /// In a bucket that is not there no object is: that is one error, and not damage of everything.
    async fn expect_store(&self) -> Result<(), ScrubError> {
        let mut listed = self.store.names("blobs");
        Ok(listed.try_next().await.map(drop)?)
    }

    async fn scrub_blobs(&self, run: &mut Run<'_>) -> Result<(), ScrubError> {
        while !run.progress.cursor.blobs_done {
            let blobs = self.db.blobs_page(run.progress.cursor.blob, self.options.tag.as_ref(), BATCH).await?;
            run.progress.cursor.blobs_done = blobs.is_empty();
            for blob in &blobs {
                self.scrub_blob(run, blob).await?;
                run.progress.cursor.blob = Some(blob.digest);
                run.progress.report.blobs += 1;
                run.checkpoint().await?;
            }
        }
        Ok(())
    }

    /// A blob, its piece index, and the coded forms of both.
    async fn scrub_blob(&self, run: &mut Run<'_>, blob: &BlobRow) -> Result<(), ScrubError> {
        let index_key = StoreKey::BlobPieces(blob.digest);
        let (index, index_verdict) =
            check::piece_index(&self.store, &index_key, blob, self.db.piece_index_of(&blob.digest).await?).await?;
        let key = blob.key();
        let verdict = check::blob(&self.store, &key, blob, index.as_ref(), &mut run.throttle, run.on_read).await?;
        // Bytes that are right while the pieces are not: it is the index that is wrong.
        let (blob_verdict, index_verdict) = match verdict {
            check::BlobVerdict::Bytes(verdict) => (verdict, index_verdict),
            check::BlobVerdict::Pieces(reason) => (Verdict::Whole, Verdict::Damaged(reason)),
        };
        let expected = Some(ExpectedFile { size: blob.size, digest: blob.digest });
        self.note(run, &key, blob_verdict, expected).await?;
        self.note(run, &index_key, index_verdict, None).await?;
        let index_digest = index.map(|index| index.digest);
        let identities: Vec<Digest> = [Some(blob.digest), index_digest].into_iter().flatten().collect();
        self.scrub_forms(run, &identities).await
    }

    async fn scrub_releases(&self, run: &mut Run<'_>) -> Result<(), ScrubError> {
        loop {
            let after = run.progress.cursor.release.clone();
            let after = after.as_ref().map(|(tag, number)| (tag, *number));
            let releases = self.db.releases_to_scrub(after, self.options.tag.as_ref(), BATCH).await?;
            if releases.is_empty() {
                return Ok(());
            }
            for release in &releases {
                self.scrub_release(run, release).await?;
                run.progress.cursor.release = Some((release.tag.clone(), release.number));
                run.progress.report.releases += 1;
                run.checkpoint().await?;
            }
        }
    }

    async fn scrub_release(&self, run: &mut Run<'_>, release: &ReleaseRow) -> Result<(), ScrubError> {
        let mut documents =
            vec![(release.manifest_key(), release.manifest_digest), (release.pieces_key(), release.pieces_digest)];
        documents.extend(release.chunks_key());
        for (key, digest) in documents {
            self.scrub_document(run, &key, digest).await?;
        }
        self.scrub_forms(run, &[release.manifest_digest, release.pieces_digest]).await
    }

    async fn scrub_forms(&self, run: &mut Run<'_>, identities: &[Digest]) -> Result<(), ScrubError> {
        for row in self.db.variants_of(identities).await? {
            self.scrub_document(run, &row.key(), row.digest).await?;
        }
        Ok(())
    }

    async fn scrub_document(&self, run: &mut Run<'_>, key: &StoreKey, digest: Digest) -> Result<(), ScrubError> {
        let verdict = check::document(&self.store, key, digest, &mut run.throttle, run.on_read).await?;
        run.progress.report.documents += 1;
        self.note(run, key, verdict, None).await
    }

    /// Records what was found, and mends it if there is a copy.
    async fn note(
        &self,
        run: &mut Run<'_>,
        key: &StoreKey,
        verdict: Verdict,
        expected: Option<ExpectedFile>,
    ) -> Result<(), ScrubError> {
        let reason = match verdict {
            Verdict::Whole => return Ok(self.db.forget_damage(key).await?),
            // A gc that runs beside it took away what was listed a moment ago.
            Verdict::Missing if self.is_needed_no_more(key).await? => return Ok(()),
            Verdict::Missing => "it is not there".to_owned(),
            Verdict::Damaged(reason) => reason,
        };
        self.db.record_damage(key, &reason).await?;
        let is_mended = self.mend(key, expected).await?;
        if is_mended {
            self.db.forget_damage(key).await?;
        }
        let needed_by = self.places(key).await?;
        tracing::warn!(%key, reason, is_mended, "an object of the store is damaged");
        run.progress.report.add(Damage { key: key.to_string(), reason, is_mended, needed_by });
        Ok(())
    }

    async fn is_needed_no_more(&self, key: &StoreKey) -> Result<bool, ScrubError> {
        let unneeded = self.db.unneeded(std::slice::from_ref(key), Kept { retired_after_ms: 0 }).await?;
        Ok(!unneeded.is_empty())
    }

    /// Whether the copy had the object, whole, and it is stored again.
    async fn mend(&self, key: &StoreKey, expected: Option<ExpectedFile>) -> Result<bool, ScrubError> {
        let Some(copy) = &self.options.copy else { return Ok(false) };
        // What others wrote is theirs to mend.
        if matches!(key, StoreKey::Adopted(_)) {
            return Ok(false);
        }
        match expected {
            Some(expected) => check::copy_blob(copy, &self.store, key, expected, &self.options.workspace).await,
            None => check::copy_document(copy, &self.store, &self.db, key).await,
        }
    }

    async fn places(&self, key: &StoreKey) -> Result<Vec<String>, ScrubError> {
        use stowaway_domain::Need;
        Ok(match key.need() {
            Need::Content(blob) | Need::Foreign(blob) | Need::Form { identity: blob, .. } => {
                let places = self.db.needed_by(&blob, NAMED_PLACES).await?;
                places.into_iter().map(|place| format!("{} {} {}", place.tag, place.release, place.path)).collect()
            }
            Need::Document { tag, release, .. } | Need::Record { tag, release, .. } => vec![format!("{tag} {release}")],
            Need::Tag(tag) => vec![tag.to_string()],
            Need::Upload(_) => Vec::new(),
        })
    }
}

impl std::fmt::Debug for Scrubber {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Scrubber").field("options", &self.options).finish_non_exhaustive()
    }
}
