//! Pages of the catalogue.

use insta::assert_json_snapshot;
use stowaway_domain::catalogue::{Catalogue, PageRequest};
use stowaway_domain::release::plan_release;

use crate::fixtures::{course, input};

#[test]
fn first_page_of_several() {
    let summary = plan_release(&input(course())).unwrap().summary;
    let page = Catalogue::page("Stowaway", &PageRequest::default(), &[summary], true);
    assert_json_snapshot!(page);
}

#[test]
fn the_last_page_has_no_next() {
    let request = PageRequest { after: Some("a".parse().unwrap()), limit: 10 };
    let page = Catalogue::page("Stowaway", &request, &[], false);
    assert_eq!(page.links.len(), 1);
    assert_eq!(page.links[0].href, "/tags?after=a&limit=10");
}

#[test]
fn a_page_without_tags_has_no_next_even_where_more_are_promised() {
    let page = Catalogue::page("Stowaway", &PageRequest { after: None, limit: 10 }, &[], true);
    assert_eq!(page.links.len(), 1);
    assert_eq!(page.links[0].href, "/tags?limit=10");
}

#[test]
fn a_summary_survives_the_database() {
    let summary = plan_release(&input(course())).unwrap().summary;
    let text = serde_json::to_string(&summary).unwrap();
    assert_eq!(serde_json::from_str::<stowaway_domain::release::TagSummary>(&text).unwrap(), summary);
}
