//! `stowaway scrub`: reads everything that is stored again, and says what is damaged.

use std::sync::Arc;

use stowaway_engine::jobs::JobKind;
use stowaway_engine::scrub::{ScrubError, ScrubOptions, ScrubParameters, ScrubProgress, ScrubReport, Scrubber};
use stowaway_engine::store::Store;

use super::interrupt::Interrupt;
use super::{errors, jobs, open, output, progress};
use crate::cli::ScrubArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Reads, mends what it can, and fails when damage remains.
pub(super) async fn run(configuration: &Configuration, arguments: &ScrubArguments) -> Result<(), Failure> {
    let tag = arguments.tag.as_deref().map(super::parse_tag).transpose()?;
    let opened = open::open_existing(configuration).await?;
    let copy = arguments.repair_from.as_deref().map(|url| open_copy(configuration, url)).transpose()?;
    let workspace = tempfile::Builder::new().prefix("stowaway-scrub-").tempdir().map_err(Failure::environment)?;
    let repair_from = arguments.repair_from.as_deref().map(without_password);
    let parameters = ScrubParameters { tag: tag.clone(), repair_from };
    let begin_at = match arguments.restart {
        true => ScrubProgress::default(),
        false => parameters.left_off(&opened.database).await.map_err(errors::database)?,
    };
    if begin_at != ScrubProgress::default() {
        let (blobs, releases) = (begin_at.report.blobs, begin_at.report.releases);
        tracing::info!(blobs, releases, "going on where the scrub before this one was stopped; --restart begins anew");
    }
    let job = jobs::begin(&opened.database, JobKind::Scrub, &parameters).await?;
    let interrupt = Interrupt::listen()?;
    let options = ScrubOptions {
        tag,
        bytes_per_second: arguments.bytes_per_second,
        copy,
        workspace: workspace.path().to_owned(),
    };
    let bar = Arc::new(progress::reading("reading what is stored"));
    let scrubber = Scrubber::new(opened.store.clone(), opened.database.clone(), options);
    let on_read = |bytes| bar.inc(bytes);
    let outcome = scrubber.run(&job, begin_at, &on_read, interrupt.comes()).await;
    bar.finish_and_clear();
    jobs::end(job, &outcome, matches!(outcome, Err(ScrubError::Interrupted))).await?;
    let report = outcome.map_err(errors::scrub)?;
    if arguments.json {
        output::print_json(&report)?;
    } else {
        output::print(&describe(&report))?;
    }
    match report.remaining() {
        0 => Ok(()),
        remaining => Err(Failure::environment(format!("{remaining} stored objects are damaged or missing"))
            .remedy("publish the folders of the tags named above again, which stores them anew, or give a copy with --repair-from URL")),
    }
}

fn open_copy(configuration: &Configuration, url: &str) -> Result<Store, Failure> {
    Store::open_existing(url, &open::store_options(configuration))
        .map_err(|error| errors::store(error).remedy("check the address given with --repair-from"))
}

fn describe(report: &ScrubReport) -> String {
    let mut lines: Vec<String> = report
        .damage
        .iter()
        .flat_map(|damage| {
            let mended = if damage.is_mended { " (mended)" } else { "" };
            let needed = damage.needed_by.iter().map(|place| format!("    needed by {place}"));
            std::iter::once(format!("{}: {}{mended}", damage.key, damage.reason)).chain(needed).collect::<Vec<_>>()
        })
        .collect();
    lines.push(format!(
        "{} blobs and {} documents of {} releases read: {} damaged, {} of them mended",
        report.blobs, report.documents, report.releases, report.damaged, report.mended
    ));
    lines.join("\n")
}

/// What is recorded must not hold secrets.
fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            // Only fails for addresses that cannot have a password.
            let _ = parsed.set_password(Some("***"));
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}
