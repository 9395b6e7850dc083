//! Duration, picture size and title of WebM and Matroska. A piped WebM has no duration.

use std::fs::File;
use std::io::BufReader;

use matroska::{Matroska, Settings};
use stowaway_domain::probe::Probe;

use super::{Refusal, sound_only};

pub(super) fn parse(mut probe: Probe, file: &mut File) -> Result<Probe, Refusal> {
    let parsed = Matroska::open(BufReader::new(file)).map_err(|error| error.to_string())?;
    probe.duration_s = parsed.info.duration.map(|duration| duration.as_secs_f64());
    probe.title = parsed.info.title.clone();
    match parsed.video_tracks().next().map(|track| &track.settings) {
        Some(Settings::Video(video)) => {
            probe.width = u32::try_from(video.display_width.unwrap_or(video.pixel_width)).ok();
            probe.height = u32::try_from(video.display_height.unwrap_or(video.pixel_height)).ok();
        }
        Some(_) => {}
        None if parsed.audio_tracks().next().is_some() => probe.media_type = sound_only(&probe.media_type),
        None => return Err("it has neither sound nor pictures in it".to_owned()),
    }
    Ok(probe)
}
