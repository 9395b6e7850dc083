//! One value of a row, as both databases have it and as it is written.

use serde_json::{Value as Json, json};
use sqlx::any::{AnyArguments, AnyRow, AnyTypeInfoKind};
use sqlx::query::Query;
use sqlx::{Any, Column as _, Row as _, ValueRef as _};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    /// The value in a column.
    pub(super) fn of(row: &AnyRow, column: usize) -> sqlx::Result<Self> {
        let raw = row.try_get_raw(column)?;
        if raw.is_null() {
            return Ok(Self::Null);
        }
        let kind = raw.type_info().kind();
        match kind {
            AnyTypeInfoKind::SmallInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::BigInt => {
                row.try_get(column).map(Self::Integer)
            }
            AnyTypeInfoKind::Text => row.try_get(column).map(Self::Text),
            AnyTypeInfoKind::Blob => row.try_get(column).map(Self::Bytes),
            other => {
                let source = std::io::Error::other(format!("values of kind {other:?} have no place in a backup"));
                let index = row.column(column).name().to_owned();
                Err(sqlx::Error::ColumnDecode { index, source: Box::new(source) })
            }
        }
    }

    /// As it is written: bytes are an object, so that no text looks like them.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Integer(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            Self::Bytes(bytes) => json!({ "hex": hex::encode(bytes) }),
        }
    }

    /// As it was written; nothing for what no backup holds.
    pub(super) fn from_json(json: &Json) -> Option<Self> {
        match json {
            Json::Null => Some(Self::Null),
            Json::Number(number) => number.as_i64().map(Self::Integer),
            Json::String(text) => Some(Self::Text(text.clone())),
            Json::Object(members) if members.len() == 1 => {
                members.get("hex")?.as_str().and_then(|hex| hex::decode(hex).ok()).map(Self::Bytes)
            }
            _ => None,
        }
    }

    /// Adds it to a statement, which has no place for NULL: the two databases want different types of it.
    pub(super) fn bind(self, query: Query<'_, Any, AnyArguments>) -> Query<'_, Any, AnyArguments> {
        match self {
            Self::Null => query,
            Self::Integer(number) => query.bind(number),
            Self::Text(text) => query.bind(text),
            Self::Bytes(bytes) => query.bind(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_back_as_they_were() {
        for value in [
            Value::Null,
            Value::Integer(i64::MIN),
            Value::Integer(i64::MAX),
            Value::Text("{\"hex\":\"00\"}\n\u{2028}".to_owned()),
            Value::Bytes(vec![0, 10, 255]),
        ] {
            let text = value.to_json().to_string();
            assert!(!text.contains('\n'), "a row is a line: {text}");
            assert_eq!(Value::from_json(&serde_json::from_str(&text).expect("JSON")), Some(value));
        }
    }

    #[test]
    fn what_no_backup_holds_is_refused() {
        for text in ["1.5", "true", "[]", "{}", r#"{"hex":"0"}"#, r#"{"hex":"00","more":1}"#, "9223372036854775808"] {
            assert_eq!(Value::from_json(&serde_json::from_str(text).expect("JSON")), None, "{text}");
        }
    }
}
