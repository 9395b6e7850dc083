//! The configuration reference in `docs/`, made from the table of keys and the defaults.

use serde_json::Value;

use super::{KEYS, Settings};

const HEAD: &str = "# Configuration\n\n\
    Defaults < `stowaway.toml` (or `--config FILE`) < environment < flags. A key `a.b` is `b` under `[a]` in the file, `STOWAWAY_A__B` in the \
    environment (two underscores for the dot) and `--set a.b=value` on the command line. Unknown keys and bad values are refused by name, with file and line. \
    `stowaway config` prints what is in force and where each value comes from.\n\n\
    | key | default | what it is |\n|---|---|---|\n";

/// The page as Markdown.
fn markdown() -> String {
    let defaults = serde_json::to_value(Settings::default()).expect("settings are plain JSON");
    KEYS.iter().fold(HEAD.to_owned(), |page, key| {
        let default = match default_of(&defaults, key.name) {
            Value::Null => "unset".to_owned(),
            Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        };
        page + &format!("| `{}` | {default} | {} |\n", key.name, key.meaning.replace('|', "\\|"))
    })
}

fn default_of<'a>(defaults: &'a Value, name: &str) -> &'a Value {
    name.split('.').fold(defaults, |value, part| &value[part])
}

#[test]
fn the_configuration_reference_is_up_to_date() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/configuration.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, markdown()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, markdown(), "not up to date: run UPDATE=1 cargo test -p stowaway reference");
}
