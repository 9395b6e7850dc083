//! What a file that is no lesson is for.

use super::file_name::language;

/// Relation of a resource to its lesson or tag; the `rel` in the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Picture of the tag.
    Cover,
    /// Picture of a lesson.
    Poster,
    /// Timed text shown with a lesson.
    Captions,
    /// Chapter marks of a lesson.
    Chapters,
    /// The words of a lesson.
    Transcript,
    /// Anything else.
    Attachment,
}

impl Role {
    /// The `rel`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cover => "cover",
            Self::Poster => "poster",
            Self::Captions => "captions",
            Self::Chapters => "chapters",
            Self::Transcript => "transcript",
            Self::Attachment => "attachment",
        }
    }

    /// Whether a lesson, or the tag, has at most one in each language.
    pub(super) const fn is_single(self) -> bool {
        matches!(self, Self::Cover | Self::Poster | Self::Chapters)
    }
}

/// The role of a file with the stem of a lesson, and its language, from its type and the words before its ending.
pub(super) fn of_companion(media_type: &str, qualifiers: &[&str]) -> (Role, Option<String>) {
    let has = |word: &str| qualifiers.iter().any(|qualifier| qualifier.eq_ignore_ascii_case(word));
    let role = match media_type {
        "application/json+chapters" => Role::Chapters,
        _ if has("chapters") => Role::Chapters,
        _ if has("transcript") => Role::Transcript,
        "text/vtt" | "application/x-subrip" => Role::Captions,
        "text/plain" | "text/html" => Role::Transcript,
        image if image.starts_with("image/") && (qualifiers.is_empty() || has("poster")) => Role::Poster,
        _ => Role::Attachment,
    };
    let long = matches!(role, Role::Captions | Role::Chapters | Role::Transcript);
    (role, qualifiers.iter().find_map(|word| language(word, long)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_and_qualifiers_tell_the_role_and_the_language() {
        let german = || Some("de".to_owned());
        for (media_type, qualifiers, expected) in [
            ("text/vtt", vec![], (Role::Captions, None)),
            ("text/vtt", vec!["de"], (Role::Captions, german())),
            ("text/vtt", vec!["chapters"], (Role::Chapters, None)),
            ("text/vtt", vec!["transcript", "de"], (Role::Transcript, german())),
            ("application/json+chapters", vec!["chapters"], (Role::Chapters, None)),
            ("application/json", vec!["transcript"], (Role::Transcript, None)),
            ("application/json", vec![], (Role::Attachment, None)),
            ("text/html", vec![], (Role::Transcript, None)),
            ("text/markdown", vec![], (Role::Attachment, None)),
            ("image/jpeg", vec![], (Role::Poster, None)),
            ("image/png", vec!["diagram"], (Role::Attachment, None)),
            ("application/pdf", vec!["de"], (Role::Attachment, german())),
            ("application/pdf", vec!["big"], (Role::Attachment, None)),
        ] {
            assert_eq!(of_companion(media_type, &qualifiers), expected, "{media_type} {qualifiers:?}");
        }
    }
}
