//! Which form of a document is sent.

use proptest::prelude::*;
use stowaway_domain::coding::{Coding, weight};
use stowaway_domain::conditional::{Conditions, Method};
use stowaway_domain::negotiation::{Form, Varies, select};

const FORMS: [Form<'_>; 5] = [
    Form { coding: Coding::Identity, size: 900, etag: "\"i\"" },
    Form { coding: Coding::Gzip, size: 300, etag: "\"g\"" },
    Form { coding: Coding::Zstd, size: 250, etag: "\"z\"" },
    Form { coding: Coding::Brotli, size: 200, etag: "\"b\"" },
    Form { coding: Coding::DictionaryZstd, size: 60, etag: "\"d\"" },
];
const NONE: Conditions<'_> = Conditions {
    if_match: None,
    if_none_match: None,
    if_modified_since: None,
    if_unmodified_since: None,
    if_range: None,
    range: None,
};

fn selected(accept_encoding: Option<&str>, conditions: Conditions<'_>) -> Option<Coding> {
    select(&FORMS, accept_encoding, Method::Get, &conditions).map(|at| FORMS[at].coding)
}

#[test]
fn the_smallest_of_the_most_welcome_forms_is_sent() {
    for (header, coding) in [
        (None, Some(Coding::Identity)),
        (Some(""), Some(Coding::Identity)),
        (Some("gzip, deflate, br, zstd"), Some(Coding::Brotli)),
        (Some("gzip, deflate, br, zstd, dcb, dcz"), Some(Coding::DictionaryZstd)),
        (Some("*"), Some(Coding::Brotli)),
        (Some("gzip, br;q=0.9"), Some(Coding::Gzip)),
        (Some("deflate"), Some(Coding::Identity)),
        (Some("identity, *;q=0"), Some(Coding::Identity)),
        (Some("deflate, identity;q=0"), None),
        (Some("*;q=0"), None),
    ] {
        assert_eq!(selected(header, NONE), coding, "{header:?}");
    }
}

#[test]
fn a_client_is_told_about_the_form_that_it_has() {
    let all = Some("gzip, br, zstd, dcz");
    let has = |list| Conditions { if_none_match: Some(list), ..NONE };
    assert_eq!(selected(all, has("\"g\"")), Some(Coding::Gzip));
    assert_eq!(selected(all, has("W/\"z\", \"other\"")), Some(Coding::Zstd));
    assert_eq!(selected(all, has("\"other\"")), Some(Coding::DictionaryZstd));
    assert_eq!(selected(all, has("*")), Some(Coding::DictionaryZstd), "a star names none");
    assert_eq!(selected(Some("br"), has("\"g\"")), Some(Coding::Brotli), "nor does one that it does not accept");
    assert_eq!(selected(all, Conditions { if_match: Some("\"g\""), ..NONE }), Some(Coding::Gzip));
    assert_eq!(selected(all, Conditions { if_match: Some("W/\"g\""), ..NONE }), Some(Coding::DictionaryZstd));
}

#[test]
fn a_range_is_of_the_form_that_was_begun_or_of_identity() {
    let range = |if_range| Conditions { range: Some("bytes=9-"), if_range, ..NONE };
    let all = Some("gzip, br");
    assert_eq!(selected(all, range(None)), Some(Coding::Identity));
    assert_eq!(selected(all, range(Some("\"g\""))), Some(Coding::Gzip));
    assert_eq!(selected(all, range(Some("W/\"g\""))), Some(Coding::Identity), "a weak tag names no bytes");
    assert_eq!(
        selected(Some("identity"), range(Some("\"g\""))),
        Some(Coding::Identity),
        "and then If-Range fails: 200"
    );
    assert_eq!(selected(Some("br, identity;q=0"), range(None)), Some(Coding::Brotli));
    let head = select(&FORMS, all, Method::Head, &range(None)).map(|at| FORMS[at].coding);
    assert_eq!(head, Some(Coding::Brotli), "HEAD has no ranges");
}

#[test]
fn vary_names_what_is_looked_at() {
    assert_eq!(Varies::Never.header(), None);
    assert_eq!(Varies::ByCoding.header(), Some("accept-encoding"));
    assert_eq!(Varies::ByCodingAndDictionary.header(), Some("accept-encoding, available-dictionary"));
}

proptest! {
    #[test]
    fn whatever_is_asked_the_form_is_acceptable(
        accept_encoding in prop::option::of(prop_oneof![any::<String>(), "(gzip|br|zstd|dcz|identity|[*])(;q=[01](\\.[0-9]{0,3})?)?(, ?(gzip|br|zstd|dcz|identity|[*])(;q=[01](\\.[0-9]{0,3})?)?){0,4}"]),
        tags in prop::option::of("(W/)?\"[igzbd]\"|[*]|.*"),
        if_range in prop::option::of("(W/)?\"[igzbd]\""),
        range in prop::option::of("bytes=[0-9]{1,3}-"),
        present in prop::collection::vec(any::<bool>(), FORMS.len()),
        head in any::<bool>(),
    ) {
        let forms: Vec<_> = FORMS.into_iter().zip(present).filter(|&(form, there)| there || form.coding == Coding::Identity).map(|(form, _)| form).collect();
        let conditions = Conditions { if_none_match: tags.as_deref(), if_range: if_range.as_deref(), range: range.as_deref(), ..NONE };
        let method = if head { Method::Head } else { Method::Get };
        let accept_encoding = accept_encoding.as_deref();
        let weight_of = |form: &Form<'_>| weight(form.coding, accept_encoding);
        match select(&forms, accept_encoding, method, &conditions) {
            Some(at) => prop_assert!(weight_of(&forms[at]) > 0),
            None => prop_assert!(forms.iter().all(|form| weight_of(form) == 0)),
        }
        if conditions == NONE {
            let best = forms.iter().map(weight_of).max().unwrap_or(0);
            let chosen = select(&forms, accept_encoding, method, &conditions).map(|at| weight_of(&forms[at]));
            prop_assert_eq!(chosen, Some(best).filter(|&best| best > 0));
        }
    }
}
