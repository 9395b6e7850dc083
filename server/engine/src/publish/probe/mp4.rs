//! Duration, picture size and tags of MP4, M4A and QuickTime, fragmented ones too.

use std::io::BufReader;

use stowaway_domain::probe::Probe;

use super::boxes::{BoxReader, MediaBox};
use super::{MediaSource, Refusal, sound, sound_only, unreadable};

/// Most tracks that are looked at.
const MAX_TRACKS: usize = 64;

/// A track, as far as its headers and the fragments tell.
#[derive(Debug, Default)]
struct Track {
    id: u32,
    handler: [u8; 4],
    timescale: u32,
    /// In units of the timescale; fragments add to it.
    duration: u64,
    width: u32,
    height: u32,
    /// Of a sample in a fragment that says nothing else.
    default_sample_duration: u32,
}

impl Track {
    fn is_media(&self) -> bool {
        matches!(&self.handler, b"vide" | b"soun") && self.timescale > 0
    }

    fn duration_s(&self) -> f64 {
        // Both are far below 2^53 in any file that can be played.
        self.duration as f64 / f64::from(self.timescale)
    }
}

type Source<'a> = BoxReader<BufReader<&'a mut MediaSource>>;

pub(super) fn parse(mut probe: Probe, file: &mut MediaSource, size: u64) -> Result<Probe, Refusal> {
    let mut tracks = Vec::new();
    let mut reader = BoxReader::new(BufReader::new(&mut *file));
    reader.children(Source::file(size), |reader, top| match &top.kind {
        b"moov" => read_index(reader, top, &mut tracks),
        b"moof" => add_fragment(reader, top, &mut tracks),
        _ => Ok(()),
    })?;
    tracks.retain(Track::is_media);
    let duration_s = tracks.iter().map(Track::duration_s).fold(0.0, f64::max);
    if duration_s == 0.0 {
        return Err("it has neither sound nor pictures in it".to_owned());
    }
    probe.duration_s = Some(duration_s);
    match tracks.iter().find(|track| track.handler == *b"vide") {
        Some(pictures) => (probe.width, probe.height) = (Some(pictures.width), Some(pictures.height)),
        None => probe.media_type = sound_only(&probe.media_type),
    }
    file.rewind().map_err(unreadable)?;
    // The tag reader knows no MP4 without sound; such files have the title of their name.
    if let Ok(tagged) = sound::read(file) {
        sound::take_tags(&mut probe, &tagged);
    }
    Ok(probe)
}

fn read_index(reader: &mut Source<'_>, moov: MediaBox, tracks: &mut Vec<Track>) -> Result<(), Refusal> {
    let mut defaults = Vec::new();
    reader.children(moov, |reader, child| {
        match &child.kind {
            b"trak" if tracks.len() < MAX_TRACKS => tracks.push(read_track(reader, child)?),
            b"mvex" => reader.children(child, |reader, extends| {
                if extends.kind == *b"trex" && defaults.len() < MAX_TRACKS {
                    reader.go_to(extends, 4, 12)?;
                    let (id, _, duration) = (reader.u32()?, reader.u32()?, reader.u32()?);
                    defaults.push((id, duration));
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    for track in tracks {
        let default = defaults.iter().find(|(id, _)| *id == track.id);
        track.default_sample_duration = default.map_or(0, |&(_, duration)| duration);
    }
    Ok(())
}

fn read_track(reader: &mut Source<'_>, trak: MediaBox) -> Result<Track, Refusal> {
    let mut track = Track::default();
    reader.children(trak, |reader, child| match &child.kind {
        b"tkhd" => read_track_header(reader, child, &mut track),
        b"mdia" => reader.children(child, |reader, media| match &media.kind {
            b"mdhd" => read_media_header(reader, media, &mut track),
            b"hdlr" => {
                reader.go_to(media, 8, 4)?;
                track.handler = reader.array()?;
                Ok(())
            }
            _ => Ok(()),
        }),
        _ => Ok(()),
    })?;
    Ok(track)
}

/// Width and height as they are shown: a phone held upright records lying pictures and a turned matrix.
fn read_track_header(reader: &mut Source<'_>, tkhd: MediaBox, track: &mut Track) -> Result<(), Refusal> {
    reader.go_to(tkhd, 0, 24)?;
    let [version, ..] = reader.array::<4>()?;
    let times_bytes = if version == 1 { 16 } else { 8 };
    reader.go_to(tkhd, 4 + times_bytes, 4)?;
    track.id = reader.u32()?;
    reader.go_to(tkhd, -44, 44)?;
    let matrix: [u8; 36] = reader.array()?;
    let (width, height) = (reader.u32()? >> 16, reader.u32()? >> 16);
    let is_turned = matrix[..4] == [0; 4] && matrix[16..20] == [0; 4];
    (track.width, track.height) = if is_turned { (height, width) } else { (width, height) };
    Ok(())
}

fn read_media_header(reader: &mut Source<'_>, mdhd: MediaBox, track: &mut Track) -> Result<(), Refusal> {
    reader.go_to(mdhd, 0, 20)?;
    let [version, ..] = reader.array::<4>()?;
    if version == 1 {
        reader.go_to(mdhd, 20, 12)?;
        (track.timescale, track.duration) = (reader.u32()?, reader.u64()?);
    } else {
        reader.go_to(mdhd, 12, 8)?;
        (track.timescale, track.duration) = (reader.u32()?, u64::from(reader.u32()?));
    }
    Ok(())
}

fn add_fragment(reader: &mut Source<'_>, moof: MediaBox, tracks: &mut [Track]) -> Result<(), Refusal> {
    reader.children(moof, |reader, child| {
        if child.kind != *b"traf" {
            return Ok(());
        }
        let (mut id, mut default_duration) = (0, None);
        reader.children(child, |reader, run| match &run.kind {
            b"tfhd" => {
                (id, default_duration) = read_fragment_header(reader, run)?;
                Ok(())
            }
            b"trun" => {
                let Some(track) = tracks.iter_mut().find(|track| track.id == id) else { return Ok(()) };
                let default = default_duration.unwrap_or(track.default_sample_duration);
                track.duration = track.duration.saturating_add(run_duration(reader, run, default)?);
                Ok(())
            }
            _ => Ok(()),
        })
    })
}

/// The track, and the duration of its samples where the fragment has one.
fn read_fragment_header(reader: &mut Source<'_>, tfhd: MediaBox) -> Result<(u32, Option<u32>), Refusal> {
    const HAS_BASE_OFFSET: u32 = 0x1;
    const HAS_DESCRIPTION: u32 = 0x2;
    const HAS_DURATION: u32 = 0x8;
    reader.go_to(tfhd, 0, 8)?;
    let (flags, id) = (reader.u32()?, reader.u32()?);
    if flags & HAS_DURATION == 0 {
        return Ok((id, None));
    }
    let before = if flags & HAS_BASE_OFFSET == 0 { 0 } else { 8 } + if flags & HAS_DESCRIPTION == 0 { 0 } else { 4 };
    reader.go_to(tfhd, 8 + before, 4)?;
    Ok((id, Some(reader.u32()?)))
}

/// How long the samples of a run are together. Reads no more than the run has.
fn run_duration(reader: &mut Source<'_>, trun: MediaBox, default: u32) -> Result<u64, Refusal> {
    const HAS_DATA_OFFSET: u32 = 0x1;
    const HAS_FIRST_FLAGS: u32 = 0x4;
    const HAS_DURATIONS: u32 = 0x100;
    const PER_SAMPLE: [u32; 4] = [HAS_DURATIONS, 0x200, 0x400, 0x800];
    reader.go_to(trun, 0, 8)?;
    let (flags, samples) = (reader.u32()?, reader.u32()?);
    if flags & HAS_DURATIONS == 0 {
        return Ok(u64::from(samples) * u64::from(default));
    }
    let offset = 8 + [HAS_DATA_OFFSET, HAS_FIRST_FLAGS].iter().filter(|&&flag| flags & flag != 0).count() as i64 * 4;
    let fields = PER_SAMPLE.iter().filter(|&&flag| flags & flag != 0).count() as u64;
    let length = u64::from(samples) * fields * 4;
    if length > trun.length() {
        return Err("it is damaged: a fragment has fewer samples than it says".to_owned());
    }
    reader.go_to(trun, offset, length)?;
    let mut sum = 0;
    for _ in 0..samples {
        sum += u64::from(reader.u32()?);
        for _ in 1..fields {
            reader.u32()?;
        }
    }
    Ok(sum)
}
