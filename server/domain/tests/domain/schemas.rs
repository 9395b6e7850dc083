//! The JSON Schemas in `docs/reference/` are those of the Rust types. `UPDATE=1 cargo test -p stowaway-domain` writes them anew.

use std::path::PathBuf;

use stowaway_domain::schema;

#[test]
#[expect(clippy::disallowed_methods, reason = "compares the domain with files beside it")]
fn the_schemas_in_the_reference_are_up_to_date() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    for (name, schema) in schema::all() {
        let (path, text) = (folder.join(name), serde_json::to_string_pretty(&schema).unwrap() + "\n");
        if std::env::var("UPDATE").is_ok() {
            std::fs::write(&path, &text).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(written, text, "{name} is not up to date: run UPDATE=1 cargo test -p stowaway-domain");
    }
}

#[test]
fn no_schema_allows_null() {
    for (name, schema) in schema::all() {
        assert!(!serde_json::to_string(&schema).unwrap().contains("\"null\""), "{name}");
    }
}
