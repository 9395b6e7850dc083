//! The server is killed at every point of an upload and of the publish after it, the client in the middle: the release comes all the same,
//! and nothing that was acknowledged is sent again.

use std::process::Stdio;

use stowaway_engine::publish::FaultPoint;
use stowaway_engine::uploads::UploadFaultPoint;

use super::publish::{publish, received};
use super::uploader::token;
use crate::support::{Outcome, Place, Server, media, wait_until};

fn serve_at(place: &Place, address: &str, fault: Option<&str>) -> Server {
    let mut command = place.command(&["serve", "--listen", address, "--log-format", "json"]);
    if let Some(point) = fault {
        command.env("STOWAWAY_FAULT_AT", point);
    }
    Server::start(command)
}

#[test]
fn a_server_that_dies_anywhere_in_an_upload_comes_back_and_its_client_finishes() {
    // In a folder there are no tails, and nobody removes an upload here.
    let elsewhere = [UploadFaultPoint::TailStored, UploadFaultPoint::Removed].map(UploadFaultPoint::name);
    let points = UploadFaultPoint::ALL.iter().map(|point| point.name());
    expect_recovery_from(points.filter(|point| !elsewhere.contains(point)));
}

#[test]
fn a_server_that_dies_anywhere_in_a_publish_comes_back_and_its_client_finishes() {
    // What is stored already is not sent.
    let not_reached = [FaultPoint::Uploading, FaultPoint::BlobStored].map(FaultPoint::name);
    let points = FaultPoint::ALL.iter().map(|point| point.name());
    expect_recovery_from(points.filter(|point| !not_reached.contains(point)));
}

fn expect_recovery_from(points: impl Iterator<Item = &'static str>) {
    for point in points {
        let place = Place::new();
        place.write("course/01-long.wav", media::wav(1200, 1));
        place.write("course/02-short.wav", media::wav(1, 2));
        let token = token(&place, "publish:");
        let mut server = serve_at(&place, "127.0.0.1:0", Some(point));
        let address = server.address.to_string();
        let url = format!("http://{address}");
        let mut command = place.command(&["publish", "course", "--tag", "course", "--server", &url, "--json"]);
        let client =
            command.env("STOWAWAY_TOKEN", &token).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let ended = server.wait();
        assert_eq!(ended.code(), None, "{point}: it was to die there: {ended:?} {}", server.stderr());
        let server = serve_at(&place, &address, None);
        let published = Outcome::from(client.wait_with_output().unwrap()).expect(0).json();
        assert_eq!(published["release"], 1, "{point}");
        assert!(server.get("/tags/course/media/01-long.wav").body == media::wav(1200, 1), "{point}");
        assert_eq!(place.publish("course", "course").expect(0).json()["changed"], false, "{point}");
    }
}

#[test]
fn a_client_that_is_killed_in_the_middle_sends_only_what_was_not_acknowledged() {
    const PART_BYTES: u64 = 8 * 1024 * 1024;
    let place = Place::new();
    let bytes = media::wav(8000, 1);
    place.write("course/01-long.wav", &bytes);
    let server = place.serve();
    let token = token(&place, "publish:");
    let url = format!("http://{}", server.address);
    let mut command = place.command(&["publish", "course", "--tag", "course", "--server", &url]);
    let mut client = command.env("STOWAWAY_TOKEN", &token).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("a part has come", || received(&server) >= PART_BYTES);
    client.kill().unwrap();
    client.wait().unwrap();
    let published = publish(&place, &server, &token, "course", "course").expect(0).json();
    assert_eq!(published["release"], 1);
    assert!(published["bytes_uploaded"].as_u64().unwrap() <= bytes.len() as u64 - PART_BYTES, "{published}");
    let twice = received(&server) - bytes.len() as u64;
    assert!(twice <= PART_BYTES, "{twice} bytes came twice");
    assert!(server.get("/tags/course/media/01-long.wav").body == bytes);
}
