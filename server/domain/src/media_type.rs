//! Which media type a file has: by its bytes where these tell, by its name where only text is left.
//!
//! A file whose name promises something else than its bytes hold is refused: podcast apps and CDNs go by the name.

/// What the name says, by its ending, most specific first. Binary kinds are here to be held against the bytes.
const BY_ENDING: [(&str, &str); 37] = [
    (".chapters.json", "application/json+chapters"),
    (".vtt", "text/vtt"),
    (".srt", "application/x-subrip"),
    (".json", "application/json"),
    (".md", "text/markdown"),
    (".txt", "text/plain"),
    (".csv", "text/csv"),
    (".html", "text/html"),
    (".htm", "text/html"),
    (".xml", "application/xml"),
    (".svg", "image/svg+xml"),
    (".mp4", "video/mp4"),
    (".m4v", "video/mp4"),
    (".mov", "video/quicktime"),
    (".webm", "video/webm"),
    (".mkv", "video/x-matroska"),
    (".m4a", "audio/mp4"),
    (".m4b", "audio/mp4"),
    (".mp3", "audio/mpeg"),
    (".ogg", "audio/ogg"),
    (".oga", "audio/ogg"),
    (".opus", "audio/ogg"),
    (".flac", "audio/flac"),
    (".wav", "audio/wav"),
    (".aac", "audio/aac"),
    (".aiff", "audio/aiff"),
    (".aif", "audio/aiff"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".png", "image/png"),
    (".gif", "image/gif"),
    (".webp", "image/webp"),
    (".avif", "image/avif"),
    (".pdf", "application/pdf"),
    (".epub", "application/epub+zip"),
    (".zip", "application/zip"),
    (".bin", OCTET_STREAM),
];

/// Every ending that is known, with its dot, and what it says.
pub fn endings() -> impl Iterator<Item = (&'static str, &'static str)> {
    BY_ENDING.into_iter()
}

/// What nobody knows better.
pub const OCTET_STREAM: &str = "application/octet-stream";

/// Other names for the same thing, as detectors give them.
const SYNONYMS: [(&str, &str); 12] = [
    ("audio/m4a", "audio/mp4"),
    ("audio/x-m4a", "audio/mp4"),
    ("video/x-m4v", "video/mp4"),
    ("audio/x-flac", "audio/flac"),
    ("audio/x-wav", "audio/wav"),
    ("audio/x-aiff", "audio/aiff"),
    ("audio/opus", "audio/ogg"),
    ("application/ogg", "audio/ogg"),
    ("audio/mp3", "audio/mpeg"),
    ("text/xml", "application/xml"),
    ("audio/webm", "video/webm"),
    ("audio/x-matroska", "video/x-matroska"),
];

/// Containers that several names stand for: only the tracks tell sound from pictures, and brands overlap.
const FAMILIES: [&[&str]; 4] = [
    &["video/mp4", "audio/mp4", "video/quicktime"],
    &["video/webm", "video/x-matroska"],
    &["application/zip", "application/epub+zip"],
    &["text/html", "application/xml", "image/svg+xml"],
];

/// A file that is not what its name says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaTypeError {
    /// The bytes are something else.
    #[error("{file_name} is named like {named} but its bytes are {found}: give it the ending that fits")]
    Mismatch {
        /// The file.
        file_name: String,
        /// What the name says.
        named: &'static str,
        /// What the bytes say.
        found: String,
    },
    /// The bytes say nothing, where the name promises media.
    #[error(
        "{file_name} is named like {named} but its bytes are not: it may be damaged or cut off; replace it or take it out"
    )]
    Unrecognised {
        /// The file.
        file_name: String,
        /// What the name says.
        named: &'static str,
    },
}

/// Decides the media type of a file from its name and from what a detector found in its first bytes.
///
/// ```
/// use stowaway_domain::media_type::of_file;
/// assert_eq!(of_file("01.mp3", Some("audio/mpeg")), Ok("audio/mpeg".to_owned()));
/// assert_eq!(of_file("01.chapters.json", None), Ok("application/json+chapters".to_owned()));
/// assert!(of_file("01.mp3", Some("image/png")).is_err());
/// ```
///
/// # Errors
/// A name that promises something else than the bytes hold.
pub fn of_file(file_name: &str, detected: Option<&str>) -> Result<String, MediaTypeError> {
    let named = by_name(file_name);
    let Some(detected) = detected.map(canonical) else {
        return match named {
            Some(named) if is_binary(named) => {
                Err(MediaTypeError::Unrecognised { file_name: file_name.to_owned(), named })
            }
            named => Ok(named.unwrap_or(OCTET_STREAM).to_owned()),
        };
    };
    match named {
        None | Some(OCTET_STREAM) => Ok(detected.to_owned()),
        Some(named) if named == detected || same_family(named, detected) => Ok(named.to_owned()),
        // Detectors guess at text; its name knows better.
        Some(named) if !is_binary(named) && !is_binary(detected) => Ok(named.to_owned()),
        Some(named) => {
            Err(MediaTypeError::Mismatch { file_name: file_name.to_owned(), named, found: detected.to_owned() })
        }
    }
}

/// What the name alone says.
#[must_use]
pub fn by_name(file_name: &str) -> Option<&'static str> {
    let lower = file_name.to_lowercase();
    BY_ENDING.iter().find(|(ending, _)| lower.ends_with(ending)).map(|&(_, media_type)| media_type)
}

/// The `Content-Type` to send: text without charset would be read as Latin-1 by some.
#[must_use]
pub fn content_type(media_type: &str) -> String {
    match media_type {
        "text/plain" | "text/markdown" | "text/html" | "text/csv" => format!("{media_type}; charset=utf-8"),
        other => other.to_owned(),
    }
}

/// Whether it is text, which is worth compressing; media is compressed already.
#[must_use]
pub fn is_text(media_type: &str) -> bool {
    let kind = media_type.split(';').next().unwrap_or_default().trim_end();
    kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || matches!(kind, "application/json" | "application/json+chapters" | "application/xml" | "application/x-subrip")
}

/// Whether a browser would run scripts in it: such blobs are served with a sandbox.
#[must_use]
pub fn is_active(media_type: &str) -> bool {
    matches!(media_type, "text/html" | "image/svg+xml" | "application/xml" | "text/xml" | "application/xhtml+xml")
}

fn canonical(detected: &str) -> &str {
    SYNONYMS.iter().find(|(synonym, _)| *synonym == detected).map_or(detected, |&(_, canonical)| canonical)
}

/// Whether bytes of that type begin with something to recognise them by.
fn is_binary(media_type: &str) -> bool {
    let text = media_type.starts_with("text/")
        || matches!(
            media_type,
            "application/json"
                | "application/json+chapters"
                | "application/xml"
                | "application/x-subrip"
                | "image/svg+xml"
                | OCTET_STREAM
        );
    !text
}

fn same_family(one: &str, other: &str) -> bool {
    FAMILIES.iter().any(|family| family.contains(&one) && family.contains(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(file_name: &str, detected: Option<&str>) -> String {
        of_file(file_name, detected).unwrap()
    }

    #[test]
    fn text_goes_by_its_name() {
        assert_eq!(named("a.vtt", None), "text/vtt");
        assert_eq!(named("A.SRT", None), "application/x-subrip");
        assert_eq!(named("a.json", None), "application/json");
        assert_eq!(named("a.chapters.json", None), "application/json+chapters");
        assert_eq!(named("a.md", None), "text/markdown");
        assert_eq!(named("a.html", Some("text/html")), "text/html");
        assert_eq!(named("a.md", Some("text/html")), "text/markdown", "detectors guess at text");
        assert_eq!(named("a.svg", Some("text/xml")), "image/svg+xml");
    }

    #[test]
    fn containers_go_by_the_name_among_those_that_share_them() {
        assert_eq!(named("a.m4a", Some("video/mp4")), "audio/mp4");
        assert_eq!(named("a.m4a", Some("audio/m4a")), "audio/mp4");
        assert_eq!(named("a.mp4", Some("video/quicktime")), "video/mp4");
        assert_eq!(named("a.webm", Some("video/x-matroska")), "video/webm");
        assert_eq!(named("a.opus", Some("audio/ogg")), "audio/ogg");
        assert_eq!(named("a.flac", Some("audio/x-flac")), "audio/flac");
        assert_eq!(named("a.epub", Some("application/zip")), "application/epub+zip");
    }

    #[test]
    fn names_that_say_nothing_go_by_the_bytes() {
        assert_eq!(named("lesson", Some("video/mp4")), "video/mp4");
        assert_eq!(named("lesson.xyz", Some("audio/x-wav")), "audio/wav");
        assert_eq!(named("lesson.xyz", None), OCTET_STREAM);
    }

    #[test]
    fn a_name_that_promises_something_else_is_refused_with_both() {
        for (file_name, detected) in
            [("a.mp3", "video/mp4"), ("a.jpg", "image/png"), ("a.txt", "audio/mpeg"), ("a.mp4", "text/html")]
        {
            let message = of_file(file_name, Some(detected)).unwrap_err().to_string();
            assert!(message.contains(file_name) && message.contains(detected), "{message}");
        }
    }

    #[test]
    fn media_whose_bytes_say_nothing_is_refused() {
        for file_name in ["a.mp4", "a.mp3", "a.jpg", "a.pdf"] {
            let message = of_file(file_name, None).unwrap_err().to_string();
            assert!(message.contains(file_name) && message.contains("damaged"), "{message}");
        }
    }

    #[test]
    fn text_is_sent_with_its_charset_and_other_types_as_they_are() {
        assert_eq!(content_type("text/plain"), "text/plain; charset=utf-8");
        assert_eq!(content_type("text/vtt"), "text/vtt");
        assert_eq!(content_type("video/mp4"), "video/mp4");
    }
}
