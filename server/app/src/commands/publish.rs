//! `stowaway publish DIR --tag TAG`: the next release of a tag.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use stowaway_domain::Tag;
use stowaway_engine::publish::Published;

use super::progress::PublishProgress;
use super::{errors, faults, open, output, probe, publish_remote, watch};
use crate::cli::PublishArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Publishes and says what came of it.
pub(super) async fn run(configuration: &Configuration, arguments: &PublishArguments) -> Result<(), Failure> {
    let tag = super::parse_tag(&arguments.tag)?;
    if let Some(server) = &arguments.server {
        return publish_remote::run(server, arguments, &tag).await;
    }
    let opened = open::open(configuration).await?;
    probe::before_publishing(&opened.store).await?;
    if arguments.watch {
        return watch::run(&opened, configuration, &arguments.folder, &tag, arguments.json).await;
    }
    let published = publish(&opened, configuration, &arguments.folder, &tag).await?;
    print(&tag, &published, arguments.json)
}

/// Says what came of it.
pub(super) fn print(tag: &Tag, published: &Published, json: bool) -> Result<(), Failure> {
    if json { output::print_json(&as_json(tag, published)) } else { output::print(&describe(tag, published)) }
}

/// Publishes with a progress bar.
pub(super) async fn publish(
    opened: &open::Opened,
    configuration: &Configuration,
    folder: &Path,
    tag: &Tag,
) -> Result<Published, Failure> {
    let publisher = faults::in_publisher(opened.publisher(&configuration.settings))?;
    let progress = Arc::new(PublishProgress::new());
    let published = publisher.publish(folder, tag, progress.clone()).await;
    progress.clear();
    published.map_err(errors::publish)
}

/// One sentence about the result.
pub(super) fn describe(tag: &Tag, published: &Published) -> String {
    match published {
        Published::Unchanged { release } => format!("{tag}: nothing changed, release {release} stays"),
        Published::Released { release, assets, bytes_total, bytes_uploaded, bytes_to_fetch_from_previous, .. } => {
            let update = bytes_to_fetch_from_previous.map_or_else(String::new, |update| {
                format!("; a client that has release {} fetches {}", release - 1, output::bytes(update))
            });
            let (total, uploaded) = (output::bytes(*bytes_total), output::bytes(*bytes_uploaded));
            format!("{tag}: release {release} with {assets} assets, {total}; {uploaded} uploaded{update}")
        }
    }
}

pub(super) fn as_json(tag: &Tag, published: &Published) -> serde_json::Value {
    match published {
        Published::Unchanged { release } => json!({ "tag": tag, "changed": false, "release": release }),
        Published::Released { release, digest, assets, bytes_total, bytes_uploaded, bytes_to_fetch_from_previous } => {
            json!({
                "tag": tag,
                "changed": true,
                "release": release,
                "digest": digest,
                "assets": assets,
                "bytes_total": bytes_total,
                "bytes_uploaded": bytes_uploaded,
                "bytes_to_fetch_from_previous": bytes_to_fetch_from_previous,
            })
        }
    }
}
