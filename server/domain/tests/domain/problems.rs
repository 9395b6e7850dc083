//! Problem documents and their codes, which are public and never change.

use std::collections::HashSet;

use insta::{assert_json_snapshot, assert_snapshot};
use stowaway_domain::answer::{Answer, BodyPlan};
use stowaway_domain::conditional::Method;
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;

fn body(answer: &Answer) -> serde_json::Value {
    let BodyPlan::Text(text) = &answer.body else { panic!("{answer:?}") };
    assert_eq!(answer.content_length, Some(text.len() as u64));
    serde_json::from_slice(text).unwrap()
}

#[test]
fn the_list_of_codes_statuses_and_titles_is_stable() {
    let rows = ProblemCode::ALL.map(|code| format!("{} {} {}", code.status(), code.code(), code.title()));
    assert_snapshot!(rows.join("\n"));
}

#[test]
fn codes_are_unique_and_fit_into_a_urn() {
    let codes: HashSet<&str> = ProblemCode::ALL.iter().map(|code| code.code()).collect();
    assert_eq!(codes.len(), ProblemCode::ALL.len());
    for code in codes {
        assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{code}");
    }
}

#[test]
fn problem_body_and_headers() {
    let problem =
        Problem::new(ProblemCode::TagNotFound, "No release of \"a-tag\" was published. See /tags for those that are.")
            .with("tag", "a-tag");
    let answer = problem.answer(Method::Get, "/tags/a-tag/manifest.json");
    assert_json_snapshot!(body(&answer));
    let headers: String = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    assert_snapshot!(headers);
}

#[test]
fn problems_are_never_kept_by_a_cache() {
    for code in ProblemCode::ALL {
        let answer = Problem::new(code, "detail").answer(Method::Get, "/x");
        assert!(answer.headers.iter().any(|(name, value)| *name == "cache-control" && value.as_str() == "no-store"));
        assert_eq!(answer.status, code.status());
        assert_eq!(body(&answer)["status"], code.status());
    }
}

#[test]
fn head_gets_the_length_of_the_problem_without_the_problem() {
    let problem = Problem::new(ProblemCode::BlobNotFound, "detail");
    let (get, head) = (problem.answer(Method::Get, "/x"), problem.answer(Method::Head, "/x"));
    assert_eq!((head.headers, head.content_length), (get.headers, get.content_length));
    assert_eq!(head.body, BodyPlan::Empty);
}

#[test]
fn an_extension_never_replaces_a_member_of_the_standard() {
    let problem = Problem::new(ProblemCode::BadQuery, "detail").with("status", 200).with("key", "limit");
    let body = body(&problem.answer(Method::Get, "/tags"));
    assert_eq!(body["status"], 400);
    assert_eq!(body["key"], "limit");
}
