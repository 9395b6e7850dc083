//! Clients of tus that others wrote: tus-js-client and tuspy, in pieces, with a pause in the middle.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::uploader::{Uploader, digest_of};
use crate::support::{Outcome, Place, media};

/// A tool that `.ci/install test` puts there; without it the test says so, or fails where stores are required to be tested.
fn tool(path: &str) -> Option<PathBuf> {
    let tool = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/tools").join(path);
    if tool.exists() {
        return Some(tool);
    }
    let missing = format!("{path} is not on this machine: .ci/install test");
    assert_ne!(std::env::var("STOWAWAY_TEST_STORES").as_deref(), Ok("require"), "{missing}");
    std::io::stderr().write_all(format!("\nNOT TESTED: {missing}\n").as_bytes()).unwrap();
    None
}

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/uploads").join(name)
}

fn uploads_with(mut command: Command) {
    let place = Place::new();
    let server = place.serve();
    let uploader = Uploader::new(&place, &server, "publish:");
    let bytes = media::wav(150, 1);
    let file = place.write("a.wav", &bytes);
    let endpoint = format!("http://{}/api/uploads", server.address);
    command.arg(&endpoint).arg(&file).arg(digest_of(&bytes)).env("STOWAWAY_TOKEN", &uploader.token);
    let outcome = Outcome::from(command.output().unwrap()).expect(0);
    assert!(outcome.stdout.contains("went on"), "{outcome:?}");
    assert_eq!(uploader.publish("course", &[("a.wav", &bytes)]).status, 201);
    assert!(server.get("/tags/course/media/a.wav").body == bytes);
}

#[test]
fn tus_js_client_uploads_and_goes_on() {
    let Some(package) = tool("tus-js/node_modules/tus-js-client/package.json") else { return };
    let mut command = Command::new("node");
    command.arg(script("tus_js.mjs")).arg(package);
    uploads_with(command);
}

#[test]
fn tuspy_uploads_and_goes_on() {
    let Some(python) = tool("python/bin/python3") else { return };
    let mut command = Command::new(python);
    command.arg(script("tus_py.py"));
    uploads_with(command);
}
