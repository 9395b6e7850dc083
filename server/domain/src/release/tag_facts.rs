//! Facts about the whole tag: what `tag.toml` says, else what all lessons agree on, else what names give.

use super::input::ReleaseInput;
use crate::layout::{Entry, Lesson, Outline, title_from_name};
use crate::manifest::Metadata;
use crate::probe::Probe;
use crate::tag_metadata::{TagKind, TagMetadata};

/// The `metadata` of a manifest.
pub(super) fn metadata(input: &ReleaseInput, outline: &Outline<'_>) -> Metadata {
    let given = &input.metadata;
    let common = |fact: fn(&Probe) -> Option<&String>| common_fact(outline, fact);
    Metadata {
        kind: given.kind.unwrap_or_else(|| guess_kind(outline)).schema_org_type().to_owned(),
        identifier: input.identifier.clone(),
        title: given
            .title
            .clone()
            .or_else(|| common(|probe| probe.album.as_ref()))
            .unwrap_or_else(|| title_from_name(input.tag.as_str())),
        author: given.author.clone().or_else(|| common(|probe| probe.artist.as_ref())),
        description: given.description.clone(),
        language: given.language.clone().or_else(|| common(|probe| probe.language.as_ref())),
        modified: input.modified.clone(),
        duration: total_duration(outline),
    }
}

/// The title of a lesson: `tag.toml`, else embedded in its best form that has one, else its name.
pub(super) fn title_of(metadata: &TagMetadata, lesson: &Lesson<'_>) -> String {
    let given = metadata.items.get(&lesson.asset.path).and_then(|item| item.title.clone());
    let mut forms = std::iter::once(lesson.asset).chain(lesson.alternates.iter().copied());
    given
        .or_else(|| forms.find_map(|form| form.probe.title.clone().filter(|title| !title.trim().is_empty())))
        .unwrap_or_else(|| title_from_name(lesson.stem))
}

/// Seconds, rounded to milliseconds.
pub(super) fn seconds(value: f64) -> Option<f64> {
    positive((value * 1000.0).round() / 1000.0)
}

/// What Readium allows for a duration or bitrate, and JSON can hold: a finite number above zero.
pub(super) fn positive(value: f64) -> Option<f64> {
    (value.is_finite() && value > 0.0).then_some(value)
}

fn guess_kind(outline: &Outline<'_>) -> TagKind {
    let has_modules = outline.entries.iter().any(|entry| matches!(entry, Entry::Module(_)));
    let has_video = outline.lessons().any(|lesson| lesson.asset.probe.is_video());
    if has_modules || has_video { TagKind::Course } else { TagKind::Podcast }
}

/// What the files of all lessons say alike.
fn common_fact(outline: &Outline<'_>, fact: fn(&Probe) -> Option<&String>) -> Option<String> {
    let mut facts = outline.lessons().map(|lesson| fact(&lesson.asset.probe));
    let first = facts.next()??;
    facts.all(|other| other == Some(first)).then(|| first.clone())
}

/// The sum over the reading order; nothing where one of them is not known.
fn total_duration(outline: &Outline<'_>) -> Option<f64> {
    let durations: Option<Vec<f64>> =
        outline.lessons().map(|lesson| lesson.asset.probe.duration_s.and_then(seconds)).collect();
    seconds(durations?.iter().sum())
}
