//! What the cache had of what was asked for, in the words of `Cache-Status` (RFC 9211).

/// What became of one read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheStatus {
    /// All of it was there.
    Hit,
    /// Not even the beginning was there.
    Miss,
    /// The beginning was being fetched for somebody else.
    Collapsed,
    /// The beginning was there, and not all of the rest.
    Partial,
    /// The cache could not be used.
    Bypass,
}

impl CacheStatus {
    /// The value of the header.
    ///
    /// ```
    /// use stowaway_engine::slices::CacheStatus;
    /// assert_eq!(CacheStatus::Collapsed.header(), "stowaway; fwd=uri-miss; collapsed");
    /// ```
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::Hit => "stowaway; hit",
            Self::Miss => "stowaway; fwd=uri-miss; stored",
            Self::Collapsed => "stowaway; fwd=uri-miss; collapsed",
            Self::Partial => "stowaway; fwd=partial; stored",
            Self::Bypass => "stowaway; fwd=bypass",
        }
    }
}
