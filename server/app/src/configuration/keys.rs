//! The table of keys: what each means, for messages and for `stowaway config`.

/// One key that may be set.
pub(crate) struct Key {
    /// Dotted name, as in `stowaway.toml`.
    pub(crate) name: &'static str,
    /// What it is and an example, completing "`name` is …".
    pub(crate) meaning: &'static str,
}

/// Every key, in the order of [`Settings`](super::Settings).
pub(crate) const KEYS: &[Key] = &[
    key("listen", r#"the address and port to serve on, such as "127.0.0.1:8080" (port 0 takes a free one)"#),
    key("admin_listen", r#"a second address for /metrics, /healthz and /readyz, such as "127.0.0.1:9090""#),
    key("public_title", r#"the title of the catalogue, such as "Stowaway""#),
    key(
        "public_url",
        r#"scheme and host under which everybody reaches this server, such as "https://media.example.org", for the addresses in Metalinks"#,
    ),
    key(
        "storage.url",
        r#"where objects lie: "file:///srv/stowaway", "memory:", "s3://bucket/prefix", "gs://…" or "az://…""#,
    ),
    key(
        "storage.endpoint",
        r#"the address of a service that is not the vendor's own, such as "https://s3.example.org:9000""#,
    ),
    key("storage.region", r#"the region of an S3 bucket, such as "eu-central-1"; else that of AWS_REGION"#),
    key(
        "storage.path_style",
        "true when the bucket is the first part of an S3 path, false when it is the first part of the host name",
    ),
    key("storage.connect_timeout_seconds", "how many seconds a connection to the object store may take, at least 1"),
    key(
        "storage.request_timeout_seconds",
        "how many seconds the object store may be silent in the middle of a request, at least 1",
    ),
    key("storage.retries", "how often a failed request to the object store is tried again"),
    key(
        "storage.redirect_seconds",
        "for how long the signed address is valid to which readers of blobs are redirected, at most 604800; 0 serves them from here",
    ),
    key("database.url", r#"where rows lie: "sqlite:///srv/stowaway.db" or "postgres://user@host/name""#),
    key("log.format", r#""text" or "json""#),
    key("log.level", r#""error", "warn", "info", "debug", "trace", or directives such as "info,stowaway::access=off""#),
    key("telemetry.otlp_endpoint", r#"the base URL of an OTLP/HTTP collector, such as "http://127.0.0.1:4318""#),
    key("telemetry.sample_ratio", "the part of traces to export, from 0 to 1"),
    key("http.workers", "the number of serving threads, 0 for one a core"),
    key("http.max_connections_per_worker", "how many connections one worker holds, at least 1"),
    key("http.keep_alive_seconds", "how long an idle connection stays open, at least 1"),
    key("http.request_head_timeout_seconds", "how long a client may take to send a request's head, at least 1"),
    key("http.write_idle_seconds", "after how long a client that takes no bytes is disconnected, at least 1"),
    key(
        "http.minimum_send_bytes_per_second",
        "how fast a client must take an answer on average once write_idle_seconds are over, 0 for no matter",
    ),
    key(
        "http.drain_delay_seconds",
        "how long new connections are still taken after SIGTERM while /readyz says draining",
    ),
    key("http.shutdown_timeout_seconds", "how long running downloads may take to finish after SIGTERM"),
    key("http.read_chunk_bytes", "how many bytes are read from the store at once, from 4096 to 16777216"),
    key("http.server_timing", "whether answers say in Server-Timing how long their steps took, true or false"),
    key("cache.document_bytes", "how many bytes of manifests and piece indexes stay in memory"),
    key("cache.rows", "how many rows of each kind stay in memory"),
    key(
        "cache.pointer_fresh_ms",
        "after how many milliseconds the current release of a tag is looked up again while the database does not say what changes",
    ),
    key("cache.directory", "the folder where slices of remote blobs are kept; one server process uses it"),
    key(
        "cache.max_bytes",
        "how many bytes of slices of remote blobs are kept on disk: at least 16 slices, or 0 for no slice cache",
    ),
    key("cache.slice_bytes", "how many bytes of a remote blob are fetched and kept at a time, from 65536 to 67108864"),
    key("cache.read_ahead_slices", "how many slices are fetched ahead of one who reads on and on, at most 16"),
    key("cache.fills", "how many slices are fetched from the object store at once, from 1 to 1024"),
    key("cache.open_files", "how many files of slices are held open beside those being sent"),
    key(
        "edge.pointer_max_age_seconds",
        "max-age of the current manifest and the catalogue: how long browsers may show the release before",
    ),
    key(
        "edge.pointer_shared_max_age_seconds",
        "s-maxage of the same: how long an edge may; raise it to 86400 where every release purges the edge",
    ),
    key("publish.workers", "how many files are read, hashed and cut at once, 0 for one a core"),
    key(
        "api.wrong_tokens_per_minute",
        "how many wrong tokens an address may show a minute before it is shut out for one, at least 1",
    ),
    key("api.requests_per_second", "how many requests a token may make a second, twice as many at once, at least 1"),
    key("api.body_timeout_seconds", "how many seconds a JSON body may take to come, at least 1"),
    key("upload.max_bytes", "the size of the largest file that is taken over the network, in bytes"),
    key("upload.open_per_token", "how many unfinished uploads one token may have, at least 1"),
    key(
        "upload.expire_hours",
        "how long an upload is kept after its last append, and a finished one for its release, at least 1",
    ),
    key(
        "upload.at_once",
        "how many appends are taken at once, each with two parts of 8 MiB or more in memory, at least 1",
    ),
    key("upload.idle_seconds", "how long a client may send nothing in the middle of an append, at least 1"),
    key("publish.settle_ms", "for how many milliseconds nothing may change in a watched folder before it is published"),
    key("gc.grace_seconds", "how long gc spares what was written, or needed by a release, a moment ago"),
    key("gc.events_days", "after how many days gc removes events of releases from the database, at least 1"),
    key(
        "retention.keep_releases",
        "how many releases of a tag stay, 0 for all; the current one and the one before always do",
    ),
    key(
        "retention.keep_days",
        "for how many days releases stay, 0 for ever; with both rules a release stays while either keeps it",
    ),
    key("quota.tag_bytes", "how many bytes the files of all releases of one tag may have, 0 for any number"),
];

const fn key(name: &'static str, meaning: &'static str) -> Key {
    Key { name, meaning }
}

/// The key of that name.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// What to write instead of an unknown key: one that differs only in punctuation, else the keys of its section.
pub(crate) fn suggest(unknown: &str) -> String {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    if let Some(key) = KEYS.iter().find(|key| letters(key.name) == letters(unknown)) {
        return format!("did you mean {}?", key.name);
    }
    let section = unknown.split_once('.').map(|(section, _)| format!("{section}.")).unwrap_or_default();
    let mut known: Vec<&str> =
        KEYS.iter().map(|key| key.name).filter(|name| !section.is_empty() && name.starts_with(&section)).collect();
    if known.is_empty() {
        known = KEYS.iter().map(|key| key.name).collect();
    }
    format!("remove it, or use one of {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Settings;

    #[test]
    fn the_table_and_the_settings_name_the_same_keys() {
        fn collect(prefix: &str, value: &serde_json::Value, into: &mut Vec<String>) {
            match value {
                serde_json::Value::Object(members) => {
                    for (name, member) in members {
                        let dot = if prefix.is_empty() { "" } else { "." };
                        collect(&format!("{prefix}{dot}{name}"), member, into);
                    }
                }
                _ => into.push(prefix.to_owned()),
            }
        }
        let mut in_settings = Vec::new();
        collect("", &serde_json::to_value(Settings::default()).unwrap(), &mut in_settings);
        let mut in_table: Vec<String> = KEYS.iter().map(|key| key.name.to_owned()).collect();
        in_settings.sort();
        in_table.sort();
        assert_eq!(in_table, in_settings);
    }

    #[test]
    fn a_key_with_one_underscore_too_few_is_recognised() {
        assert_eq!(suggest("storage_url"), "did you mean storage.url?");
        assert!(suggest("http.timeout").starts_with("remove it, or use one of http.workers"));
    }
}
