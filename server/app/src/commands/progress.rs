//! A progress bar on a terminal; nothing where output goes elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use stowaway_engine::export::{ExportEvent, ExportProgress};
use stowaway_engine::publish::{Progress, ProgressEvent};

/// Shows a publish on standard error, when that is a terminal.
pub(super) struct PublishProgress(ProgressBar);

impl PublishProgress {
    /// A bar that does not know yet how much there is.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        bar.set_style(style());
        bar.set_message("looking through the folder");
        Self(bar)
    }

    /// Takes the bar away, so that only the result stays.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// In the units of [`bytes`](super::output::bytes), which the result is told in.
fn style() -> ProgressStyle {
    let template = "{msg} {wide_bar} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Shows on standard error, when that is a terminal, how many things are done of nobody knows how many.
pub(super) struct CountProgress(ProgressBar);

impl CountProgress {
    /// Counts these, such as `rows`.
    pub(super) fn new(what: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} {human_pos} {msg}, {per_sec}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message(what);
        Self(bar)
    }

    /// One is done.
    pub(super) fn one_more(&self) {
        self.0.inc(1);
    }

    /// Takes it away, so that only the result stays.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// Shows on a terminal that something goes on whose end is not known.
pub(super) fn spinner(message: &'static str) -> ProgressBar {
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    spinner.set_message(message);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// Shows on a terminal how much was read, where it is not known how much there is.
pub(super) fn reading(message: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let template = "{msg}: {decimal_bytes}, {decimal_bytes_per_sec}";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.set_message(message);
    bar
}

impl Progress for PublishProgress {
    fn report(&self, event: &ProgressEvent) {
        match event {
            ProgressEvent::Scanned { bytes, .. } => {
                self.0.set_length(*bytes);
                self.0.set_message("reading");
            }
            ProgressEvent::UploadPlanned { bytes, .. } => {
                self.0.reset();
                self.0.set_length(*bytes);
                self.0.set_message("uploading");
            }
            ProgressEvent::Read { bytes } | ProgressEvent::Known { bytes } | ProgressEvent::Uploaded { bytes } => {
                self.0.inc(*bytes);
            }
            _ => {}
        }
    }
}

/// Shows an export on standard error, when that is a terminal.
pub(super) struct ExportBar(ProgressBar);

impl ExportBar {
    /// A bar that does not know yet how much there is.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        bar.set_style(style());
        bar.set_message("comparing");
        Self(bar)
    }

    /// Takes the bar away, so that only the result stays.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl ExportProgress for ExportBar {
    fn report(&self, event: ExportEvent) {
        match event {
            ExportEvent::Comparing(tag) => self.0.set_message(format!("comparing {tag}")),
            ExportEvent::Planned { bytes, .. } => {
                self.0.reset();
                self.0.set_length(bytes);
                self.0.set_message("writing");
            }
            ExportEvent::Written(bytes) => self.0.inc(bytes),
        }
    }
}
