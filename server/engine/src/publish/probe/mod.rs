//! What a file is, by its first bytes; then title, duration and picture size by the parser that fits.
//!
//! Parsers read headers and indexes, never the media itself. One that panics on a damaged file counts as a refusal.

mod boxes;
mod ebml;
mod image;
mod mp4;
mod sound;
mod webm;

#[cfg(test)]
mod tests;

use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use stowaway_domain::AssetPath;
use stowaway_domain::media_type::of_file;
use stowaway_domain::probe::Probe;

use super::PublishError;

/// How many of the first bytes tell what a file is.
const HEAD_BYTES: u64 = 8 * 1024;

/// What a parser reads from: a file, or an object of the store.
pub(super) type MediaSource = dyn ReadAndSeek;

pub(super) trait ReadAndSeek: Read + Seek {}

impl<T: Read + Seek> ReadAndSeek for T {}

/// Why a parser gave up, in its own words.
type Refusal = String;

/// Finds out what `file` is. Leaves its position anywhere.
pub(super) fn probe(path: &AssetPath, file: &mut MediaSource, size: u64) -> Result<Probe, PublishError> {
    let refuse = |reason| PublishError::Media { path: path.clone(), reason };
    let failed = |source| refuse(unreadable(source));
    let mut head = Vec::new();
    Read::take(&mut *file, HEAD_BYTES).read_to_end(&mut head).map_err(failed)?;
    file.rewind().map_err(failed)?;
    let detected = detect(&head);
    // By the whole path, so that a refusal names it.
    let media_type = of_file(path.as_str(), detected)?;
    let parsed = catch_unwind(AssertUnwindSafe(|| parse(&media_type, file, size)))
        .unwrap_or_else(|_| Err("its headers make no sense".to_owned()))
        .map_err(refuse)?;
    Ok(tidy(parsed))
}

/// The media type by magic bytes, `None` for text and the unknown.
fn detect(head: &[u8]) -> Option<&'static str> {
    infer::get(head).map(|kind| kind.mime_type()).filter(|found| !found.starts_with("text/"))
}

fn parse(media_type: &str, file: &mut MediaSource, size: u64) -> Result<Probe, Refusal> {
    let probe = Probe { media_type: media_type.to_owned(), ..Probe::default() };
    match media_type {
        "video/mp4" | "audio/mp4" | "video/quicktime" => mp4::parse(probe, file, size),
        "video/webm" | "audio/webm" | "video/x-matroska" | "audio/x-matroska" => webm::parse(probe, file, size),
        sound if sound.starts_with("audio/") => sound::parse(probe, file),
        "image/svg+xml" | "image/avif" => Ok(probe),
        picture if picture.starts_with("image/") => image::parse(probe, file),
        _ => Ok(probe),
    }
}

/// Milliseconds are what documents hold; empty texts say nothing.
fn tidy(mut probe: Probe) -> Probe {
    for text in [&mut probe.title, &mut probe.artist, &mut probe.album, &mut probe.language] {
        *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    let measured = probe.duration_s.filter(|duration| duration.is_finite() && *duration > 0.0);
    probe.duration_s = measured.map(|duration| (duration * 1000.0).round() / 1000.0);
    probe
}

/// The sound-only sibling of a container's type, for files without pictures.
fn sound_only(media_type: &str) -> String {
    match media_type.split_once('/') {
        Some(("video", "quicktime")) => "audio/mp4".to_owned(),
        Some(("video", container)) => format!("audio/{container}"),
        _ => media_type.to_owned(),
    }
}

/// What a parser says when it cannot read on.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: std::io::Error) -> Refusal {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "it is cut off".to_owned(),
        _ => error.to_string(),
    }
}
