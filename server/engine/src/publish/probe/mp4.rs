//! Duration, picture size and tags of MP4, M4A and QuickTime, fragmented ones too.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};

use re_mp4::{Mp4, TrackKind};
use stowaway_domain::probe::Probe;

use super::{Refusal, sound, sound_only};

/// Largest index (`moov` and all `moof`) that is read: a day of video has less. The parser unfolds it in memory.
const INDEX_MAX_BYTES: u64 = 32 * 1024 * 1024;

pub(super) fn parse(mut probe: Probe, file: &mut File, size: u64) -> Result<Probe, Refusal> {
    let index_bytes = index_bytes(file, size).map_err(|error| error.to_string())?;
    if index_bytes > INDEX_MAX_BYTES {
        return Err(format!("its index has {index_bytes} bytes, more than the {INDEX_MAX_BYTES} that are read"));
    }
    file.rewind().map_err(|error| error.to_string())?;
    let mp4 = Mp4::read(BufReader::new(&mut *file), size).map_err(|error| error.to_string())?;
    let mut has_pictures = false;
    let mut duration_s: f64 = 0.0;
    for track in mp4.tracks().values() {
        if !matches!(track.kind, Some(TrackKind::Video | TrackKind::Audio)) || track.timescale == 0 {
            continue;
        }
        // Both are far below 2^53.
        duration_s = duration_s.max(track.duration as f64 / track.timescale as f64);
        if track.kind == Some(TrackKind::Video) {
            has_pictures = true;
            probe.width = probe.width.or(Some(u32::from(track.width)));
            probe.height = probe.height.or(Some(u32::from(track.height)));
        }
    }
    if duration_s == 0.0 {
        return Err("it has neither sound nor pictures in it".to_owned());
    }
    probe.duration_s = Some(duration_s);
    if !has_pictures {
        probe.media_type = sound_only(&probe.media_type);
    }
    file.rewind().map_err(|error| error.to_string())?;
    // The tag reader knows no MP4 without sound; such files have the title of their name.
    if let Ok(tagged) = sound::read(file) {
        sound::take_tags(&mut probe, &tagged);
    }
    Ok(probe)
}

/// Sum of the sizes of the boxes that index the media.
fn index_bytes(file: &mut File, size: u64) -> std::io::Result<u64> {
    let (mut at, mut sum) = (0_u64, 0_u64);
    while at + 8 <= size {
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 16];
        file.read_exact(&mut header[..8])?;
        let (short, kind) = (u32::from_be_bytes([header[0], header[1], header[2], header[3]]), &header[4..8]);
        let is_index = matches!(kind, b"moov" | b"moof");
        let length = match short {
            0 => size - at,
            1 => {
                file.read_exact(&mut header[8..])?;
                header[8..].iter().fold(0, |length, &byte| (length << 8) | u64::from(byte))
            }
            short => u64::from(short),
        };
        if length < 8 {
            return Err(std::io::Error::other("a box is shorter than its own header"));
        }
        sum = sum.saturating_add(if is_index { length } else { 0 });
        at = at.saturating_add(length);
    }
    Ok(sum)
}
