//! Width and height of a picture.

use std::io::BufReader;

use stowaway_domain::probe::Probe;

use super::{MediaSource, Refusal};

pub(super) fn parse(mut probe: Probe, file: &mut MediaSource) -> Result<Probe, Refusal> {
    let size = imagesize::reader_size(BufReader::new(file)).map_err(|error| error.to_string())?;
    probe.width = u32::try_from(size.width).ok();
    probe.height = u32::try_from(size.height).ok();
    Ok(probe)
}
