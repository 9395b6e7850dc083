//! Inserts rows of a backup, a hundred or so at a time.

use std::fmt::Write as _;
use std::sync::Arc;

use sqlx::{Any, AssertSqlSafe, Transaction};

use super::format::ReadRow;
use super::value::Value;

/// Values of one statement: fewer than either database takes.
const VALUES_MAX: usize = 900;

/// What to do about a row that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnConflict {
    /// Fail.
    Fail,
    /// Leave it.
    Keep,
    /// Replace the row of a tag, unless it knows of a newer release.
    ReplaceOlderTag,
}

/// Collects rows that go into the same columns of the same table.
pub(super) struct Inserter<'t> {
    transaction: &'t mut Transaction<'static, Any>,
    on_conflict: OnConflict,
    table: &'static str,
    /// The columns that are given, the others being NULL.
    columns: Vec<String>,
    all_columns: Arc<[String]>,
    values: Vec<Value>,
}

impl<'t> Inserter<'t> {
    pub(super) fn new(transaction: &'t mut Transaction<'static, Any>, on_conflict: OnConflict) -> Self {
        Self {
            transaction,
            on_conflict,
            table: "",
            columns: Vec::new(),
            all_columns: Arc::default(),
            values: Vec::new(),
        }
    }

    /// Inserts a row, sooner or later. NULLs are left to the column.
    pub(super) async fn add(&mut self, row: ReadRow) -> sqlx::Result<()> {
        let given = row.columns.iter().zip(row.values).filter(|(_, value)| *value != Value::Null);
        let (columns, values): (Vec<&String>, Vec<Value>) = given.unzip();
        let is_alike = row.table == self.table && columns.iter().copied().eq(&self.columns);
        if !is_alike || self.values.len() + values.len() > VALUES_MAX {
            self.flush().await?;
            self.table = row.table;
            self.all_columns = Arc::clone(&row.columns);
            self.columns = columns.into_iter().cloned().collect();
        }
        self.values.extend(values);
        Ok(())
    }

    /// Inserts what was added.
    pub(super) async fn flush(&mut self) -> sqlx::Result<()> {
        if self.values.is_empty() {
            return Ok(());
        }
        let mut statement = statement(self.table, &self.columns, self.values.len());
        statement.push_str(&self.on_conflict.clause(&self.all_columns));
        let query = sqlx::query(AssertSqlSafe(statement));
        let query = self.values.drain(..).fold(query, |query, value| value.bind(query));
        query.execute(&mut **self.transaction).await.map(drop)
    }
}

impl OnConflict {
    /// The end of the statement.
    fn clause(self, columns: &[String]) -> String {
        match self {
            Self::Fail => String::new(),
            Self::Keep => " ON CONFLICT DO NOTHING".to_owned(),
            Self::ReplaceOlderTag => {
                let set: Vec<String> = columns.iter().map(|column| format!("{column} = excluded.{column}")).collect();
                format!(
                    " ON CONFLICT (tag) DO UPDATE SET {} WHERE excluded.last_release >= tags.last_release",
                    set.join(", ")
                )
            }
        }
    }
}

fn statement(table: &str, columns: &[String], values: usize) -> String {
    let mut text = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
    for number in 1..=values {
        let place = (number - 1) % columns.len();
        let before = match (place, number) {
            (0, 1) => "(",
            (0, _) => "), (",
            _ => ", ",
        };
        // Writing into a string cannot fail.
        let _ = write!(text, "{before}${number}");
    }
    text.push(')');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_rows_are_one_statement() {
        let columns = ["tag".to_owned(), "number".to_owned()];
        let text = statement("releases", &columns, 4);
        assert_eq!(text, "INSERT INTO releases (tag, number) VALUES ($1, $2), ($3, $4)");
    }
}
