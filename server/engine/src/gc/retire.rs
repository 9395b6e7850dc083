//! Before the store is looked at: old releases are retired, and what only those needed whose grace is over is needed no more.

use std::time::Duration;

use stowaway_domain::Tag;
use stowaway_domain::retention::{Present, Retention};

use super::{Collector, GcError, GcReport, Run, ShallStop};
use crate::db::{DbError, TagLimits};
use crate::records;

const BATCH: u32 = 500;

impl Collector {
    /// Retires what the rules let go; a dry run only counts.
    pub(super) async fn retire(&self, run: &mut Run<'_>, shall_stop: ShallStop<'_>) -> Result<(), GcError> {
        let mut after: Option<Tag> = None;
        loop {
            let tags = self.db.tags_page(after.as_ref(), BATCH).await?;
            let Some(last) = tags.last() else { return Ok(()) };
            after = Some(last.tag.clone());
            for row in &tags {
                if shall_stop() {
                    return Err(GcError::Interrupted);
                }
                self.retire_of(&row.tag, &mut run.report).await?;
            }
        }
    }

    async fn retire_of(&self, tag: &Tag, report: &mut GcReport) -> Result<(), GcError> {
        let rules = effective(self.options.retention, &self.db.tag_limits(tag).await?);
        if rules.is_for_ever() {
            return Ok(());
        }
        let Some(pointer) = self.db.tag_pointer(tag).await? else { return Ok(()) };
        let now = jiff::Timestamp::now();
        let present = self.db.present_releases(tag).await?;
        let present: Vec<Present> = present
            .into_iter()
            .map(|(number, modified)| Ok(Present { number, age_days: age_days(now, &modified)? }))
            .collect::<Result<_, DbError>>()?;
        let retired = rules.retired(&present, pointer.release);
        if !self.options.delete {
            report.releases_retired += retired.len() as u64;
            return Ok(());
        }
        report.releases_retired += self.db.retire(tag, &retired, pointer.release).await?;
        for &number in &retired {
            records::keep_retired(&self.store, &self.db, tag, number).await?;
        }
        Ok(())
    }

    /// Takes the rows of retired releases away whose grace is over.
    pub(super) async fn sweep_retired(&self, run: &mut Run<'_>) -> Result<(), GcError> {
        loop {
            let releases = self.db.releases_to_sweep(run.kept, BATCH).await?;
            if releases.is_empty() {
                return Ok(());
            }
            for (tag, number) in &releases {
                // Again: a gc may have died between retiring it and noting that.
                records::keep_retired(&self.store, &self.db, tag, *number).await?;
                self.db.sweep_release(tag, *number).await?;
            }
            run.report.releases_swept += releases.len() as u64;
        }
    }

    /// The outbox is read within seconds; what is old nobody reads any more.
    pub(super) async fn forget_events(&self, run: &mut Run<'_>) -> Result<(), GcError> {
        let kept_s = i64::try_from(self.options.events_kept.as_secs()).unwrap_or(i64::MAX);
        let before = jiff::Timestamp::now().as_second().saturating_sub(kept_s);
        let Ok(before) = jiff::Timestamp::from_second(before) else { return Ok(()) };
        run.report.events_removed = self.db.forget_events(&before.to_string()).await?;
        Ok(())
    }
}

/// What was said of the tag counts more than what is configured. A nought, and no other rule of its own, keeps all of it.
fn effective(configured: Retention, limits: &TagLimits) -> Retention {
    let own = [limits.keep_releases, limits.keep_days];
    if own.contains(&Some(0)) && own.iter().all(|rule| rule.is_none_or(|rule| rule == 0)) {
        return Retention::default();
    }
    Retention {
        keep_releases: limits.keep_releases.unwrap_or(configured.keep_releases),
        keep_days: limits.keep_days.unwrap_or(configured.keep_days),
    }
}

fn age_days(now: jiff::Timestamp, modified: &str) -> Result<u64, DbError> {
    const DAY_S: u64 = Duration::from_secs(24 * 3600).as_secs();
    let modified: jiff::Timestamp =
        modified.parse().map_err(|error| DbError::Damaged(format!("{modified:?} is no date of a release: {error}")))?;
    Ok(u64::try_from(now.as_second() - modified.as_second()).unwrap_or(0) / DAY_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_says_nought_keeps_all_whatever_is_configured() {
        let configured = Retention { keep_releases: 10, keep_days: 90 };
        let of = |keep_releases, keep_days| {
            effective(configured, &TagLimits { keep_releases, keep_days, ..TagLimits::default() })
        };
        assert_eq!(of(None, None), configured);
        for (releases, days) in [(Some(0), None), (None, Some(0)), (Some(0), Some(0))] {
            assert_eq!(of(releases, days), Retention::default(), "{releases:?} {days:?}");
        }
        assert_eq!(of(Some(3), None), Retention { keep_releases: 3, keep_days: 90 });
        assert_eq!(of(Some(0), Some(7)), Retention { keep_releases: 0, keep_days: 7 });
    }
}
