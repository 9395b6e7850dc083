//! Validators that are forged, malformed or endless: never bytes of one version under the name of another, never a wrong order.

use super::{DIGITS, Target, assert_problem};

#[test]
fn a_range_is_answered_only_to_who_has_this_very_version() {
    let target = Target::new();
    let blob = target.blob("02-second/1000-digits.txt");
    let plain = target.server.get(&blob);
    let (etag, modified) = (plain.header("etag").unwrap(), plain.header("last-modified").unwrap());
    for (if_range, status) in [
        (etag.to_owned(), 206),
        (format!(" \t{etag} "), 206),
        (modified.to_owned(), 206),
        (format!("W/{etag}"), 200),
        (etag.trim_matches('"').to_owned(), 200),
        (etag.to_uppercase(), 200),
        (format!("{etag}, {etag}"), 200),
        (format!("\"x\", {etag}"), 200),
        ("*".to_owned(), 200),
        ("\"\"".to_owned(), 200),
        (String::new(), 200),
        ("Sun, 06 Nov 1994 08:49:37 GMT".to_owned(), 200),
        ("Sat, 31 Dec 2099 23:59:59 GMT".to_owned(), 200),
        ("yesterday".to_owned(), 200),
        (format!("\"{}\"", "a".repeat(8000)), 200),
    ] {
        let bytes = if status == 206 { 10 } else { 1000 };
        let answer = target.attack_with("GET", &blob, &[("range", "bytes=0-9"), ("if-range", &if_range)], bytes);
        assert_eq!((answer.status, answer.body.len() as u64), (status, bytes), "{if_range:?}");
    }
}

/// The address changes its bytes, so its date is none to resume by (RFC 9110 §13.1.5).
#[test]
fn a_date_does_not_resume_what_may_have_changed() {
    let target = Target::new();
    let modified = target.server.get(DIGITS).header("last-modified").unwrap().to_owned();
    let answer = target.attack_with("GET", DIGITS, &[("range", "bytes=0-9"), ("if-range", &modified)], 1000);
    assert_eq!((answer.status, answer.body.len()), (200, 1000));
}

#[test]
fn the_precondition_speaks_before_the_cache_and_the_cache_before_the_range() {
    let target = Target::new();
    let etag = target.server.get(DIGITS).header("etag").unwrap().to_owned();
    let outside = ("range", "bytes=5000-");
    let weak = format!("W/{etag}");
    for wrong in ["\"x\"", weak.as_str(), "", "x", "\"", etag.trim_matches('"')] {
        let answer = target.attack_with("GET", DIGITS, &[("if-match", wrong), ("if-none-match", &etag), outside], 0);
        assert_problem(&answer, 412, wrong);
    }
    for right in [etag.as_str(), "*", &format!("\"x\", {etag}")] {
        let answer = target.attack_with("GET", DIGITS, &[("if-match", right), ("if-none-match", &weak), outside], 0);
        assert_eq!((answer.status, answer.header("etag")), (304, Some(etag.as_str())), "{right}");
        let answer = target.attack_with("GET", DIGITS, &[("if-match", right), outside], 0);
        assert_problem(&answer, 416, right);
    }
}

#[test]
fn endless_and_broken_lists_of_tags_cost_one_answer() {
    let target = Target::new();
    let etag = target.server.get(DIGITS).header("etag").unwrap().to_owned();
    let many: String = (0..500).map(|index| format!("\"{index}\", ")).collect();
    let answer = target.attack_with("GET", DIGITS, &[("if-none-match", &format!("{many}{etag}"))], 0);
    assert_eq!(answer.status, 304);
    for broken in [
        "\"".repeat(5000),
        "W/".repeat(5000),
        ",".repeat(5000),
        format!("\"x {etag}"),
        format!("\"x\" {etag}"),
        format!("{many}\""),
    ] {
        let answer = target.attack_with("GET", DIGITS, &[("if-none-match", &broken)], 1000);
        assert_eq!(answer.status, 200, "{}", &broken[..20]);
    }
    for no_date in
        ["", "0", "-1", "Thu, 01 Jan 1970", "Sun, 06 Nov 1994 25:61:61 GMT", "Thu, 01 Jan 99999 00:00:00 GMT"]
    {
        let answer = target.attack_with(
            "GET",
            DIGITS,
            &[("if-modified-since", no_date), ("if-unmodified-since", no_date)],
            1000,
        );
        assert_eq!(answer.status, 200, "{no_date:?}");
    }
}
