//! `stowaway restore FILE|-`: makes the rows of the database those of a backup.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::json;
use stowaway_engine::db::OnExisting;

use super::progress::CountProgress;
use super::{errors, open, output};
use crate::cli::RestoreArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Reads the backup and says how much it was.
pub(super) async fn run(configuration: &Configuration, arguments: &RestoreArguments) -> Result<(), Failure> {
    // The file first: no database is made for a backup that is not there.
    let mut input = open_input(&arguments.file)?;
    let database = open::open(configuration).await?.database;
    let on_existing = if arguments.force { OnExisting::Replace } else { OnExisting::Refuse };
    let progress = CountProgress::new("rows");
    let restored = database.restore(&mut *input, on_existing, &|| progress.one_more()).await;
    progress.clear();
    let rows = restored.map_err(errors::backup)?;
    if arguments.json {
        return output::print_json(&json!({ "database": database.shown_url(), "rows": rows }));
    }
    output::print(&format!("{}: {rows} rows restored", database.shown_url()))
}

fn open_input(file: &Path) -> Result<Box<dyn BufRead + Send>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let opened =
        File::open(file).map_err(|error| Failure::caller(format!("{} cannot be read: {error}", file.display())))?;
    Ok(Box::new(BufReader::new(opened)))
}
