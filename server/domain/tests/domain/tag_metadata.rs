//! What `tag.toml` may say, and how mistakes in it are told.

use stowaway_domain::tag_metadata::{TagKind, parse};

#[test]
fn every_key_is_read() {
    let text = r#"
title = "Field Recording"
author = "A. Author"
description = "Short."
language = "en"
type = "course"
expires = 2030-01-31T01:00:00+01:00

[items."01-basics/01-welcome.mp4"]
title = "Welcome!"
"#;
    let metadata = parse(text).unwrap();
    assert_eq!(metadata.title.as_deref(), Some("Field Recording"));
    assert_eq!(metadata.author.as_deref(), Some("A. Author"));
    assert_eq!(metadata.description.as_deref(), Some("Short."));
    assert_eq!(metadata.language.as_deref(), Some("en"));
    assert_eq!(metadata.kind, Some(TagKind::Course));
    assert_eq!(metadata.expires.map(|moment| moment.to_string()).as_deref(), Some("2030-01-31T00:00:00Z"));
    let item = &metadata.items[&"01-basics/01-welcome.mp4".parse().unwrap()];
    assert_eq!(item.title.as_deref(), Some("Welcome!"));
}

#[test]
fn an_empty_file_says_nothing_and_is_allowed() {
    assert_eq!(parse("").unwrap(), Default::default());
    assert_eq!(parse("\u{feff}# only a comment\r\n").unwrap(), Default::default());
}

#[test]
fn a_moment_may_stand_in_quotes() {
    let [bare, quoted] = ["expires = 2030-01-31 00:00:00Z", "expires = \"2030-01-31T00:00:00Z\""].map(parse);
    assert_eq!(bare.unwrap().expires, quoted.unwrap().expires);
}

#[test]
fn mistakes_are_told_with_their_line_and_name() {
    for (text, line, word) in [
        ("title = \"A\"\ntitel = \"B\"", 2, "titel"),
        ("title = \"A\"\n\ntype = \"film\"", 3, "film"),
        ("title = 5", 1, "string"),
        ("\n[items.\"a.mp3\"]\ntitle = \"A\"\nartist = \"B\"", 4, "artist"),
        ("[items.\"../a.mp3\"]\ntitle = \"A\"", 1, ".."),
        ("title = \"A", 1, "string"),
        ("author = \"A\"\ntitle = \" \"", 2, "empty"),
        ("language = \"English (UK)\"", 1, "English (UK)"),
        ("\nlanguage = \"\"", 2, "language tag"),
        ("[items.\"a.mp3\"]\ntitle = \"\"", 2, "empty"),
        ("title = \"A\"\ntitle = \"B\"", 2, "duplicate"),
        ("\nexpires = 2030-01-31", 2, "2030-01-31T00:00:00Z"),
        ("expires = 2030-01-31T00:00:00", 1, "zone"),
        ("expires = 1900000000", 1, "1900000000"),
        ("expires = \"next year\"", 1, "next year"),
        ("expires = \"2030-02-30T00:00:00Z\"", 1, "2030-02-30"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.to_string().contains(word), "{text:?}: {error}");
        assert!(error.to_string().starts_with("tag.toml, line "), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}
