//! `stowaway gc`: removes what nobody needs, or says what that would be.

use stowaway_engine::gc::{Collector, GcError, GcReport, Tally};
use stowaway_engine::housekeeping::GcParameters;
use stowaway_engine::jobs::JobKind;

use super::interrupt::Interrupt;
use super::{errors, jobs, open, output, progress};
use crate::cli::GcArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Goes through the store and says what came of it.
pub(super) async fn run(configuration: &Configuration, arguments: &GcArguments) -> Result<(), Failure> {
    let opened = open::open_existing(configuration).await?;
    let options = open::gc_options(&configuration.settings, arguments.delete);
    let parameters = GcParameters { delete: arguments.delete, grace_seconds: options.grace.as_secs() };
    let job = jobs::begin(&opened.database, JobKind::Gc, &parameters).await?;
    let interrupt = Interrupt::listen()?;
    let collector = Collector::new(opened.store.clone(), opened.database.clone(), options);
    let spinner = progress::spinner("looking for what nobody needs");
    let outcome = collector.run(&job, &|| interrupt.came()).await;
    spinner.finish_and_clear();
    jobs::end(job, &outcome, matches!(outcome, Err(GcError::Interrupted))).await?;
    let report = outcome.map_err(errors::gc)?;
    if arguments.json { output::print_json(&report) } else { output::print(&describe(&report)) }
}

fn describe(report: &GcReport) -> String {
    let mut lines = Vec::new();
    for (kind, tally) in &report.objects {
        lines.push(format!("  {}  {}", tally_of(*tally), kind.replace('_', " ")));
    }
    if report.staged.count > 0 {
        lines.push(format!("  {}  unfinished uploads", tally_of(report.staged)));
    }
    let total = report.total();
    let (done, hint) = if report.dry_run && total.count > 0 {
        ("can be removed", "; to remove it: stowaway gc --delete")
    } else if report.dry_run {
        ("can be removed", "")
    } else {
        ("removed", "")
    };
    let examined = report.objects_examined;
    lines.insert(0, format!("{} {done}, of {examined} objects looked at{hint}", tally_of(total)));
    if report.young.count > 0 {
        lines.push(format!(
            "{} that nobody needs spared for now: written lately, or in use by an upload",
            tally_of(report.young)
        ));
    }
    if report.releases_retired > 0 {
        let verb = if report.dry_run { "would be" } else { "were" };
        lines.push(format!(
            "{} old releases {verb} retired: what only they need can be removed when gc.grace_seconds are over",
            report.releases_retired
        ));
    }
    if report.left_behind > 0 {
        lines.push(format!("{} objects removed that a gc before had begun to remove", report.left_behind));
    }
    lines.join("\n")
}

fn tally_of(tally: Tally) -> String {
    let noun = if tally.count == 1 { "object" } else { "objects" };
    format!("{} {noun} ({})", tally.count, output::bytes(tally.bytes))
}
