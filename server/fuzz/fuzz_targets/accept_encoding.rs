//! `Accept-Encoding`. Input: a number whose bits say what is available, a line break, the header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stowaway_domain::coding::{Choice, Coding, MAX_MEMBERS, choose};
use stowaway_fuzz::input::number_and_text;
use stowaway_fuzz::second_opinion::weight;

const ALL: [Coding; 4] = [Coding::DictionaryZstd, Coding::Zstd, Coding::Brotli, Coding::Gzip];

fuzz_target!(|data: &[u8]| {
    let Some((bits, header)) = number_and_text(data) else { return };
    let available: Vec<Coding> =
        ALL.into_iter().enumerate().filter(|(index, _)| bits >> index & 1 == 1).map(|(_, coding)| coding).collect();
    let choice = choose(&available, Some(header));
    let identity = weight(header, &["identity"], true);
    match choice {
        Choice::Send(Coding::Identity) => {
            assert_ne!(identity, Some(0), "identity was refused: {header:?}");
            let better = available.iter().filter_map(|&coding| weight_of(coding, header)).max().unwrap_or(0);
            assert!(better == 0 || identity.is_some_and(|identity| identity > better), "{header:?}");
        }
        Choice::Send(coding) => {
            assert!(available.contains(&coding), "{coding:?} is not there: {header:?}");
            let own = weight_of(coding, header).unwrap_or(0);
            assert!(own > 0 && own >= identity.unwrap_or(0), "{coding:?}: {header:?}");
            assert!(available.iter().all(|&other| weight_of(other, header).unwrap_or(0) <= own), "{header:?}");
        }
        Choice::NotAcceptable => {
            assert_eq!(identity, Some(0), "{header:?}");
            assert!(available.iter().all(|&coding| weight_of(coding, header).unwrap_or(0) == 0), "{header:?}");
        }
    }
    // What cannot be read is as if it were not there.
    if header.split(',').count() + 2 <= MAX_MEMBERS {
        assert_eq!(choose(&available, Some(&format!("gzip;q=2, {header},br;level=1"))), choice, "{header:?}");
    }
});

fn weight_of(coding: Coding, header: &str) -> Option<u32> {
    match coding {
        Coding::Identity => weight(header, &["identity"], true),
        Coding::Gzip => weight(header, &["gzip", "x-gzip"], true),
        Coding::Brotli => weight(header, &["br"], true),
        Coding::Zstd => weight(header, &["zstd"], true),
        Coding::DictionaryZstd => weight(header, &["dcz"], false),
    }
}
