//! `stowaway limits TAG`: what one tag may keep, where that is not what the configuration says.

use serde_json::json;
use stowaway_engine::db::TagLimits;

use super::{errors, open, output};
use crate::cli::LimitsArguments;
use crate::configuration::Configuration;
use crate::failure::Failure;

/// Sets what was given, and prints what is in force.
pub(super) async fn run(configuration: &Configuration, arguments: &LimitsArguments) -> Result<(), Failure> {
    let tag = super::parse_tag(&arguments.tag)?;
    let given = [
        parse("--keep-releases", arguments.keep_releases.as_deref())?,
        parse("--keep-days", arguments.keep_days.as_deref())?,
        parse("--quota-bytes", arguments.quota_bytes.as_deref())?,
    ];
    let opened = open::open_existing(configuration).await?;
    let was = opened.database.tag_limits(&tag).await.map_err(errors::database)?;
    let limits = TagLimits {
        keep_releases: given[0].unwrap_or(was.keep_releases),
        keep_days: given[1].unwrap_or(was.keep_days),
        quota_bytes: given[2].unwrap_or(was.quota_bytes),
    };
    if limits != was {
        opened.database.set_tag_limits(&tag, limits).await.map_err(errors::database)?;
    }
    let settings = &configuration.settings;
    let rows = [
        ("keep_releases", limits.keep_releases, settings.retention.keep_releases),
        ("keep_days", limits.keep_days, settings.retention.keep_days),
        ("quota_bytes", limits.quota_bytes, settings.quota.tag_bytes),
    ];
    if arguments.json {
        let fields = rows.map(|(name, own, configured)| (name.to_owned(), json!(own.unwrap_or(configured))));
        return output::print_json(&serde_json::Map::from_iter(fields));
    }
    let mut table = output::table(&["LIMIT", "VALUE", "FROM"]);
    for (name, own, configured) in rows {
        let value = own.unwrap_or(configured);
        let shown = if value == 0 { "none".to_owned() } else { value.to_string() };
        let from = if own.is_some() { "this tag" } else { "configuration" };
        table.add_row([name.to_owned(), shown, from.to_owned()]);
    }
    output::print(&table.trim_fmt())
}

/// `Some(None)` is "as configured".
fn parse(flag: &str, given: Option<&str>) -> Result<Option<Option<u64>>, Failure> {
    match given {
        None => Ok(None),
        Some("default") => Ok(Some(None)),
        Some(text) => match text.parse() {
            Ok(value) if i64::try_from(value).is_ok() => Ok(Some(Some(value))),
            _ => Err(Failure::caller(format!("{flag} is {text:?}, which is no number"))
                .remedy("give a whole number, 0 for no limit, or default for what the configuration says")),
        },
    }
}
