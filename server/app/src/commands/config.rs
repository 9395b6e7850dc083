//! `stowaway config`: the effective configuration and where each value comes from.

use serde::Serialize;

use super::output;
use crate::cli::ConfigArguments;
use crate::configuration::{Configuration, KEYS, Key};
use crate::failure::Failure;

/// One key as it is in force.
#[derive(Serialize)]
struct Entry {
    key: &'static str,
    value: serde_json::Value,
    source: String,
    meaning: &'static str,
}

/// Prints it.
pub(super) fn run(configuration: &Configuration, arguments: &ConfigArguments) -> Result<(), Failure> {
    let values = serde_json::to_value(&configuration.settings).map_err(Failure::environment)?;
    let entries: Vec<Entry> = KEYS.iter().map(|key| entry(configuration, &values, key)).collect();
    if arguments.json {
        return output::print_json(&entries);
    }
    let mut table = output::table(&["KEY", "VALUE", "FROM"]);
    for entry in entries {
        table.add_row([entry.key.to_owned(), entry.value.to_string(), entry.source]);
    }
    output::print(&table.trim_fmt())
}

fn entry(configuration: &Configuration, values: &serde_json::Value, key: &Key) -> Entry {
    let value = values.pointer(&format!("/{}", key.name.replace('.', "/"))).cloned().unwrap_or_default();
    Entry {
        key: key.name,
        value: without_password(value),
        source: configuration.source(key.name).to_string(),
        meaning: key.meaning,
    }
}

/// Passwords in addresses stay out of terminals and tickets.
fn without_password(value: serde_json::Value) -> serde_json::Value {
    let address = value.as_str().and_then(|text| url::Url::parse(text).ok());
    match address {
        Some(mut address) if address.password().is_some() => {
            // Only fails for addresses that cannot have a password.
            let _ = address.set_password(Some("***"));
            address.to_string().into()
        }
        _ => value,
    }
}
