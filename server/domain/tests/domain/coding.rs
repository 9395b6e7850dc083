//! The choice of a content coding.

use proptest::prelude::*;
use stowaway_domain::coding::{Choice, Coding, MAX_MEMBERS, choose, weight};
use stowaway_domain::want_repr_digest::{self, DigestWish};
use stowaway_domain::{available_dictionary, repr_digest};

const ALL: [Coding; 3] = [Coding::Zstd, Coding::Brotli, Coding::Gzip];

const fn send(coding: Coding) -> Choice {
    Choice::Send(coding)
}

#[test]
fn codings_are_chosen_as_rfc_9110_has_it() {
    for (header, choice) in [
        ("", send(Coding::Identity)),
        ("gzip", send(Coding::Gzip)),
        ("x-gzip", send(Coding::Gzip)),
        ("GZip;Q=1", send(Coding::Gzip)),
        ("gzip, deflate, br, zstd", send(Coding::Zstd)),
        ("gzip, deflate, br", send(Coding::Brotli)),
        ("gzip;q=1.0, br;q=0.8", send(Coding::Gzip)),
        ("gzip;q=0.001", send(Coding::Gzip)),
        ("gzip;q=0", send(Coding::Identity)),
        ("deflate", send(Coding::Identity)),
        ("*", send(Coding::Zstd)),
        ("*, zstd;q=0", send(Coding::Brotli)),
        ("*;q=0, gzip", send(Coding::Gzip)),
        ("*;q=0", Choice::NotAcceptable),
        ("identity;q=0", Choice::NotAcceptable),
        ("deflate, identity;q=0", Choice::NotAcceptable),
        ("*;q=0, identity", send(Coding::Identity)),
        ("*;q=0, identity;q=0.5, br;q=0", send(Coding::Identity)),
        ("identity, gzip;q=0.5", send(Coding::Identity)),
        ("identity;q=0.5, gzip;q=0.5", send(Coding::Gzip)),
        ("identity;q=0.5, gzip;q=0.6", send(Coding::Gzip)),
        ("br;q=0, br;q=1", send(Coding::Brotli)),
        (" , ,\tgzip ;\tq=0.5 ,", send(Coding::Gzip)),
        // Members that cannot be read are as if they were not there.
        ("gzip;q=2", send(Coding::Identity)),
        ("gzip;q=0.1234", send(Coding::Identity)),
        ("gzip;q=-1, br", send(Coding::Brotli)),
        ("gzip;q=", send(Coding::Identity)),
        ("gzip;level=1", send(Coding::Identity)),
        ("gz ip, br", send(Coding::Brotli)),
    ] {
        assert_eq!(choose(&ALL, Some(header)), choice, "{header:?}");
    }
}

#[test]
fn only_what_is_available_is_chosen() {
    assert_eq!(choose(&[], Some("gzip, br")), send(Coding::Identity));
    assert_eq!(choose(&[Coding::Gzip], Some("zstd, gzip;q=0.1")), send(Coding::Gzip));
}

#[test]
fn a_dictionary_is_used_only_where_it_is_named() {
    let available = [Coding::DictionaryZstd, Coding::Zstd];
    assert_eq!(choose(&available, Some("gzip, br, zstd, dcb, dcz")), send(Coding::DictionaryZstd));
    assert_eq!(choose(&available, Some("*")), send(Coding::Zstd));
}

#[test]
fn long_headers_are_read_to_a_bound() {
    let padding = "a,".repeat(MAX_MEMBERS);
    assert_eq!(choose(&ALL, Some(&format!("{padding}gzip"))), send(Coding::Identity));
}

proptest! {
    #[test]
    fn any_text_is_decided(header in any::<String>()) {
        match choose(&ALL, Some(&header)) {
            Choice::Send(coding) => prop_assert!(weight(coding, Some(&header)) > 0),
            Choice::NotAcceptable => prop_assert_eq!(weight(Coding::Identity, Some(&header)), 0),
        }
        let written = available_dictionary::parse(&header).map(|digest| repr_digest(&digest));
        prop_assert!(written.is_none_or(|written| written.ends_with(header.trim_matches(' '))));
        prop_assert!(header.contains("sha-256=") || want_repr_digest::parse(Some(&header)) != DigestWish::Wanted);
    }

    #[test]
    fn a_coding_that_is_refused_is_never_sent(
        weights in prop::collection::vec(("(gzip|br|zstd|identity)", 0_u16..=1000), 0..6),
    ) {
        let member = |(name, weight): &(String, u16)| format!("{name};q={}.{:03}", weight / 1000, weight % 1000);
        let header = weights.iter().map(member).collect::<Vec<_>>().join(", ");
        let best = |coding: Coding| {
            let name = coding.token().unwrap_or("identity");
            weights.iter().filter(|(other, _)| other == name).map(|&(_, weight)| weight).max()
        };
        match choose(&ALL, Some(&header)) {
            Choice::NotAcceptable => prop_assert_eq!(best(Coding::Identity), Some(0)),
            Choice::Send(Coding::Identity) => prop_assert_ne!(best(Coding::Identity), Some(0)),
            Choice::Send(coding) => {
                prop_assert!(best(coding).is_some_and(|weight| weight > 0));
                for other in [Coding::Zstd, Coding::Brotli, Coding::Gzip, Coding::Identity] {
                    prop_assert!(best(coding) >= best(other), "{header}: {coding:?} before {other:?}");
                }
            }
        }
    }
}
