//! Rules that the types of the settings cannot express. Pure: gives the key at fault and what is wrong.

use url::Url;

use super::settings::{Cache, Settings};

/// A key and what is wrong with its value.
pub(crate) type Fault = (&'static str, String);

/// What S3 and Google sign for at most: a week.
const LONGEST_SIGNATURE_SECONDS: u64 = 7 * 24 * 3600;

/// Finds the first value that is out of bounds.
pub(crate) fn find_fault(settings: &Settings) -> Option<Fault> {
    let at_least_one = [
        ("storage.connect_timeout_seconds", settings.storage.connect_timeout_seconds),
        ("storage.request_timeout_seconds", settings.storage.request_timeout_seconds),
        ("http.max_connections_per_worker", settings.http.max_connections_per_worker as u64),
        ("http.keep_alive_seconds", settings.http.keep_alive_seconds),
        ("http.request_head_timeout_seconds", settings.http.request_head_timeout_seconds),
        ("http.write_idle_seconds", settings.http.write_idle_seconds),
        ("api.wrong_tokens_per_minute", settings.api.wrong_tokens_per_minute.into()),
        ("api.requests_per_second", settings.api.requests_per_second.into()),
        ("api.body_timeout_seconds", settings.api.body_timeout_seconds),
        ("upload.open_per_token", settings.upload.open_per_token),
        ("upload.expire_hours", settings.upload.expire_hours),
        ("upload.at_once", settings.upload.at_once as u64),
        ("upload.idle_seconds", settings.upload.idle_seconds),
        ("gc.events_days", settings.gc.events_days),
    ];
    if let Some((key, _)) = at_least_one.into_iter().find(|&(_, value)| value == 0) {
        return Some((key, "it is smaller than 1".to_owned()));
    }
    if !(4096..=16 * 1024 * 1024).contains(&settings.http.read_chunk_bytes) {
        return Some(("http.read_chunk_bytes", "it is out of bounds".to_owned()));
    }
    if !(0.0..=1.0).contains(&settings.telemetry.sample_ratio) {
        return Some(("telemetry.sample_ratio", "it is not between 0 and 1".to_owned()));
    }
    if settings.storage.redirect_seconds > LONGEST_SIGNATURE_SECONDS {
        let longest = "it is longer than a week, and no object store signs for longer";
        return Some(("storage.redirect_seconds", longest.to_owned()));
    }
    if let Some(fault) = slice_fault(&settings.cache) {
        return Some(fault);
    }
    url_fault("storage.url", settings.storage.url.as_deref(), &["file", "memory", "s3", "gs", "az"])
        .or_else(|| url_fault("database.url", settings.database.url.as_deref(), &["sqlite", "postgres", "postgresql"]))
        .or_else(|| {
            url_fault("telemetry.otlp_endpoint", settings.telemetry.otlp_endpoint.as_deref(), &["http", "https"])
        })
        .or_else(|| origin_fault("public_url", settings.public_url.as_deref()))
        .or_else(|| url_fault("storage.endpoint", settings.storage.endpoint.as_deref(), &["http", "https"]))
        .or_else(|| level_fault(&settings.log.level))
}

/// Slices of a useful size, and room for those on their way beside some that stay.
fn slice_fault(cache: &Cache) -> Option<Fault> {
    const SMALLEST: u64 = 64 * 1024;
    const LARGEST: u64 = 64 * 1024 * 1024;
    if !(SMALLEST..=LARGEST).contains(&cache.slice_bytes) {
        return Some(("cache.slice_bytes", "it is out of bounds".to_owned()));
    }
    let least = cache.slice_bytes * 16;
    if cache.max_bytes != 0 && cache.max_bytes < least {
        return Some(("cache.max_bytes", format!("it is smaller than 16 slices of {} bytes", cache.slice_bytes)));
    }
    if cache.read_ahead_slices > 16 {
        return Some(("cache.read_ahead_slices", "it is larger than 16".to_owned()));
    }
    (!(1..=1024).contains(&cache.fills)).then(|| ("cache.fills", "it is out of bounds".to_owned()))
}

/// A URL must begin with one of `schemes`.
fn url_fault(key: &'static str, url: Option<&str>, schemes: &[&str]) -> Option<Fault> {
    let url = url?;
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    let known = scheme.is_some_and(|scheme| schemes.contains(&scheme));
    (!known).then(|| (key, format!("it must begin with {}:", schemes.join(":, "))))
}

/// An address of a site must be scheme and authority: all paths are the server's own.
fn origin_fault(key: &'static str, url: Option<&str>) -> Option<Fault> {
    let url = url?;
    let is_origin = Url::parse(url).is_ok_and(|parsed| {
        let origin = parsed.origin().ascii_serialization();
        matches!(parsed.scheme(), "http" | "https") && (url == origin || url.strip_suffix('/') == Some(&origin))
    });
    (!is_origin).then(|| (key, "it must be http:// or https://, a host and at most a port, in lower case".to_owned()))
}

/// Log directives must parse. A word alone must be a level: the filter would take a misspelt one for the name of a module.
fn level_fault(level: &str) -> Option<Fault> {
    let is_level = |word: &str| word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
    let mut words = level.split(',').map(str::trim).filter(|word| !word.is_empty());
    if let Some(word) = words.find(|word| !word.contains(['=', '[']) && !is_level(word)) {
        return Some(("log.level", format!("{word:?} is no level; a module has one too, as in \"info,{word}=debug\"")));
    }
    let parsed = tracing_subscriber::EnvFilter::builder().parse(level);
    parsed.err().map(|error| ("log.level", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_a_scheme_and_an_authority() {
        for good in [
            "https://media.example.org",
            "http://127.0.0.1:8080/",
            "http://[::1]:8080",
            "https://xn--bcher-kva.example",
        ] {
            assert_eq!(origin_fault("public_url", Some(good)), None, "{good}");
        }
        for bad in [
            "",
            "media.example.org",
            "ftp://media.example.org",
            "https://media.example.org/path",
            "https://media.example.org?x",
            "https://user@media.example.org",
            "https://media.example.org:443",
            "https://",
            "https://MEDIA.example.org",
            " https://media.example.org",
        ] {
            assert!(origin_fault("public_url", Some(bad)).is_some(), "{bad}");
        }
    }
}
