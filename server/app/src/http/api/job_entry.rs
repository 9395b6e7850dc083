//! A job as `/api/jobs` shows it, out of what is recorded of it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use stowaway_engine::db::JobRow;
use stowaway_engine::gc::{self, GcProgress, GcReport};
use stowaway_engine::housekeeping::GcParameters;
use stowaway_engine::jobs::{JobKind, is_lost};
use stowaway_engine::scrub::{self, ScrubParameters, ScrubProgress, ScrubReport};
use utoipa::ToSchema;

/// A page of jobs.
#[derive(Serialize, ToSchema)]
pub(super) struct JobPage {
    /// Newest first.
    pub(super) jobs: Vec<JobEntry>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f-]{36}$")]
    pub(super) next: Option<String>,
}

/// What keeps house, and what came of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct JobEntry {
    /// Its identifier.
    #[schema(pattern = "^[0-9a-f-]{36}$")]
    id: String,
    /// What it does.
    #[schema(value_type = JobKindText)]
    kind: String,
    /// Whether it runs, or how it ended.
    state: JobState,
    /// When it began.
    #[schema(format = DateTime)]
    started: String,
    /// When it last gave a sign of life.
    #[schema(format = DateTime)]
    seen: String,
    /// When it ended.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// What it was asked to do.
    parameters: JobParameters,
    /// How far it is, or came.
    progress: JobProgress,
    /// What came of it, when it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<JobReport>,
    /// Why it failed or was interrupted.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Whether a job runs, or how it ended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum JobState {
    /// It runs.
    Running,
    /// It gave no sign of life for so long that it counts as ended.
    Lost,
    /// It is done.
    Done,
    /// It failed.
    Failed,
    /// It was stopped.
    Interrupted,
}

/// What a job does: `gc` or `scrub`.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^(gc|scrub)$")]
#[expect(dead_code, reason = "describes a member of a document")]
pub(super) struct JobKindText(String);

/// What a job was asked to do.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct JobParameters {
    /// Of a gc: to remove, and not only to count.
    #[serde(skip_serializing_if = "Option::is_none")]
    delete: Option<bool>,
    /// Of a gc: what is younger stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    grace_seconds: Option<u64>,
    /// Of a scrub: the one tag that it looks at.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    /// Of a scrub: the copy that it mends from.
    #[serde(skip_serializing_if = "Option::is_none")]
    repair_from: Option<String>,
}

/// How far a job is.
#[derive(Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct JobProgress {
    /// Of a gc: the part of the store that it goes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    area: Option<String>,
    /// Of a gc: objects looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    objects_examined: Option<u64>,
    /// Of a gc: what was removed, or would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<Tally>,
    /// Of a scrub: blobs that were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    blobs: Option<u64>,
    /// Of a scrub: releases whose documents were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    releases: Option<u64>,
    /// Of a scrub: objects that were damaged or missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    damaged: Option<u64>,
}

/// How many, and how large.
#[derive(Serialize, ToSchema)]
struct Tally {
    /// How many.
    count: u64,
    /// Bytes of all of them.
    bytes: u64,
}

/// What came of a job.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum JobReport {
    Gc(GcReportEntry),
    Scrub(ScrubReportEntry),
}

/// What a gc removed; where it only counted, what it would have.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct GcReportEntry {
    /// Nothing was removed, only counted.
    dry_run: bool,
    /// Objects looked at.
    objects_examined: u64,
    /// Everything that was removed.
    removed: Tally,
    /// Of that, objects by their kind.
    objects: BTreeMap<String, Tally>,
    /// Of that, files that killed uploads left.
    staged: Tally,
    /// What nobody needs, and is too young to be removed.
    young: Tally,
    /// Old releases that were retired: their addresses answer 410.
    releases_retired: u64,
    /// Retired releases for whose sake nothing is kept any more.
    releases_swept: u64,
    /// Old events that were taken out of the outbox.
    events_removed: u64,
    /// Objects that an earlier gc had decided on and not removed.
    left_behind: u64,
}

/// What a scrub read, and what is damaged.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ScrubReportEntry {
    /// Blobs that were read.
    blobs: u64,
    /// Releases whose documents were read.
    releases: u64,
    /// Documents that were read, coded forms among them.
    documents: u64,
    /// Objects that were damaged or missing.
    damaged: u64,
    /// Of these, how many were mended.
    mended: u64,
    /// The first thousand of them; a list of jobs leaves them out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    damage: Vec<DamageEntry>,
}

/// A damaged object.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DamageEntry {
    /// Its key in the store.
    key: String,
    /// What is wrong with it.
    reason: String,
    /// Whether it was mended.
    is_mended: bool,
    /// Who needs it: tag, release and, of a blob, path; the first ten.
    needed_by: Vec<String>,
}

impl JobEntry {
    /// Of a row, at this time by the database's clock.
    pub(super) fn new(row: JobRow, now_ms: i64) -> Self {
        let (parameters, progress, report) = match JobKind::of_name(&row.kind) {
            Some(JobKind::Gc) => (
                parsed(&row.parameters).map(JobParameters::of_gc),
                parsed(&row.progress).map(JobProgress::of_gc),
                row.report.as_deref().and_then(parsed).map(|report| JobReport::Gc(GcReportEntry::new(&report))),
            ),
            Some(JobKind::Scrub) => (
                parsed(&row.parameters).map(JobParameters::of_scrub),
                parsed(&row.progress).map(JobProgress::of_scrub),
                row.report.as_deref().and_then(parsed).map(|report| JobReport::Scrub(ScrubReportEntry::new(report))),
            ),
            None => (None, None, None),
        };
        Self {
            state: JobState::of(&row, now_ms),
            started: row.started(),
            seen: row.seen(),
            ended: row.ended(),
            id: row.id,
            kind: row.kind,
            parameters: parameters.unwrap_or_default(),
            progress: progress.unwrap_or_default(),
            report,
            error: row.error,
        }
    }
}

/// What another version recorded, and this one does not understand, is left out.
fn parsed<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}

impl JobState {
    fn of(row: &JobRow, now_ms: i64) -> Self {
        match row.state.as_str() {
            _ if is_lost(row, now_ms) => Self::Lost,
            "running" => Self::Running,
            "done" => Self::Done,
            "failed" => Self::Failed,
            _ => Self::Interrupted,
        }
    }
}

impl JobParameters {
    fn of_gc(GcParameters { delete, grace_seconds }: GcParameters) -> Self {
        Self { delete: Some(delete), grace_seconds: Some(grace_seconds), ..Self::default() }
    }

    fn of_scrub(ScrubParameters { tag, repair_from }: ScrubParameters) -> Self {
        Self { tag: tag.map(|tag| tag.to_string()), repair_from, ..Self::default() }
    }
}

impl JobProgress {
    fn of_gc(GcProgress { area, objects_examined, removed }: GcProgress) -> Self {
        Self {
            area: Some(area),
            objects_examined: Some(objects_examined),
            removed: Some(removed.into()),
            ..Self::default()
        }
    }

    fn of_scrub(ScrubProgress { report, .. }: ScrubProgress) -> Self {
        Self {
            blobs: Some(report.blobs),
            releases: Some(report.releases),
            damaged: Some(report.damaged),
            ..Self::default()
        }
    }
}

impl From<gc::Tally> for Tally {
    fn from(gc::Tally { count, bytes }: gc::Tally) -> Self {
        Self { count, bytes }
    }
}

impl GcReportEntry {
    fn new(report: &GcReport) -> Self {
        Self {
            dry_run: report.dry_run,
            objects_examined: report.objects_examined,
            removed: report.total().into(),
            objects: report.objects.iter().map(|(kind, tally)| (kind.clone(), (*tally).into())).collect(),
            staged: report.staged.into(),
            young: report.young.into(),
            releases_retired: report.releases_retired,
            releases_swept: report.releases_swept,
            events_removed: report.events_removed,
            left_behind: report.left_behind,
        }
    }
}

impl ScrubReportEntry {
    fn new(report: ScrubReport) -> Self {
        let ScrubReport { blobs, releases, documents, damaged, mended, damage } = report;
        Self {
            blobs,
            releases,
            documents,
            damaged,
            mended,
            damage: damage.into_iter().map(DamageEntry::from).collect(),
        }
    }
}

impl From<scrub::Damage> for DamageEntry {
    fn from(scrub::Damage { key, reason, is_mended, needed_by }: scrub::Damage) -> Self {
        Self { key, reason, is_mended, needed_by }
    }
}
