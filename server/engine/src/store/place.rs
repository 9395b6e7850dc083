//! Where the objects of a storage URL lie, however it is spelt: vendors have several schemes and forms of host for one bucket.

use object_store::ObjectStoreScheme;
use object_store::path::Path as ObjectPath;
use url::Url;

/// A vendor's bucket, or container, and where in it.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    vendor: ObjectStoreScheme,
    bucket: String,
    prefix: ObjectPath,
    /// Of Azure, where the URL says it; otherwise the environment does.
    account: Option<String>,
}

/// Do two URLs of buckets name the same place?
///
/// ```
/// use stowaway_engine::store::is_same_place;
/// assert!(is_same_place("s3://bucket/site", "s3a://bucket/site/"));
/// assert!(!is_same_place("s3://bucket/site", "s3://bucket/other"));
/// ```
#[must_use]
pub fn is_same_place(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (Place::of(one), Place::of(other)) else { return false };
    let is_same_account = one.account.is_none() || other.account.is_none() || one.account == other.account;
    is_same_account && (one.vendor, one.bucket, one.prefix) == (other.vendor, other.bucket, other.prefix)
}

impl Place {
    /// As `object_store` takes the URL apart; nothing when it names no store.
    fn of(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let (vendor, prefix) = ObjectStoreScheme::parse(&url).ok()?;
        let host = url.host_str().unwrap_or_default();
        let first_label = host.split('.').next().unwrap_or_default();
        let first_segment = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
        let is_azure = vendor == ObjectStoreScheme::MicrosoftAzure;
        let (bucket, account) = match url.scheme() {
            "https" if is_azure => (first_segment, Some(first_label)),
            "https" if host.starts_with("s3.") || host.ends_with("r2.cloudflarestorage.com") => (first_segment, None),
            "https" => (first_label, None),
            _ if is_azure && !url.username().is_empty() => (url.username(), Some(first_label)),
            _ => (host, None),
        };
        Some(Self { vendor, bucket: bucket.to_owned(), prefix, account: account.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("s3://b/p", "s3://b/p/")]
    #[case("s3://b/p", "s3a://b/p")]
    #[case("s3://b", "S3A://b/")]
    #[case("s3://b/a%20b", "s3a://b/a b")]
    #[case("s3://b/p", "https://s3.eu-central-1.amazonaws.com/b/p")]
    #[case("s3://b/p", "https://b.s3.eu-central-1.amazonaws.com/p")]
    #[case("az://c/p", "abfss://c/p")]
    #[case("az://c/p", "abfs://c@account.dfs.core.windows.net/p")]
    #[case("azure://c/p", "https://account.blob.core.windows.net/c/p")]
    #[case("abfs://c@account.dfs.core.windows.net/p", "https://account.blob.core.windows.net/c/p")]
    #[case("gs://b/p", "gs://b/p/")]
    fn spellings_of_one_place(#[case] one: &str, #[case] other: &str) {
        assert!(is_same_place(one, other) && is_same_place(other, one), "{:?} {:?}", Place::of(one), Place::of(other));
    }

    #[rstest]
    #[case("s3://b/p", "s3a://b/q")]
    #[case("s3://b/p", "s3a://b")]
    #[case("s3://b/p", "s3://c/p")]
    #[case("s3://b/p", "gs://b/p")]
    #[case("s3://b/p", "az://b/p")]
    #[case("s3://b/p", "file:///b/p")]
    #[case("s3://b/p", "no URL")]
    #[case("https://one.blob.core.windows.net/c/p", "https://other.blob.core.windows.net/c/p")]
    fn places_that_are_not_the_same(#[case] one: &str, #[case] other: &str) {
        assert!(
            !is_same_place(one, other) && !is_same_place(other, one),
            "{:?} {:?}",
            Place::of(one),
            Place::of(other)
        );
    }
}
