//! `stowaway restore FILE|-`: makes the rows of the database those of a backup; with `--from-store` those that the store has records of.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::json;
use stowaway_engine::db::OnExisting;
use stowaway_engine::records::{RebuildError, Rebuilt, rebuild};

use super::progress::CountProgress;
use super::{errors, open, output};
use crate::cli::RestoreArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Restores and says how much it was.
pub(super) async fn run(configuration: &Configuration, arguments: &RestoreArguments) -> Result<(), Failure> {
    let on_existing = if arguments.force { OnExisting::Replace } else { OnExisting::Refuse };
    match &arguments.file {
        Some(file) => from_file(configuration, file, on_existing, arguments.json).await,
        None => from_store(configuration, on_existing, arguments.json).await,
    }
}

async fn from_file(
    configuration: &Configuration,
    file: &Path,
    on_existing: OnExisting,
    as_json: bool,
) -> Result<(), Failure> {
    // The file first: no database is made for a backup that is not there.
    let mut input = open_input(file)?;
    let database = open::open(configuration).await?.database;
    let progress = CountProgress::new("rows");
    let restored = database.restore(&mut *input, on_existing, &|| progress.one_more()).await;
    progress.clear();
    let rows = restored.map_err(errors::backup)?;
    if as_json {
        return output::print_json(&json!({ "database": database.shown_url(), "rows": rows }));
    }
    output::print(&format!("{}: {rows} rows restored", database.shown_url()))
}

async fn from_store(configuration: &Configuration, on_existing: OnExisting, as_json: bool) -> Result<(), Failure> {
    let opened = open::open(configuration).await?;
    let progress = CountProgress::new("records");
    let rebuilt = rebuild(&opened.store, &opened.database, on_existing, &|_| progress.one_more()).await;
    progress.clear();
    let Rebuilt { tags, releases, left_out } = rebuilt.map_err(|error| match error {
        RebuildError::Rows(error) => errors::backup(error),
        RebuildError::Store(error) => errors::store(error),
    })?;
    let shown_url = opened.database.shown_url();
    if as_json {
        let left_out: Vec<_> =
            left_out.iter().map(|record| json!({ "key": record.key, "reason": record.reason })).collect();
        output::print_json(
            &json!({ "database": shown_url, "tags": tags, "releases": releases, "left_out": left_out }),
        )?;
    } else {
        output::print(&format!("{shown_url}: {tags} tags with {releases} releases made again from the store"))?;
    }
    match left_out.first() {
        None => Ok(()),
        Some(first) => {
            let text = format!(
                "{} records in the store cannot be used and their releases are missing, the first is {}: {}",
                left_out.len(),
                first.key,
                first.reason
            );
            Err(Failure::environment(text)
                .remedy("restore these objects from a copy of the store, and run this again with --force"))
        }
    }
}

fn open_input(file: &Path) -> Result<Box<dyn BufRead + Send>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let opened =
        File::open(file).map_err(|error| Failure::caller(format!("{} cannot be read: {error}", file.display())))?;
    Ok(Box::new(BufReader::new(opened)))
}
