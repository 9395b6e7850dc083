//! The examples of `docs/api.md`, run as they stand there.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::api::{call, token};
use crate::support::{Place, wait_until};

const PAGE: &str = include_str!("../../../../../docs/api.md");

/// Every `sh` block of the page, in order.
fn script() -> String {
    let blocks = PAGE.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block);
    blocks.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_example_does_what_the_page_says() {
    let place = Place::published();
    place.publish("course", "my-course").expect(0);
    place.write("course/02-more.txt", "one more");
    place.publish("course", "my-course").expect(0);
    let server = place.serve();
    let script = script().replace("http://127.0.0.1:8080", &format!("http://{}", server.address));
    assert!(script.matches("curl").count() >= 8, "{script}");
    // The binary under its name, and without settings of the machine, as `Place` runs it.
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_stowaway")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("STOWAWAY_")) {
        bash.env_remove(name);
    }
    let ran = bash.args(["-euo", "pipefail", "-c", &script]).env("PATH", path).current_dir(place.path("."));
    let ran = ran.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    for expected in
        [r#""scopes":["admin"]"#, r#""added":["02-more.txt"]"#, r#""release":1"#, r#""unpublished":"#, r#""name":"ci""#]
    {
        assert!(said.contains(expected), "{expected} is not in {said}");
    }
    let admin = token(&place, &["admin"]);
    let tag = call(&server, &admin, "GET", "/api/tags/my-course", None).json();
    assert_eq!((&tag["release"], tag.get("unpublished")), (&json!(2), None), "the last example offers it again");
    wait_until("readers get it", || server.get("/tags/my-course/manifest.json").status == 200);
}
