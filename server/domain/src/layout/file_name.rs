//! Takes file names apart: stem, qualifiers such as a language or a quality, ending.

/// Words between stem and ending that tell one form of a lesson from another.
const QUALITIES: [&str; 7] = ["hd", "sd", "uhd", "high", "medium", "low", "audio"];

/// The name without its ending. A name that only begins with a dot has no ending.
pub(super) fn stem(file_name: &str) -> &str {
    match file_name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file_name,
    }
}

/// The stem that a media file shares with the other forms of its lesson, and whether a quality was taken off it:
/// `01-intro.480p.mp4` is a form of `01-intro`.
pub(super) fn lesson_stem(file_name: &str) -> (&str, bool) {
    let stem = stem(file_name);
    match stem.rsplit_once('.') {
        Some((lesson, quality)) if !lesson.is_empty() && is_quality(quality) => (lesson, true),
        _ => (stem, false),
    }
}

/// `480p`, `1080p60`, `64k`, or one of [`QUALITIES`].
fn is_quality(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let lines = |text: &str| match text.split_once('p') {
        Some((lines, rate)) => digits(lines) && (rate.is_empty() || digits(rate)),
        None => false,
    };
    QUALITIES.contains(&lower.as_str()) || lines(&lower) || lower.strip_suffix('k').is_some_and(digits)
}

/// What stands between the stem of a lesson and the ending of a file that belongs to it; nothing where it does not.
pub(super) fn qualifiers<'a>(file_name: &'a str, lesson_stem: &str) -> Option<Vec<&'a str>> {
    let tail = file_name.strip_prefix(lesson_stem)?.strip_prefix('.')?;
    let mut words: Vec<&str> = tail.split('.').collect();
    words.pop();
    Some(words)
}

/// A language tag as file names have them, in BCP 47 form: `en`, `pt-BR`, `pt_br`; three letters only where `long` allows, as
/// ordinary words are short too.
pub(super) fn language(word: &str, long: bool) -> Option<String> {
    let mut subtags = word.split(['-', '_']);
    let primary = subtags.next()?;
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let primary_fits = letters(primary) && (primary.len() == 2 || (long && primary.len() == 3));
    let rest: Vec<&str> = subtags.collect();
    let rest_fits = rest
        .iter()
        .all(|subtag| (2..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !primary_fits || !rest_fits {
        return None;
    }
    let mut language = primary.to_ascii_lowercase();
    for subtag in rest {
        language.push('-');
        language.push_str(&subtag_in_usual_case(subtag));
    }
    Some(language)
}

/// RFC 5646 §2.1.1: regions in capitals, scripts in title case, the rest in lower case.
fn subtag_in_usual_case(subtag: &str) -> String {
    let lower = subtag.to_ascii_lowercase();
    match lower.len() {
        2 => lower.to_ascii_uppercase(),
        4 if lower.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            format!("{}{}", lower[..1].to_ascii_uppercase(), &lower[1..])
        }
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualities_are_taken_off_the_stem_and_other_words_are_not() {
        assert_eq!(lesson_stem("01-intro.480p.mp4"), ("01-intro", true));
        assert_eq!(lesson_stem("01-intro.1080p60.webm"), ("01-intro", true));
        assert_eq!(lesson_stem("01-intro.64k.mp3"), ("01-intro", true));
        assert_eq!(lesson_stem("01-intro.mp4"), ("01-intro", false));
        assert_eq!(lesson_stem("1.5 things.mp4"), ("1.5 things", false));
        assert_eq!(lesson_stem("480p.mp4"), ("480p", false));
        assert_eq!(lesson_stem("v1.2.mp3"), ("v1.2", false));
    }

    #[test]
    fn qualifiers_stand_between_stem_and_ending() {
        assert_eq!(qualifiers("01.en.vtt", "01"), Some(vec!["en"]));
        assert_eq!(qualifiers("01.jpg", "01"), Some(vec![]));
        assert_eq!(qualifiers("01-b.jpg", "01"), None);
        assert_eq!(qualifiers("01", "01"), None);
    }

    #[test]
    fn languages_are_written_as_bcp_47_has_them() {
        assert_eq!(language("EN", false).as_deref(), Some("en"));
        assert_eq!(language("pt_br", false).as_deref(), Some("pt-BR"));
        assert_eq!(language("zh-hans-CN", false).as_deref(), Some("zh-Hans-CN"));
        assert_eq!(language("gsw", true).as_deref(), Some("gsw"));
        assert_eq!(language("big", false), None);
        assert_eq!(language("v2", true), None);
        assert_eq!(language("", true), None);
        assert_eq!(language("en-", true), None);
    }
}
