//! The one place that says how long an answer may be kept, and by which keys an edge purges it.

use crate::Tag;
use crate::header_text::{Header, HeaderText};

/// One year, which RFC 9111 caches take as "for ever".
const IMMUTABLE: &str = "public, max-age=31536000, immutable, no-transform";
/// Kept, but never used without asking. `no-transform` because a recompressed body would not be what the ETag names.
const REVALIDATE: &str = "public, no-cache, no-transform";
/// How long an edge may go on with an old pointer while this server is away: a day.
const STALE_IF_ERROR_S: u32 = 86_400;
const NO_STORE: &str = "no-store";

/// How long an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePolicy {
    /// The address never changes its bytes.
    Immutable,
    /// The address names the current version: short in the client, long at an edge that is purged by key.
    Pointer {
        /// Seconds in the client.
        max_age_s: u32,
        /// Seconds at the edge.
        shared_max_age_s: u32,
    },
    /// Kept, and asked about before every use.
    Revalidate,
    /// Not kept.
    NoStore,
}

impl CachePolicy {
    /// The `Cache-Control` value.
    #[must_use]
    pub fn cache_control(self) -> HeaderText {
        match self {
            Self::Immutable => IMMUTABLE.into(),
            // stale-if-error (RFC 5861): if this server is away, what was being served is still served. In strict caches
            // s-maxage forbids that (RFC 9111 §5.2.2.10), so `headers` says it again in CDN-Cache-Control.
            Self::Pointer { max_age_s, shared_max_age_s } => {
                format!("public, max-age={max_age_s}, s-maxage={shared_max_age_s}, stale-if-error=86400, no-transform")
                    .into()
            }
            Self::Revalidate => REVALIDATE.into(),
            Self::NoStore => NO_STORE.into(),
        }
    }

    /// Every header about keeping: `cache-control`; for a pointer `cdn-cache-control` (RFC 9213); and, where there are keys and
    /// something may be kept, `surrogate-key`.
    #[must_use]
    pub fn headers(self, keys: &[SurrogateKey]) -> Vec<Header> {
        let mut headers = vec![("cache-control", self.cache_control())];
        if let Self::Pointer { shared_max_age_s, .. } = self {
            let edge = format!("public, max-age={shared_max_age_s}, stale-if-error={STALE_IF_ERROR_S}, no-transform");
            headers.push(("cdn-cache-control", edge.into()));
        }
        if !keys.is_empty() && self != Self::NoStore {
            let keys: Vec<&str> = keys.iter().map(SurrogateKey::as_str).collect();
            headers.push(("surrogate-key", keys.join(" ").into()));
        }
        headers
    }
}

/// A name under which an edge can be told to forget answers. Within the grammar that every CDN takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SurrogateKey {
    /// Everything that changes when this tag gets a release.
    Tag(Tag),
    /// Everything that changes when any tag does.
    Catalogue,
}

impl SurrogateKey {
    /// The key. Tags begin with a letter or digit, so that `_catalogue` is no tag's.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Tag(tag) => tag.as_str(),
            Self::Catalogue => "_catalogue",
        }
    }
}
