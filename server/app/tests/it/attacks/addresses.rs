//! Addresses that try to leave, to deceive a cache, or to be another one: they do not exist, and nothing is read to find that out.

use super::{Target, assert_problem};

#[test]
fn paths_that_try_to_leave_do_not_exist() {
    let target = Target::new();
    for path in [
        "/../etc/passwd",
        "/./",
        "/.",
        "//",
        "///tags",
        "//tags/course/manifest.json",
        "/tags/../tags/course/manifest.json",
        "/tags/course/media/../../../etc/passwd",
        "/tags/course/media/%2e%2e/%2e%2e/etc/passwd",
        "/tags/course/media/%2e%2e%2fetc%2fpasswd",
        "/tags/course/media/%252e%252e%252fetc",
        "/tags/course/media/..%c0%af..%c0%afetc",
        "/tags/course/media/%c0%ae%c0%ae/x",
        "/tags/course/media/x%00.txt",
        "/tags/course/media/02-second/10-digits.txt%00.mp3",
        "/tags/course/media/x%5c..%5cy",
        "/tags/course/media/..\\..\\etc",
        "/tags/course/media/%ff%fe",
        "/tags/course/media/%E2%80%AE3pm.exe",
        "/tags/course/media/%0d%0aset-cookie:%20a=b",
        "/tags/course/media/%",
        "/tags/course/media/%zz",
        "/tags/course/media//02-second/10-digits.txt",
        "/tags/course/media/02-second%2f10-digits.txt",
        "/tags/%63ourse/manifest.json",
        "/tags/COURSE/manifest.json",
        "/tags/course%00/manifest.json",
        "/client/..%2f..%2fCargo.toml",
        "/client/%2e%2e/sw.js",
        "/client//etc/passwd",
        "/blobs/../tags",
        "/blobs/%2e%2e/x.mp3",
    ] {
        let answer = target.attack_with("GET", path, &[], 0);
        assert_problem(&answer, 404, path);
    }
}

/// A cache that goes by the ending must not be given something to keep under an address that it invented.
#[test]
fn addresses_that_deceive_a_cache_do_not_exist() {
    let target = Target::new();
    let blob = target.blob("02-second/10-digits.txt");
    let hex = blob.split('/').nth(2).unwrap();
    for path in [
        "/me/x.mp3".to_owned(),
        "/admin;x.css".to_owned(),
        "/metrics/x.css".to_owned(),
        "/metrics%2fx.css".to_owned(),
        "/metrics;x.css".to_owned(),
        "/readyz/..%2fx.js".to_owned(),
        "/tags/course/manifest.json/".to_owned(),
        "/tags/course/manifest.json/x.css".to_owned(),
        "/tags/course/manifest.json;x.css".to_owned(),
        "/tags/course/manifest.json%3fx.css".to_owned(),
        "/tags/course/manifest.json%23x.css".to_owned(),
        format!("/blobs/{}/10-digits.txt", hex.to_uppercase()),
        format!("/blobs/{hex}/another-name.txt"),
        format!("/blobs/{hex}/10-digits.txt/x.css"),
        format!("/blobs/{hex}/10-digits.txt;x.css"),
        format!("/blobs/{hex}/"),
        format!("/blobs/{hex}"),
        format!("/blobs/{}/10-digits.txt", &hex[1..]),
        format!("/blobs/{hex}/pieces/00"),
        format!("/blobs/{hex}/pieces/-1"),
        format!("/blobs/{hex}/pieces/0-"),
        format!("/blobs/{hex}/pieces/18446744073709551616"),
        "/tags/course/releases/01.zip".to_owned(),
        "/tags/course/releases/0/manifest.json".to_owned(),
        "/tags/course/releases/+1/manifest.json".to_owned(),
        "/tags/course/releases/18446744073709551616/manifest.json".to_owned(),
    ] {
        let answer = target.attack_with("GET", &path, &[], 0);
        assert_problem(&answer, 404, &path);
    }
    // Below /api nobody without a token learns what exists.
    let answer = target.attack_with("GET", "/api/%2Fx.js", &[], 0);
    assert_eq!((answer.status, answer.header("cache-control")), (401, Some("private, no-store")));
}

#[test]
fn a_problem_repeats_nothing_that_a_browser_would_run() {
    let target = Target::new();
    for path in [
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/tags/%3Cscript%3E/manifest.json",
        "/tags/course/media/%3Cimg%20src=x%3E",
    ] {
        let answer = target.attack_with("GET", path, &[("accept", "text/html")], 0);
        assert_problem(&answer, 404, path);
        assert!(answer.json().is_object(), "{path}");
    }
    let answer = target.attack_with("GET", "/tags?after=%0d%0a%3Cscript%3E", &[], 0);
    assert_problem(&answer, 400, "a bad query");
}
