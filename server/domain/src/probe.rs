//! What the probes found out about a file. Plain data: the engine fills it, the planners read it.

use serde::{Deserialize, Serialize};

/// Facts about one media file, as far as its bytes tell them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Media type, without parameters.
    pub media_type: String,
    /// Embedded title.
    pub title: Option<String>,
    /// Embedded artist.
    pub artist: Option<String>,
    /// Embedded album.
    pub album: Option<String>,
    /// Embedded language, BCP 47.
    pub language: Option<String>,
    /// Seconds, measured.
    pub duration_s: Option<f64>,
    /// kbit/s over the whole file.
    pub bitrate_kbps: Option<f64>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
}

impl Probe {
    /// Whether this is a video.
    #[must_use]
    pub fn is_video(&self) -> bool {
        self.media_type.starts_with("video/")
    }

    /// Whether this is sound only.
    #[must_use]
    pub fn is_audio(&self) -> bool {
        self.media_type.starts_with("audio/")
    }

    /// Whether this is a picture.
    #[must_use]
    pub fn is_image(&self) -> bool {
        self.media_type.starts_with("image/")
    }
}
