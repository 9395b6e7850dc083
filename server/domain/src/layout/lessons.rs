//! Finds the lessons of one folder: media files with the same stem are forms of one lesson.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::error::LayoutError;
use super::file_name::lesson_stem;
use super::natural_order::natural_order;
use super::outline::Lesson;
use crate::content::DescribedAsset;

/// Endings that play nearly everywhere, the widest first.
const WIDELY_PLAYED: [&str; 4] = ["video/mp4", "audio/mpeg", "audio/mp4", "video/webm"];
/// Two forms of a lesson may differ by this much, or by a hundredth: encoders pad the end.
const DURATION_TOLERANCE_S: f64 = 1.0;

/// Groups the media files of one folder into lessons, in natural order of their stems.
pub(super) fn lessons<'a>(media: &[&'a DescribedAsset]) -> Result<Vec<Lesson<'a>>, LayoutError> {
    let mut forms: BTreeMap<&str, Vec<&DescribedAsset>> = BTreeMap::new();
    for asset in media {
        forms.entry(lesson_stem(asset.path.file_name()).0).or_default().push(asset);
    }
    let mut lessons = Vec::with_capacity(forms.len());
    for (stem, forms) in forms {
        lessons.push(lesson(stem, forms)?);
    }
    lessons.sort_by(|one, other| natural_order(one.stem, other.stem));
    Ok(lessons)
}

/// The best form is the lesson, the others its alternates.
fn lesson<'a>(stem: &'a str, mut forms: Vec<&'a DescribedAsset>) -> Result<Lesson<'a>, LayoutError> {
    forms.sort_by(|one, other| {
        preference(one)
            .cmp(&preference(other))
            .then_with(|| natural_order(one.path.file_name(), other.path.file_name()))
    });
    let alternates = forms.split_off(1);
    let asset = forms[0];
    for alternate in &alternates {
        check_durations(asset, alternate)?;
    }
    Ok(Lesson { stem, asset, alternates })
}

/// Video before sound, unqualified names before `480p`, larger pictures before smaller, formats that play widely before others.
fn preference(asset: &DescribedAsset) -> impl Ord + use<> {
    let qualified = lesson_stem(asset.path.file_name()).1;
    let height = Reverse(asset.probe.height.unwrap_or(0));
    let format = WIDELY_PLAYED.iter().position(|media_type| *media_type == asset.probe.media_type);
    (!asset.probe.is_video(), qualified, height, format.unwrap_or(WIDELY_PLAYED.len()))
}

fn check_durations(lesson: &DescribedAsset, alternate: &DescribedAsset) -> Result<(), LayoutError> {
    let (Some(lesson_s), Some(alternate_s)) = (lesson.probe.duration_s, alternate.probe.duration_s) else {
        return Ok(());
    };
    let tolerance_s = DURATION_TOLERANCE_S.max(lesson_s.max(alternate_s) / 100.0);
    if (lesson_s - alternate_s).abs() <= tolerance_s {
        return Ok(());
    }
    let (lesson, alternate) = (lesson.path.clone(), alternate.path.clone());
    Err(LayoutError::DurationsDiffer { lesson, lesson_s, alternate, alternate_s })
}
