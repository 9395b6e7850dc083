//! JSON Schemas of the documents, generated from their types. `docs/reference/` holds them as files.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::catalogue::Catalogue;
use crate::manifest::Manifest;
use crate::piece::PieceIndex;
use crate::problem::ProblemDocument;

/// Every schema with the name of its file in `docs/reference/`.
#[must_use]
pub fn all() -> [(&'static str, Schema); 4] {
    [
        ("manifest.schema.json", of::<Manifest>()),
        ("piece-index.schema.json", of::<PieceIndex>()),
        ("catalogue.schema.json", of::<Catalogue>()),
        ("problem.schema.json", of::<ProblemDocument>()),
    ]
}

fn of<T: JsonSchema>() -> Schema {
    let without_null = RecursiveTransform(remove_null);
    SchemaSettings::draft2020_12().with_transform(without_null).into_generator().into_root_schema_for::<T>()
}

/// Absent values are left out of our documents and never null; the types alone cannot say so.
fn remove_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(choices)) = schema.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        schema.remove("anyOf");
        for (key, value) in only {
            schema.insert(key, value);
        }
    }
}
