//! What holds for every input.

use proptest::prelude::*;
use stowaway_domain::answer::{BodyPlan, Request, Segment, plan_answer};
use stowaway_domain::conditional::{Conditions, DateOrder, Decision, Method, Validators, decide};
use stowaway_domain::layout::natural_order;
use stowaway_domain::range::{ByteRange, MAX_RANGES, RangePlan, plan_ranges};
use stowaway_domain::release::plan_release;
use stowaway_domain::representation::Representation;
use stowaway_domain::want_repr_digest::DigestWish;
use stowaway_domain::{AssetPath, Digest};

use crate::fixtures::{asset_of, input};

/// Anything between nonsense and a valid header.
fn range_header() -> impl Strategy<Value = String> {
    let spec = prop_oneof![
        (0_u64..300, 0_u64..300).prop_map(|(first, length)| format!("{first}-{}", first + length)),
        (0_u64..300).prop_map(|first| format!("{first}-")),
        (0_u64..300).prop_map(|length| format!("-{length}")),
        any::<u64>().prop_map(|first| format!("{first}-")),
        "[0-9 ,-]{0,12}",
    ];
    prop_oneof![
        8 => prop::collection::vec(spec, 0..20).prop_map(|specs| format!("bytes={}", specs.join(","))),
        1 => any::<String>(),
    ]
}

fn ranges_of(plan: RangePlan) -> Vec<ByteRange> {
    match plan {
        RangePlan::Whole | RangePlan::Unsatisfiable => Vec::new(),
        RangePlan::Single(range) => vec![range],
        RangePlan::Multiple(ranges) => ranges,
    }
}

/// Header values a stranger may send: visible ASCII, the shapes of tags, dates and ranges, and noise.
fn condition() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![
        Just("\"a\"".to_owned()),
        Just("*".to_owned()),
        Just("Sun, 01 Nov 2026 10:00:00 GMT".to_owned()),
        "(W/)?\"[a-z,]{0,4}\"(, ?(W/)?\"[a-z]{0,3}\"?){0,3}",
        range_header(),
        any::<String>(),
    ])
}

proptest! {
    #[test]
    fn planned_ranges_lie_within_the_size_ascend_and_never_touch(header in range_header(), size in 0_u64..400) {
        let ranges = ranges_of(plan_ranges(Some(&header), size));
        prop_assert!(ranges.len() <= MAX_RANGES);
        for range in &ranges {
            prop_assert!(range.first <= range.last && range.last < size);
        }
        for pair in ranges.windows(2) {
            prop_assert!(pair[0].end() < pair[1].first);
        }
        prop_assert!(ranges.iter().map(ByteRange::len).sum::<u64>() <= size);
    }

    #[test]
    fn every_byte_asked_for_is_sent(first in 0_u64..100, length in 1_u64..100, size in 1_u64..300) {
        prop_assume!(first < size);
        let last = first + length - 1;
        let expected = ByteRange { first, last: last.min(size - 1) };
        prop_assert_eq!(plan_ranges(Some(&format!("bytes={first}-{last}")), size), RangePlan::Single(expected));
    }

    #[test]
    fn content_length_is_what_the_body_comes_to(header in range_header(), size in 0_u64..400) {
        let blob = Representation::blob(Digest::of(b"x"), size, "video/mp4");
        let conditions = Conditions { range: Some(&header), ..Conditions::default() };
        let answer = plan_answer(&blob, &Request { method: Method::Get, path: "/x", conditions, digest_wish: DigestWish::Unsaid });
        let body_bytes = match &answer.body {
            BodyPlan::Empty => 0,
            BodyPlan::Text(text) => text.len() as u64,
            BodyPlan::Bytes(range) => range.len(),
            BodyPlan::Segments(segments) => segments.iter().map(Segment::len).sum(),
        };
        prop_assert_eq!(answer.content_length, Some(body_bytes));
    }

    #[test]
    fn any_header_text_is_decided_and_head_differs_only_by_ignoring_ranges(
        values in prop::array::uniform6(condition()),
        chronological in any::<bool>(),
        size in 0_u64..20,
    ) {
        let [if_match, if_none_match, if_modified_since, if_unmodified_since, if_range, range] = &values;
        let conditions = Conditions {
            if_match: if_match.as_deref(),
            if_none_match: if_none_match.as_deref(),
            if_modified_since: if_modified_since.as_deref(),
            if_unmodified_since: if_unmodified_since.as_deref(),
            if_range: if_range.as_deref(),
            range: range.as_deref(),
        };
        let date_order = if chronological { DateOrder::Chronological } else { DateOrder::Opaque };
        let validators = Validators { etag: "\"a\"", last_modified_unix_s: 1_793_527_200, date_order };
        let [get, head] = [Method::Get, Method::Head].map(|method| decide(method, &conditions, &validators, size));
        match get {
            Decision::Partial(_) | Decision::Multipart(_) | Decision::RangeNotSatisfiable => {
                prop_assert_eq!(head, Decision::Whole);
            }
            _ => prop_assert_eq!(head, get),
        }
    }

    #[test]
    fn natural_order_is_total(mut names in prop::collection::vec("[0-3aB .-]{0,6}", 3)) {
        names.sort_by(|one, other| natural_order(one, other));
        for (index, one) in names.iter().enumerate() {
            for other in &names[index..] {
                prop_assert!(natural_order(one, other).is_le(), "{one:?} {other:?}");
                prop_assert_eq!(natural_order(one, other).is_eq(), one == other);
                prop_assert_eq!(natural_order(one, other), natural_order(other, one).reverse());
            }
        }
    }

    #[test]
    fn a_release_does_not_depend_on_the_order_of_its_files(
        files in prop::collection::btree_map("([ab]/)?[0-9]{1,2}[ab]?\\.(mp3|m4a|mp4|pdf|en\\.vtt)", 1_u64..1000, 1..12),
        seed in any::<u64>(),
    ) {
        let mut assets: Vec<_> = files.iter().map(|(path, size)| asset_of(path, *size, &format!("{}", size % 7))).collect();
        // One blob has one size.
        for asset in &mut assets {
            asset.content.size = asset.content.digest.as_bytes()[0].into();
            asset.content.pieces.clear();
        }
        let Ok(planned) = plan_release(&input(assets.clone())) else { return Ok(()) };
        let mut shuffled = assets;
        shuffled.sort_by_key(|asset| Digest::of(format!("{seed}{}", asset.path).as_bytes()));
        let again = plan_release(&input(shuffled)).unwrap();
        prop_assert_eq!(&again, &planned);
        let everything = &planned.manifest.download.selections[0];
        let unique: std::collections::HashSet<_> = planned.asset_rows.iter().map(|row| row.digest).collect();
        let weight: u64 = unique.iter().map(|digest| u64::from(digest.as_bytes()[0])).sum();
        prop_assert_eq!(everything.download_total, weight + planned.pieces_bytes.len() as u64);
        prop_assert_eq!(planned.asset_rows.len(), files.len());
    }

    #[test]
    fn a_path_is_refused_or_kept_as_it_is(text in any::<String>()) {
        if let Ok(path) = text.parse::<AssetPath>() {
            prop_assert_eq!(path.as_str(), text);
        }
    }
}
