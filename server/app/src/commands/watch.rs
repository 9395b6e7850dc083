//! `stowaway publish DIR --tag TAG --watch`: publishes again whenever the folder has changed and settled, until a signal.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use stowaway_domain::Tag;
use stowaway_engine::publish::{FolderLook, Settling};

use super::interrupt::Interrupt;
use super::{open, publish};
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Between two looks at the folder.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// Publishes until a signal. One publish that fails is said, and tried again at the next change.
pub(super) async fn run(
    opened: &open::Opened,
    configuration: &Configuration,
    folder: &Path,
    tag: &Tag,
    as_json: bool,
) -> Result<(), Failure> {
    let settle = Duration::from_millis(configuration.settings.publish.settle_ms);
    let pause = (settle / 4).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
    let interrupt = Interrupt::listen()?;
    let mut settling = Settling::new(settle);
    let mut unreadable = false;
    while !interrupt.came() {
        match look(folder).await {
            Ok(look) => {
                unreadable = false;
                if settling.is_due(look, Instant::now()) {
                    publish_once(opened, configuration, folder, tag, as_json).await?;
                }
            }
            // Said once: it may be a disk that comes back.
            Err(failure) if !std::mem::replace(&mut unreadable, true) => say(&failure.report()),
            Err(_) => {}
        }
        interrupt.sleep(pause).await;
    }
    Ok(())
}

async fn look(folder: &Path) -> Result<FolderLook, Failure> {
    let named = folder.to_owned();
    let looked = tokio::task::spawn_blocking(move || FolderLook::take(&named)).await.map_err(std::io::Error::other);
    looked.flatten().map_err(|error| {
        Failure::environment(format!("{} cannot be looked at: {error}", folder.display()))
            .remedy("it is looked at again until it is there")
    })
}

async fn publish_once(
    opened: &open::Opened,
    configuration: &Configuration,
    folder: &Path,
    tag: &Tag,
    as_json: bool,
) -> Result<(), Failure> {
    match publish::publish(opened, configuration, folder, tag).await {
        Ok(published) => publish::print(tag, &published, as_json),
        Err(failure) => {
            say(&failure.report());
            say(&format!("{tag}: not published; it is tried again when {} changes\n", folder.display()));
            Ok(())
        }
    }
}

fn say(text: &str) {
    // Standard error may be closed; there is nobody left to tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
