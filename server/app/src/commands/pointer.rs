//! `stowaway rollback TAG N` and `stowaway unpublish TAG`: the pointer of a tag, moved without a new release.

use serde_json::json;
use stowaway_domain::Tag;
use stowaway_engine::releases::{Moved, Releases};

use super::{errors, open, output};
use crate::cli::{RollbackArguments, UnpublishArguments};
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Makes an old release the current one.
pub(super) async fn roll_back(configuration: &Configuration, arguments: &RollbackArguments) -> Result<(), Failure> {
    let tag = super::parse_tag(&arguments.tag)?;
    let opened = open::open_existing(configuration).await?;
    let releases = Releases::new(opened.store.clone(), opened.database.clone());
    let moved = releases.roll_back(&tag, arguments.release, None).await;
    let moved = moved.map_err(|error| errors::release(error, opened.database.shown_url()))?;
    let text = if moved.changed { "readers get release" } else { "nothing changed, the current release is" };
    say(&tag, &moved, arguments.json, &format!("{text} {}", moved.state.release))
}

/// Takes a tag back.
pub(super) async fn unpublish(configuration: &Configuration, arguments: &UnpublishArguments) -> Result<(), Failure> {
    let tag = super::parse_tag(&arguments.tag)?;
    let opened = open::open_existing(configuration).await?;
    let releases = Releases::new(opened.store.clone(), opened.database.clone());
    let moved = releases.unpublish(&tag, None).await;
    let moved = moved.map_err(|error| errors::release(error, opened.database.shown_url()))?;
    let since = moved.state.unpublished.as_deref().unwrap_or_default();
    let text = format!(
        "not offered any more, since {since}; its releases stay. To offer it again: stowaway rollback {tag} {}",
        moved.state.release
    );
    say(&tag, &moved, arguments.json, &text)
}

fn say(tag: &Tag, moved: &Moved, as_json: bool, text: &str) -> Result<(), Failure> {
    if !as_json {
        return output::print(&format!("{tag}: {text}"));
    }
    output::print_json(&json!({
        "tag": tag,
        "changed": moved.changed,
        "release": moved.state.release,
        "unpublished": moved.state.unpublished,
    }))
}
