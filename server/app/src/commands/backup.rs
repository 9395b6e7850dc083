//! `stowaway backup FILE|-`: every row of the database as text, as it was at one moment.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::json;
use stowaway_engine::db::Database;
use tempfile::NamedTempFile;

use super::progress::CountProgress;
use super::{errors, open, output};
use crate::cli::BackupArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Writes the backup and says how much it is.
pub(super) async fn run(configuration: &Configuration, arguments: &BackupArguments) -> Result<(), Failure> {
    let database = open::open_existing(configuration).await?.database;
    if arguments.file == Path::new("-") {
        // Standard output is the backup: what is said about it goes elsewhere.
        write(&database, &mut std::io::stdout()).await?;
        return Ok(());
    }
    let rows = write_file(&database, &arguments.file).await?;
    let bytes = std::fs::metadata(&arguments.file).map_err(Failure::environment)?.len();
    if arguments.json {
        return output::print_json(&json!({ "file": arguments.file, "rows": rows, "bytes": bytes }));
    }
    output::print(&format!("{}: {rows} rows, {}", arguments.file.display(), output::bytes(bytes)))
}

/// The file has its name only once it is whole and on the disk. Only its owner may read it: it holds what tokens are checked against.
async fn write_file(database: &Database, file: &Path) -> Result<u64, Failure> {
    let cannot = |error: std::io::Error| {
        Failure::environment(format!("{} cannot be written: {error}", file.display()))
            .remedy("choose a file in a folder that is there and may be written, on a disk with room")
    };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = NamedTempFile::new_in(folder).map_err(cannot)?;
    let mut out = BufWriter::new(temporary);
    let rows = write(database, &mut out).await?;
    let temporary = out.into_inner().map_err(|error| cannot(error.into_error()))?;
    temporary.as_file().sync_all().map_err(cannot)?;
    temporary.persist(file).map_err(|error| cannot(error.error))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(cannot)?;
    Ok(rows)
}

async fn write(database: &Database, out: &mut (dyn Write + Send)) -> Result<u64, Failure> {
    let progress = CountProgress::new("rows");
    let written = database.back_up(out, &|| progress.one_more()).await;
    progress.clear();
    written.map_err(errors::backup)
}
