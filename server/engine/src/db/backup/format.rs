//! The text of a backup: a line that says what it is, then tables with a row a line, then a line that proves that all of it is there.

use std::io::{BufRead, Write};
use std::sync::Arc;

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::BackupError;
use super::tables::{self, Table};
use super::value::Value;

/// Version of the format.
pub(super) const FORMAT: u64 = 1;
/// Longer lines are not of a backup: the longest rows are summaries of releases, of some kilobytes.
const LINE_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Writes a backup line by line.
pub(super) struct BackupWriter<'a> {
    out: &'a mut (dyn Write + Send),
    hasher: Sha256,
    rows: u64,
}

impl<'a> BackupWriter<'a> {
    /// Begins a backup of a database that has migrations up to `migration`.
    pub(super) fn begin(out: &'a mut (dyn Write + Send), migration: i64) -> Result<Self, BackupError> {
        let mut writer = Self { out, hasher: Sha256::new(), rows: 0 };
        writer.line(&json!({ "stowaway": "backup", "format": FORMAT, "migration": migration }))?;
        Ok(writer)
    }

    /// The rows that follow are of this table.
    pub(super) fn table(&mut self, name: &str, columns: &[String]) -> Result<(), BackupError> {
        self.line(&json!({ "table": name, "columns": columns }))
    }

    /// A row.
    pub(super) fn row(&mut self, values: &[Value]) -> Result<(), BackupError> {
        self.rows += 1;
        self.line(&Json::Array(values.iter().map(Value::to_json).collect()))
    }

    /// Says that this was all, and how many rows it was.
    pub(super) fn end(self) -> Result<u64, BackupError> {
        let end = json!({ "rows": self.rows, "sha256": hex::encode(self.hasher.finalize()) });
        writeln!(self.out, "{end}").and_then(|()| self.out.flush()).map_err(BackupError::Write)?;
        Ok(self.rows)
    }

    fn line(&mut self, json: &Json) -> Result<(), BackupError> {
        let line = format!("{json}\n");
        self.hasher.update(&line);
        self.out.write_all(line.as_bytes()).map_err(BackupError::Write)
    }
}

/// A row that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReadRow {
    pub(super) table: &'static str,
    pub(super) columns: Arc<[String]>,
    pub(super) values: Vec<Value>,
}

/// Reads a backup row by row, and believes it only when its end was seen.
pub(super) struct BackupReader<'a> {
    input: &'a mut (dyn BufRead + Send),
    hasher: Sha256,
    line: u64,
    rows: u64,
    table: Option<(&'static Table, Arc<[String]>)>,
    text: String,
}

impl<'a> BackupReader<'a> {
    /// Reads the first line.
    pub(super) fn begin(input: &'a mut (dyn BufRead + Send), known_migration: i64) -> Result<Self, BackupError> {
        let mut reader = Self { input, hasher: Sha256::new(), line: 0, rows: 0, table: None, text: String::new() };
        let first = reader.read_line().and_then(|_| reader.json()).map_err(|error| match error {
            BackupError::Damaged { .. } => BackupError::NotABackup,
            error => error,
        })?;
        let (format, migration) = (first["format"].as_u64(), first["migration"].as_i64());
        let (Some("backup"), Some(format), Some(migration)) = (first["stowaway"].as_str(), format, migration) else {
            return Err(BackupError::NotABackup);
        };
        if format > FORMAT || migration > known_migration {
            return Err(BackupError::Newer { format, migration, known_format: FORMAT, known_migration });
        }
        reader.hasher.update(&reader.text);
        Ok(reader)
    }

    /// The next row; nothing after the last, when everything was there.
    pub(super) fn next(&mut self) -> Result<Option<ReadRow>, BackupError> {
        loop {
            if self.read_line()? == 0 {
                return Err(self.damaged("it ends here, and its last line is missing"));
            }
            let json = self.json()?;
            match &json {
                Json::Array(values) => {
                    self.hasher.update(&self.text);
                    self.rows += 1;
                    return self.row(values).map(Some);
                }
                Json::Object(members) if members.contains_key("table") => {
                    self.hasher.update(&self.text);
                    self.table = Some(self.begin_table(&json)?);
                }
                _ => return self.end(&json).map(|()| None),
            }
        }
    }

    fn begin_table(&self, json: &Json) -> Result<(&'static Table, Arc<[String]>), BackupError> {
        let name = json["table"].as_str().unwrap_or_default();
        let table = tables::find(name).ok_or_else(|| self.damaged(format!("there is no table {name:?}")))?;
        let columns = json["columns"].as_array().into_iter().flatten();
        let columns: Option<Arc<[String]>> = columns.map(|column| column.as_str().map(str::to_owned)).collect();
        // They become part of statements.
        let is_name =
            |text: &String| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let columns = columns.filter(|columns| !columns.is_empty() && columns.iter().all(is_name));
        Ok((table, columns.ok_or_else(|| self.damaged(format!("the columns of {name} are no names")))?))
    }

    fn row(&self, values: &[Json]) -> Result<ReadRow, BackupError> {
        let (table, columns) = self.table.as_ref().ok_or_else(|| self.damaged("a row before the first table"))?;
        if values.len() != columns.len() {
            let reason = format!("a row of {} with {} values instead of {}", table.name, values.len(), columns.len());
            return Err(self.damaged(reason));
        }
        let values: Option<Vec<Value>> = values.iter().map(Value::from_json).collect();
        let values =
            values.ok_or_else(|| self.damaged(format!("a row of {} with a value of no known kind", table.name)))?;
        Ok(ReadRow { table: table.name, columns: Arc::clone(columns), values })
    }

    /// The last line: as many rows, and the digest of everything before it.
    fn end(&mut self, json: &Json) -> Result<(), BackupError> {
        let found = hex::encode(std::mem::take(&mut self.hasher).finalize());
        match (json["rows"].as_u64(), json["sha256"].as_str()) {
            (Some(rows), Some(sha256)) if rows == self.rows && sha256 == found => {}
            (Some(_), Some(_)) => return Err(self.damaged("what is above is not what this line says: it was changed")),
            _ => return Err(self.damaged("neither a table nor a row nor the end")),
        }
        if self.read_line()? == 0 { Ok(()) } else { Err(self.damaged("there is more after the end")) }
    }

    /// Reads one line with its end into `text`; 0 at the end of everything.
    fn read_line(&mut self) -> Result<usize, BackupError> {
        use std::io::Read as _;
        self.text.clear();
        self.line += 1;
        let read = (&mut *self.input).take(LINE_MAX_BYTES).read_line(&mut self.text);
        match read {
            Ok(bytes) if bytes as u64 == LINE_MAX_BYTES => Err(self.damaged("the line is too long")),
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(self.damaged("it is no text")),
            Err(error) => Err(BackupError::Read(error)),
        }
    }

    fn json(&self) -> Result<Json, BackupError> {
        serde_json::from_str(&self.text).map_err(|error| self.damaged(format!("it is no JSON: {error}")))
    }

    fn damaged(&self, reason: impl Into<String>) -> BackupError {
        BackupError::Damaged { line: self.line, reason: reason.into() }
    }
}
