//! Duration, picture size and title of WebM and Matroska (RFC 9559). A piped WebM has no duration.

use std::io::BufReader;

use stowaway_domain::probe::Probe;

use super::ebml::{Element, Walker};
use super::{MediaSource, Refusal, sound_only};

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const DURATION: u32 = 0x4489;
const TITLE: u32 = 0x7ba9;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const VIDEO: u32 = 0xe0;
const PIXEL_WIDTH: u32 = 0xb0;
const PIXEL_HEIGHT: u32 = 0xba;

const TRACK_TYPE_VIDEO: u64 = 1;
const TRACK_TYPE_AUDIO: u64 = 2;
/// Nanoseconds a tick, unless the file says otherwise.
const DEFAULT_TIMESTAMP_SCALE: u64 = 1_000_000;

/// What the headers say.
#[derive(Debug, Default)]
struct Headers {
    has_info: bool,
    has_tracks: bool,
    timestamp_scale: Option<u64>,
    duration_ticks: Option<f64>,
    title: Option<String>,
    has_sound: bool,
    has_pictures: bool,
    width: Option<u32>,
    height: Option<u32>,
}

type Source<'a> = Walker<BufReader<&'a mut MediaSource>>;

pub(super) fn parse(mut probe: Probe, file: &mut MediaSource, size: u64) -> Result<Probe, Refusal> {
    let mut headers = Headers::default();
    let mut walker = Walker::new(BufReader::new(file));
    walker.children(Source::file(size), |walker, element| {
        if element.id == SEGMENT {
            read_segment(walker, element, &mut headers)?;
        }
        Ok(element.id != SEGMENT)
    })?;
    if !headers.has_sound && !headers.has_pictures {
        return Err("it has neither sound nor pictures in it".to_owned());
    }
    if !headers.has_pictures {
        probe.media_type = sound_only(&probe.media_type);
    }
    // Exact up to 2^53 ns; files do not say it better.
    let scale_s = headers.timestamp_scale.unwrap_or(DEFAULT_TIMESTAMP_SCALE) as f64 / 1e9;
    probe.duration_s = headers.duration_ticks.map(|ticks| ticks * scale_s);
    (probe.title, probe.width, probe.height) = (headers.title, headers.width, headers.height);
    Ok(probe)
}

/// Reads until both headers were seen; they come before the media, or after it, when its length is known.
fn read_segment(walker: &mut Source<'_>, segment: Element, headers: &mut Headers) -> Result<(), Refusal> {
    walker.children(segment, |walker, element| {
        match element.id {
            INFO => read_info(walker, element, headers)?,
            TRACKS => walker.children(element, |walker, track| {
                if track.id == TRACK_ENTRY {
                    read_track(walker, track, headers)?;
                }
                headers.has_tracks = true;
                Ok(true)
            })?,
            _ => {}
        }
        Ok(!(element.is_open_ended || headers.has_info && headers.has_tracks))
    })
}

fn read_info(walker: &mut Source<'_>, info: Element, headers: &mut Headers) -> Result<(), Refusal> {
    headers.has_info = true;
    walker.children(info, |walker, element| {
        match element.id {
            TIMESTAMP_SCALE => headers.timestamp_scale = Some(walker.unsigned(element)?),
            DURATION => headers.duration_ticks = Some(walker.float(element)?),
            TITLE => headers.title = Some(walker.text(element)?),
            _ => {}
        }
        Ok(true)
    })
}

fn read_track(walker: &mut Source<'_>, track: Element, headers: &mut Headers) -> Result<(), Refusal> {
    walker.children(track, |walker, element| {
        match element.id {
            TRACK_TYPE => match walker.unsigned(element)? {
                TRACK_TYPE_VIDEO => headers.has_pictures = true,
                TRACK_TYPE_AUDIO => headers.has_sound = true,
                _ => {}
            },
            VIDEO => walker.children(element, |walker, size| {
                match size.id {
                    PIXEL_WIDTH => headers.width = u32::try_from(walker.unsigned(size)?).ok(),
                    PIXEL_HEIGHT => headers.height = u32::try_from(walker.unsigned(size)?).ok(),
                    _ => {}
                }
                Ok(true)
            })?,
            _ => {}
        }
        Ok(true)
    })
}
