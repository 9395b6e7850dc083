//! Titles and slugs from the names of files and folders.

/// Makes a title of a name without its ending: the number in front gives the order and leaves, and dashes and underscores become
/// spaces.
///
/// ```
/// use stowaway_domain::layout::title_from_name;
/// assert_eq!(title_from_name("02-pack-light"), "Pack light");
/// assert_eq!(title_from_name("3d-printing"), "3d printing");
/// assert_eq!(title_from_name("07"), "07");
/// ```
#[must_use]
pub fn title_from_name(name: &str) -> String {
    let spaced = without_number(name).replace(['-', '_'], " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let title = words.join(" ");
    let mut characters = title.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => name.to_owned(),
    }
}

/// Makes a part of an identifier of a name: `a-z`, `0-9` and single dashes. Empty where the name has none of these.
#[must_use]
pub fn slug(name: &str) -> String {
    let lower = without_number(name).to_lowercase();
    let words: Vec<&str> =
        lower.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// Takes off leading digits and what divides them from the rest; a name of nothing else stays.
fn without_number(name: &str) -> &str {
    const DIVIDERS: [char; 4] = [' ', '.', '_', '-'];
    let rest = name.trim_start_matches(|character: char| character.is_ascii_digit());
    let words = rest.trim_start_matches(DIVIDERS);
    // "3d-printing" has digits and no divider: they are part of the word.
    if words.is_empty() || words.len() == rest.len() { name } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_digits_give_order_and_leave_the_title() {
        assert_eq!(title_from_name("01-before_you-go"), "Before you go");
        assert_eq!(title_from_name("1. Über uns"), "Über uns");
        assert_eq!(title_from_name("10 - The end"), "The end");
        assert_eq!(title_from_name("第一課"), "第一課");
    }

    #[test]
    fn a_name_of_nothing_but_numbers_and_dashes_stays_as_it_is() {
        assert_eq!(title_from_name("2026"), "2026");
        assert_eq!(title_from_name("---"), "---");
        assert_eq!(title_from_name("-a"), "A");
    }

    #[test]
    fn slugs_have_only_what_every_identifier_allows() {
        assert_eq!(slug("01-Before You Go!"), "before-you-go");
        assert_eq!(slug("Über uns"), "ber-uns");
        assert_eq!(slug("第一課"), "");
    }
}
