//! Duration and tags of sound: MP3, WAV, FLAC, Ogg, Opus, AAC, AIFF. Also the tags of MP4.

use std::io::BufReader;

use lofty::config::ParseOptions;
use lofty::file::{AudioFile as _, TaggedFile, TaggedFileExt as _};
use lofty::tag::{Accessor as _, ItemKey};
use stowaway_domain::probe::Probe;

use super::{MediaSource, Refusal};

pub(super) fn parse(mut probe: Probe, file: &mut MediaSource) -> Result<Probe, Refusal> {
    let tagged = read(file)?;
    probe.duration_s = Some(tagged.properties().duration().as_secs_f64());
    if probe.duration_s == Some(0.0) {
        return Err("it has no sound in it".to_owned());
    }
    take_tags(&mut probe, &tagged);
    Ok(probe)
}

/// Reads tags and properties, without embedded pictures: these may be large and nobody asks for them.
pub(super) fn read(file: &mut MediaSource) -> Result<TaggedFile, Refusal> {
    let mut options = ParseOptions::new();
    options.read_cover_art(false);
    lofty::probe::Probe::new(BufReader::new(file))
        .options(options)
        .guess_file_type()
        .map_err(|error| error.to_string())?
        .read()
        .map_err(|error| error.to_string())
}

/// Fills in title, artist, album and language.
pub(super) fn take_tags(probe: &mut Probe, tagged: &TaggedFile) {
    for tag in tagged.primary_tag().into_iter().chain(tagged.tags()) {
        let owned = |text: Option<std::borrow::Cow<'_, str>>| text.map(std::borrow::Cow::into_owned);
        probe.title = probe.title.take().or_else(|| owned(tag.title()));
        probe.artist = probe.artist.take().or_else(|| owned(tag.artist()));
        probe.album = probe.album.take().or_else(|| owned(tag.album()));
        probe.language = probe.language.take().or_else(|| tag.get_string(ItemKey::Language).map(str::to_owned));
    }
}
