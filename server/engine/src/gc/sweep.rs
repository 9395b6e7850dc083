//! Going through the store: listed in batches, what nobody needs is condemned, deleted, and said to be.

use std::collections::HashMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use stowaway_domain::StoreKey;

use super::{BATCH, Collector, GcError, GcPoint, Run, ShallStop};
use crate::claims;
use crate::jobs::Job;
use crate::store::{StoreError, StoredObject};

/// Objects that are deleted at once.
const DELETES_AT_ONCE: usize = 8;

impl Collector {
    pub(super) async fn sweep_area(
        &self,
        run: &mut Run<'_>,
        area: &'static str,
        shall_stop: ShallStop<'_>,
    ) -> Result<(), GcError> {
        let mut batches = self.store.list(area).chunks(BATCH);
        while let Some(batch) = batches.next().await {
            if shall_stop() {
                return Err(GcError::Interrupted);
            }
            let listed: Vec<StoredObject> = batch.into_iter().collect::<Result<_, StoreError>>()?;
            run.report.objects_examined += listed.len() as u64;
            self.sweep_batch(run, listed).await?;
            run.job.report(&run.report.progress(area));
        }
        Ok(())
    }

    async fn sweep_batch(&self, run: &mut Run<'_>, listed: Vec<StoredObject>) -> Result<(), GcError> {
        let keys: Vec<StoreKey> = listed.iter().map(|object| object.key.clone()).collect();
        let unneeded = self.db.unneeded(&keys, run.kept).await?;
        self.reached(GcPoint::Listed)?;
        let listed: HashMap<StoreKey, StoredObject> = keys.into_iter().zip(listed).collect();
        let size = |key: &StoreKey| listed.get(key).map_or(0, |object| object.size);
        let is_old = |key: &StoreKey| listed.get(key).is_some_and(|object| object.modified_ms <= run.written_before_ms);
        let (old, young): (Vec<StoreKey>, Vec<StoreKey>) = unneeded.into_iter().partition(is_old);
        for key in &young {
            run.report.young.add(size(key));
        }
        let gone = if self.options.delete {
            let condemned = self.db.condemn(&old, run.kept, run.job.id()).await?.ok_or(GcError::Ended)?;
            self.reached(GcPoint::Condemned)?;
            self.remove(run.job, condemned.clone()).await?;
            condemned
        } else {
            old
        };
        for key in &gone {
            run.report.objects.entry(key.kind().to_owned()).or_default().add(size(key));
        }
        Ok(())
    }

    /// Deletes what is condemned, then says so.
    pub(super) async fn remove(&self, job: &Job, keys: Vec<StoreKey>) -> Result<(), GcError> {
        let deletes: Vec<_> = keys.iter().map(|key| claims::remove(&self.store, key, job.lease())).collect();
        stream::iter(deletes).buffer_unordered(DELETES_AT_ONCE).try_collect::<()>().await?;
        self.reached(GcPoint::Deleted)?;
        Ok(self.db.forget_condemned(&keys, job.id()).await?)
    }

    /// Unfinished files whose upload is over: nobody claims what they were to become, and nobody has written to them for long.
    pub(super) async fn sweep_staged(
        &self,
        run: &mut Run<'_>,
        area: &'static str,
        shall_stop: ShallStop<'_>,
    ) -> Result<(), GcError> {
        let mut staged = self.store.list_staged(area);
        while let Some(file) = staged.try_next().await? {
            if shall_stop() {
                return Err(GcError::Interrupted);
            }
            if file.modified_ms > run.written_before_ms || self.db.is_claimed(&file.key.subject()).await? {
                run.report.young.add(file.size);
                continue;
            }
            if self.options.delete {
                self.store.delete_staged(&file).await?;
            }
            run.report.staged.add(file.size);
        }
        Ok(())
    }
}
