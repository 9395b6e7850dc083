//! `stowaway publish DIR --tag TAG --server URL`: the next release of a tag, at a server over the network.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::json;
use stowaway_domain::Tag;
use stowaway_engine::remote::{RemoteOptions, RemotePublisher, RemoteRelease};
use url::{Host, Url};

use super::progress::PublishProgress;
use super::{errors, output};
use crate::cli::PublishArguments;
use crate::configuration;
use crate::failure::Failure;

/// Publishes and says what came of it.
pub(super) async fn run(server: &Url, arguments: &PublishArguments, tag: &Tag) -> Result<(), Failure> {
    expect_server(server)?;
    let token = arguments.token.clone().or_else(configuration::token_from_environment).ok_or_else(no_token)?;
    let publisher = RemotePublisher::new(server, token.trim(), RemoteOptions::default()).map_err(errors::remote)?;
    let progress = Arc::new(PublishProgress::new());
    let published = publisher.publish(&arguments.folder, tag, progress.clone()).await;
    progress.clear();
    let release = published.map_err(errors::remote)?;
    if arguments.json {
        return output::print_json(&as_json(tag, &release));
    }
    output::print(&describe(tag, &release))
}

fn no_token() -> Failure {
    Failure::caller("publishing to a server needs a token").remedy(
        "have one made at the server: stowaway token create --name NAME --scope publish:TAG; give it in STOWAWAY_TOKEN or --token",
    )
}

/// Scheme and host, and no token in the clear over a network of others without a word.
fn expect_server(server: &Url) -> Result<(), Failure> {
    let is_origin = server.path() == "/" && server.query().is_none() && server.username().is_empty();
    if !matches!(server.scheme(), "http" | "https") || !is_origin {
        let what = format!("--server {server} is not the address of a server");
        return Err(Failure::caller(what).remedy("give scheme and host only, such as https://media.example.org"));
    }
    if server.scheme() == "http" && !is_this_machine(server) {
        tracing::warn!(%server, "the token is sent without encryption: use https");
    }
    Ok(())
}

fn is_this_machine(server: &Url) -> bool {
    match server.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

/// One sentence about the result.
fn describe(tag: &Tag, release: &RemoteRelease) -> String {
    let number = release.release;
    if !release.changed {
        return format!("{tag}: nothing changed, release {number} stays");
    }
    let update = release.bytes_to_fetch_from_previous.map_or_else(String::new, |update| {
        format!("; a client that has the release before fetches {}", output::bytes(update))
    });
    let (assets, total) = (release.assets.unwrap_or(0), output::bytes(release.bytes_total.unwrap_or(0)));
    let uploaded = output::bytes(release.bytes_uploaded);
    format!("{tag}: release {number} with {assets} assets, {total}; {uploaded} uploaded{update}")
}

/// As a publish into a store of this machine says it.
fn as_json(tag: &Tag, release: &RemoteRelease) -> serde_json::Value {
    if !release.changed {
        return json!({ "tag": tag, "changed": false, "release": release.release });
    }
    json!({
        "tag": tag,
        "changed": true,
        "release": release.release,
        "digest": release.digest,
        "assets": release.assets,
        "bytes_total": release.bytes_total,
        "bytes_uploaded": release.bytes_uploaded,
        "bytes_to_fetch_from_previous": release.bytes_to_fetch_from_previous,
    })
}
