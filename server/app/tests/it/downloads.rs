//! The promise of the button: what a selection says it downloads is what arrives, to the byte.

use std::collections::BTreeSet;

use crate::support::{Place, Server};

/// Adds up what really arrives over `hrefs`, and checks that no address comes twice.
fn received_bytes(server: &Server, selection: &serde_json::Value) -> u64 {
    let hrefs: Vec<&str> = selection["hrefs"].as_array().unwrap().iter().map(|href| href.as_str().unwrap()).collect();
    assert_eq!(hrefs.len(), hrefs.iter().collect::<BTreeSet<_>>().len(), "{selection}");
    hrefs
        .iter()
        .map(|href| {
            let answer = server.get(href);
            assert_eq!((answer.status, answer.header("content-encoding")), (200, None), "{href}");
            answer.body.len() as u64
        })
        .sum()
}

fn check_totals(server: &Server, tag: &str, expected_selections: &[&str]) {
    let manifest = server.get(&format!("/tags/{tag}/manifest.json")).json();
    let selections = manifest["download"]["selections"].as_array().unwrap();
    let ids: Vec<&str> = selections.iter().map(|selection| selection["id"].as_str().unwrap()).collect();
    assert_eq!(ids, expected_selections);
    for selection in selections {
        assert_eq!(selection["downloadTotal"], received_bytes(server, selection), "{tag} {}", selection["id"]);
        assert_eq!(selection["downloadTotal"], selection["backgroundFetch"]["downloadTotal"]);
    }
}

#[test]
fn every_selection_of_a_course_downloads_exactly_its_total() {
    let place = Place::published();
    check_totals(&place.serve(), "course", &["everything", "module-first", "module-second"]);
}

#[test]
fn every_selection_of_the_samples_downloads_exactly_its_total() {
    let place = Place::new();
    for name in ["course", "podcast"] {
        let folder = format!("{}/samples/{name}", env!("CARGO_MANIFEST_DIR"));
        place.publish(&folder, name).expect(0);
    }
    let server = place.serve();
    check_totals(&server, "course", &["everything", "audio", "module-before-you-go", "module-in-the-field"]);
    check_totals(&server, "podcast", &["everything"]);
}
