//! Which tables a backup holds. A new table needs one line here, or its name among those that are left out; a test compares both with
//! the database.

/// A table of a backup.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The order of its rows, so that the same rows make the same text.
    pub(super) order_by: &'static str,
    /// Its rows in the record of a release.
    pub(super) in_record: InRecord,
    /// A column that the database numbers by itself, in the order in which rows are inserted.
    pub(super) numbered: Option<&'static str>,
}

/// Which rows the record of a release holds.
#[derive(Debug)]
pub(super) enum InRecord {
    /// None: they are about something else, or can be found again.
    Nothing,
    /// Those of the tag, `$1`.
    ByTag(&'static str),
    /// Those of the release, `$2` of the tag `$1`.
    ByRelease(&'static str),
}

/// What tags point at.
pub(super) const TAGS: Table = table("tags", "tag", InRecord::ByTag("tag = $1"));

/// In an order in which rows may be inserted: what others refer to comes first.
pub(super) const TABLES: &[Table] = &[
    table("blobs", "sha256", InRecord::ByRelease(BLOBS)),
    TAGS,
    table("releases", "tag, number", InRecord::ByRelease("tag = $1 AND number = $2")),
    table("release_assets", "tag, number, position", InRecord::ByRelease("tag = $1 AND number = $2")),
    table("blob_names", "sha256, file_name", InRecord::ByRelease(BLOBS)),
    table("items", "tag, identifier", InRecord::ByTag("tag = $1")),
    table("variants", "sha256, coding", InRecord::Nothing),
    Table { name: "tokens", order_by: "number", in_record: InRecord::Nothing, numbered: Some("number") },
    table("adopted_objects", "store_key", InRecord::Nothing),
    table("tag_limits", "tag", InRecord::ByTag("tag = $1")),
];

/// Tables whose rows are about what happens now: a restored database begins without them. The first is the migrator's own.
/// What a scrub found, and whose the piece indexes are, is found again.
const LEFT_OUT: &[&str] = &[
    "_sqlx_migrations",
    "outbox",
    "uploads",
    "upload_parts",
    "jobs",
    "claimants",
    "claims",
    "claim_turns",
    "condemned",
    "piece_indexes",
    "damage",
];

const BLOBS: &str = "sha256 IN (SELECT a.sha256 FROM release_assets a WHERE a.tag = $1 AND a.number = $2)";

const fn table(name: &'static str, order_by: &'static str, in_record: InRecord) -> Table {
    Table { name, order_by, in_record, numbered: None }
}

/// The table of that name.
pub(super) fn find(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// Every name that a backup knows, so that a test can hold them against the database.
#[doc(hidden)]
pub fn known_tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.name).chain(LEFT_OUT.iter().copied())
}
