//! Manifests and catalogues keep to the published schemas of Readium and OPDS 2.0, rule by rule: what `publication`,
//! `subcollection`, `metadata` and `link` of the former and `feed` of the latter demand.

use serde_json::{Map, Value};
use stowaway_domain::catalogue::{Catalogue, PageRequest};
use stowaway_domain::manifest::PreviousRelease;
use stowaway_domain::release::plan_release;
use stowaway_domain::{Digest, href};

use crate::fixtures::{asset, course, input};

/// Members of a publication that its schema names; all others must be subcollections.
const PUBLICATION_MEMBERS: [&str; 6] = ["@context", "metadata", "links", "readingOrder", "resources", "toc"];

/// Every rule that a publication breaks, by the place where.
fn faults_of_publication(publication: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check_metadata("metadata", &publication["metadata"], &mut faults);
    for name in ["links", "readingOrder"] {
        check_links(name, &publication[name], &mut faults);
    }
    if let Some(resources) = publication.get("resources") {
        check_links("resources", resources, &mut faults);
    }
    if !has_link(&publication["links"], "self") {
        faults.push("links: no self".to_owned());
    }
    for name in ["readingOrder", "resources"] {
        let links = publication[name].as_array().map_or(&[][..], Vec::as_slice);
        if links.iter().any(|link| !link["type"].is_string()) {
            faults.push(format!("{name}: a link without type"));
        }
    }
    let extra = publication.as_object().into_iter().flatten();
    for (name, collection) in extra.filter(|(name, _)| !PUBLICATION_MEMBERS.contains(&name.as_str())) {
        check_metadata(&format!("{name}.metadata"), &collection["metadata"], &mut faults);
        check_links(&format!("{name}.links"), &collection["links"], &mut faults);
    }
    faults
}

fn check_metadata(place: &str, metadata: &Value, faults: &mut Vec<String>) {
    let Some(members) = metadata.as_object() else {
        faults.push(format!("{place}: no object"));
        return;
    };
    if members.get("title").and_then(Value::as_str).is_none_or(str::is_empty) {
        faults.push(format!("{place}: no title"));
    }
    check_types(place, members, faults);
}

fn check_links(place: &str, links: &Value, faults: &mut Vec<String>) {
    let Some(links) = links.as_array() else {
        faults.push(format!("{place}: no list"));
        return;
    };
    for (index, link) in links.iter().enumerate() {
        let place = format!("{place}[{index}]");
        if links[..index].contains(link) {
            faults.push(format!("{place}: twice"));
        }
        let Some(members) = link.as_object() else {
            faults.push(format!("{place}: no object"));
            continue;
        };
        if !members.get("href").is_some_and(Value::is_string) {
            faults.push(format!("{place}: no href"));
        }
        check_types(&place, members, faults);
        for name in ["alternate", "children"] {
            if let Some(inner) = members.get(name) {
                check_links(&format!("{place}.{name}"), inner, faults);
            }
        }
    }
}

/// Types and lower bounds of members that the schemas of metadata and links share.
fn check_types(place: &str, members: &Map<String, Value>, faults: &mut Vec<String>) {
    for (name, value) in members {
        let good = match name.as_str() {
            "href" | "type" | "@type" | "title" | "rel" | "identifier" | "language" | "modified" => value.is_string(),
            "duration" | "bitrate" => value.as_f64().is_some_and(|number| number > 0.0),
            "width" | "height" => value.as_u64().is_some_and(|number| number > 0),
            "properties" => value.is_object(),
            _ => !value.is_null(),
        };
        if !good {
            faults.push(format!("{place}: {name} is {value}"));
        }
    }
}

fn has_link(links: &Value, rel: &str) -> bool {
    links.as_array().is_some_and(|links| links.iter().any(|link| link["rel"] == rel))
}

fn manifest_with_previous() -> Value {
    let mut input = input(course());
    input.release = 2;
    let href = href::release_manifest(&input.tag, 1);
    input.previous = Some(PreviousRelease { release: 1, digest: Digest::of(b"one"), href });
    serde_json::to_value(plan_release(&input).unwrap().manifest).unwrap()
}

#[test]
fn a_manifest_is_a_readium_publication() {
    let none: Vec<String> = Vec::new();
    assert_eq!(faults_of_publication(&manifest_with_previous()), none);
    let first = plan_release(&input(vec![asset("1.mp3", 1)])).unwrap().manifest;
    assert_eq!(faults_of_publication(&serde_json::to_value(first).unwrap()), none);
}

#[test]
fn a_download_section_that_is_no_subcollection_would_be_noticed() {
    let mut manifest = manifest_with_previous();
    let download = manifest["download"].as_object_mut().unwrap();
    download.remove("links");
    download.insert("metadata".to_owned(), serde_json::json!({}));
    manifest["readingOrder"][0]["children"][0]["duration"] = 0.into();
    let faults =
        ["download.links: no list", "download.metadata: no title", "readingOrder[0].children[0]: duration is 0"];
    let mut found = faults_of_publication(&manifest);
    found.sort();
    assert_eq!(found, faults);
}

#[test]
fn the_download_section_links_the_release_before() {
    let manifest = manifest_with_previous();
    assert_eq!(manifest["download"]["links"][0]["rel"], "predecessor-version");
    assert_eq!(manifest["download"]["links"][0]["href"], manifest["download"]["previous"]["href"]);
    let first = plan_release(&input(course())).unwrap().manifest;
    assert_eq!(serde_json::to_value(first).unwrap()["download"]["links"], serde_json::json!([]));
}

#[test]
fn manifests_published_before_the_section_had_metadata_are_still_read() {
    let mut manifest = manifest_with_previous();
    let download = manifest["download"].as_object_mut().unwrap();
    download.remove("links");
    download.remove("metadata");
    let read: stowaway_domain::manifest::Manifest = serde_json::from_value(manifest).unwrap();
    assert_eq!(read.download.metadata.title, "Download");
}

#[test]
fn a_page_of_the_catalogue_is_an_opds_feed() {
    let summary = plan_release(&input(course())).unwrap().summary;
    let page = serde_json::to_value(Catalogue::page("Stowaway", &PageRequest::default(), &[summary], true)).unwrap();
    let mut faults = Vec::new();
    check_metadata("metadata", &page["metadata"], &mut faults);
    check_links("links", &page["links"], &mut faults);
    for publication in page["publications"].as_array().unwrap() {
        check_metadata("publication", &publication["metadata"], &mut faults);
        for name in ["links", "images"] {
            check_links(name, &publication[name], &mut faults);
        }
        assert!(has_link(&publication["links"], "self"));
        assert!(has_link(&publication["links"], "http://opds-spec.org/acquisition/open-access"));
        let types = publication["images"].as_array().unwrap().iter().map(|image| image["type"].as_str());
        assert!(types.flatten().any(|kind| matches!(kind, "image/jpeg" | "image/png" | "image/gif")));
    }
    assert!(has_link(&page["links"], "self"));
    assert_eq!(faults, Vec::<String>::new());
}
