//! Tags and asset paths. Input: the name.

#![no_main]

use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use stowaway_domain::asset_path::ASSET_PATH_MAX_BYTES;
use stowaway_domain::tag::TAG_MAX_BYTES;
use stowaway_domain::{AssetPath, Tag};
use stowaway_fuzz::input::text;

fuzz_target!(|data: &[u8]| {
    let Some(name) = text(data) else { return };
    check_tag(name);
    check_path(name);
});

/// `[a-z0-9][a-z0-9._-]{0,127}`, and nothing else.
fn check_tag(name: &str) {
    let parsed = name.parse::<Tag>();
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
    let is_good = begins
        && name.len() <= TAG_MAX_BYTES
        && name.bytes().all(|byte| b"abcdefghijklmnopqrstuvwxyz0123456789._-".contains(&byte));
    assert_eq!(parsed.is_ok(), is_good, "{name:?}");
    match parsed {
        Ok(tag) => assert_eq!(tag.as_str(), name),
        // What a person is shown stays short, whatever was sent.
        Err(error) => assert!(error.to_string().len() < 4096, "{name:?}"),
    }
}

/// A path is kept as it is, and joined to a folder it stays below it.
fn check_path(name: &str) {
    let Ok(path) = name.parse::<AssetPath>() else { return };
    assert!(!name.is_empty() && name.len() <= ASSET_PATH_MAX_BYTES);
    assert_eq!(path.as_str(), name);
    let whole =
        path.folder().map_or_else(|| path.file_name().to_owned(), |folder| format!("{folder}/{}", path.file_name()));
    assert_eq!(whole, name);
    assert!(!path.file_name().is_empty() && !path.file_name().contains('/'));
    let components: Vec<Component<'_>> = Path::new(name).components().collect();
    assert!(components.iter().all(|component| matches!(component, Component::Normal(_))), "{name:?}");
    assert_eq!(components.len(), name.split('/').count());
    assert!(!name.chars().any(|character| character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character)));
}
