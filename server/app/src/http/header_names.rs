//! Header names as the HTTP library wants them, parsed once a thread and name instead of sixteen times an answer.

use std::cell::RefCell;

use actix_web::http::header::HeaderName;

/// Places in the table: several times as many as there are names, so that few share one.
const PLACES: usize = 256;

type Table = Vec<Option<(&'static str, HeaderName)>>;

thread_local! {
    static NAMES: RefCell<Table> = RefCell::new(vec![None; PLACES]);
}

/// The name that `text` spells, in lower case.
pub(super) fn header_name(text: &'static str) -> HeaderName {
    NAMES.with_borrow_mut(|names| {
        let place = &mut names[place_of(text)];
        match place {
            // The very same text: there is no need to compare it.
            Some((known, name)) if std::ptr::eq(*known, text) => name.clone(),
            _ => {
                let name = HeaderName::from_static(text);
                *place = Some((text, name.clone()));
                name
            }
        }
    })
}

/// Texts do not move, so that where one lies says which it is.
fn place_of(text: &'static str) -> usize {
    let address = text.as_ptr().addr();
    (address ^ (address >> 8) ^ text.len()) % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_text_also_when_texts_share_a_place() {
        // Slices of one text: many places in the table, each asked for again after others took it.
        let all: &'static str = "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz";
        for _ in 0..2 {
            for first in 0..all.len() {
                for end in first + 1..=all.len() {
                    assert_eq!(header_name(&all[first..end]).as_str(), &all[first..end]);
                }
            }
        }
    }
}
