//! `Server-Timing`, when it is configured: how long the steps of an answer took before its first byte.

use std::fmt::Write as _;
use std::time::Instant;

use stowaway_domain::header_text::Header;

/// Laps of one answer; without a clock when the header is not wanted.
pub(super) struct ServerTiming(Option<Laps>);

struct Laps {
    since: Instant,
    text: String,
}

impl ServerTiming {
    /// Begins the first lap.
    pub(super) fn begin(is_wanted: bool) -> Self {
        Self(is_wanted.then(|| Laps { since: Instant::now(), text: String::new() }))
    }

    /// Ends a lap, which was spent on `step`, and begins the next.
    pub(super) fn lap(&mut self, step: &'static str) {
        let Some(laps) = &mut self.0 else { return };
        let now = Instant::now();
        let milliseconds = (now - laps.since).as_secs_f64() * 1000.0;
        let comma = if laps.text.is_empty() { "" } else { ", " };
        write!(laps.text, "{comma}{step};dur={milliseconds:.3}").expect("a string takes all text");
        laps.since = now;
    }

    /// The header.
    pub(super) fn header(self) -> Option<Header> {
        self.0.map(|laps| ("server-timing", laps.text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laps_are_listed_with_milliseconds_and_only_when_wanted() {
        let mut timing = ServerTiming::begin(true);
        timing.lap("resolve");
        timing.lap("open");
        let (name, value) = timing.header().unwrap();
        assert_eq!(name, "server-timing");
        let steps: Vec<&str> = value.as_str().split(", ").map(|lap| lap.split_once(";dur=").unwrap().0).collect();
        assert_eq!(steps, ["resolve", "open"]);
        assert!(value.as_str().split(", ").all(|lap| lap.split_once(";dur=").unwrap().1.parse::<f64>().is_ok()));
        let mut unwanted = ServerTiming::begin(false);
        unwanted.lap("resolve");
        assert!(unwanted.header().is_none());
    }
}
