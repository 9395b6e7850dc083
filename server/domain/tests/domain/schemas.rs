//! What `docs/reference/` says is what the Rust types say. `UPDATE=1 cargo test -p stowaway-domain` writes it anew.

use std::path::PathBuf;

use stowaway_domain::problem_code::ProblemCode;
use stowaway_domain::{problem_reference, schema};

#[expect(clippy::disallowed_methods, reason = "compares the domain with files beside it")]
fn assert_up_to_date(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name);
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, text, "{name} is not up to date: run UPDATE=1 cargo test -p stowaway-domain");
}

#[test]
fn the_schemas_in_the_reference_are_up_to_date() {
    for (name, schema) in schema::all() {
        assert_up_to_date(name, &(serde_json::to_string_pretty(&schema).unwrap() + "\n"));
    }
}

#[test]
fn the_problems_in_the_reference_are_up_to_date() {
    assert_up_to_date("problems.md", &problem_reference::markdown());
}

#[test]
fn every_problem_is_explained_in_whole_sentences() {
    for code in ProblemCode::ALL {
        let explanation = problem_reference::explanation(code);
        for text in [explanation.when, explanation.what_to_do] {
            assert!(text.ends_with('.') && !text.contains('|') && !text.contains('\n'), "{}: {text}", code.code());
        }
    }
}

#[test]
fn no_schema_allows_null() {
    for (name, schema) in schema::all() {
        assert!(!serde_json::to_string(&schema).unwrap().contains("\"null\""), "{name}");
    }
}
