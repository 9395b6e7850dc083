//! `stowaway adopt`: objects that are in the bucket already become a release, without a copy.

use std::sync::Arc;

use stowaway_engine::publish::{AdoptOptions, ListedKey, Objects};

use super::progress::PublishProgress;
use super::{errors, faults, open, output, probe, publish};
use crate::cli::AdoptArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Adopts and says what came of it.
pub(super) async fn run(configuration: &Configuration, arguments: &AdoptArguments) -> Result<(), Failure> {
    let tag = super::parse_tag(&arguments.tag)?;
    let objects = objects(configuration, arguments)?;
    let scratch = arguments.scratch.clone().unwrap_or_else(std::env::temp_dir);
    let opened = open::open(configuration).await?;
    probe::before_publishing(&opened.store).await?;
    let publisher = faults::in_publisher(opened.publisher(&configuration.settings))?;
    let progress = Arc::new(PublishProgress::new());
    let adopted = publisher.adopt(&objects, &tag, &AdoptOptions { scratch }, progress.clone()).await;
    progress.clear();
    let adopted = adopted.map_err(errors::adopt)?;
    if arguments.json {
        return output::print_json(&publish::as_json(&tag, &adopted));
    }
    output::print(&publish::describe(&tag, &adopted))
}

fn objects(configuration: &Configuration, arguments: &AdoptArguments) -> Result<Objects, Failure> {
    if let Some(file) = &arguments.list {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure::caller(format!("{} cannot be read: {error}", file.display())))?;
        return Ok(Objects::Listed(parse_list(&text)));
    }
    let prefix = arguments.prefix.as_deref().unwrap_or_default();
    below(configuration.storage_url(), prefix).map(Objects::Below)
}

/// A prefix relative to the store; a URL must lie in it.
fn below(storage_url: &str, prefix: &str) -> Result<String, Failure> {
    if !prefix.contains("://") {
        return Ok(prefix.to_owned());
    }
    let base = format!("{}/", storage_url.trim_end_matches('/'));
    let inside = format!("{}/", prefix.trim_end_matches('/'));
    let below = inside.strip_prefix(&base).map(|below| below.trim_end_matches('/').to_owned());
    below.ok_or_else(|| {
        Failure::caller(format!("{prefix} does not lie in the store, which is {storage_url}"))
            .remedy("set storage.url to the bucket that the objects are in: nothing is copied from elsewhere")
    })
}

fn parse_list(text: &str) -> Vec<ListedKey> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let parse = |line: &str| match line.split_once('\t') {
        Some((key, path)) => ListedKey { key: key.to_owned(), path: Some(path.to_owned()) },
        None => ListedKey { key: line.to_owned(), path: None },
    };
    lines.map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_relative_to_the_store() {
        let relative = |prefix| below("s3://bucket/base", prefix).ok();
        assert_eq!(relative("s3://bucket/base/old/shows/").as_deref(), Some("old/shows"));
        assert_eq!(relative("s3://bucket/base").as_deref(), Some(""));
        assert_eq!(relative("old/shows").as_deref(), Some("old/shows"));
        for elsewhere in ["s3://bucket/based", "s3://other/base/old", "gs://bucket/base/old"] {
            assert_eq!(relative(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_line_is_a_key_and_perhaps_a_path() {
        let parsed = parse_list("a b/1.mp3\n\nx/2.mp3\t02.mp3\n");
        let expected = [("a b/1.mp3", None), ("x/2.mp3", Some("02.mp3"))];
        let expected = expected.map(|(key, path)| ListedKey { key: key.to_owned(), path: path.map(str::to_owned) });
        assert_eq!(parsed, expected);
    }
}
