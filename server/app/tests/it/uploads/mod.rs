//! Uploads and publishing over the network, by everybody who speaks it.

mod crashes;
mod publish;
mod refusals;
mod tus_clients;
mod uploader;

use crate::support::Place;
use uploader::{Uploader, digest_of};

#[test]
fn an_upload_is_made_asked_for_appended_to_and_becomes_a_blob() {
    let place = Place::new();
    let server = place.serve();
    let uploader = Uploader::new(&place, &server, "publish:");
    let options = uploader.send("OPTIONS", "/api/uploads", &[], b"");
    assert_eq!((options.status, options.header("tus-version")), (204, Some("1.0.0")));
    assert_eq!(options.header("tus-extension"), Some("creation,creation-with-upload,termination,checksum,expiration"));
    assert_eq!(options.header("tus-checksum-algorithm"), Some("sha1,sha256"));
    assert!(options.header("tus-max-size").is_some());

    let bytes = b"what comes over the network";
    let created = uploader.create_with(bytes, &bytes[..5]);
    assert_eq!((created.status, created.header("upload-offset")), (201, Some("5")));
    assert!(created.header("upload-expires").is_some_and(|date| date.ends_with(" GMT")));
    assert!(created.header("cache-control").is_some_and(|value| value.contains("no-store")));
    let upload = created.header("location").unwrap().to_owned();
    let status = uploader.head(&upload);
    assert_eq!((status.status, status.header("upload-offset")), (200, Some("5")));
    assert_eq!(status.header("upload-length"), Some("27"));
    assert_eq!(status.header("upload-metadata"), Some(uploader::metadata_of(bytes).as_str()));

    let checksum = format!("sha256 {}", uploader::sha256_base64(&bytes[5..10]));
    let appended = uploader.append_with(&upload, 5, &bytes[5..10], &[("upload-checksum", &checksum)]);
    assert_eq!((appended.status, appended.header("upload-offset")), (204, Some("10")));
    let appended = uploader.append(&upload, 10, &bytes[10..]);
    assert_eq!((appended.status, appended.header("upload-offset")), (204, Some("27")));
    let blob = place.path("stowaway-data/store/blobs").join(&digest_of(bytes)[..2]).join(digest_of(bytes));
    assert_eq!(std::fs::read(blob).unwrap(), bytes);

    let other = uploader.create(b"not wanted any more");
    assert_eq!(uploader.send("DELETE", &other, &[("tus-resumable", "1.0.0")], b"").status, 204);
    assert_eq!(uploader.head(&other).status, 404);
    let left = std::fs::read_dir(place.path("stowaway-data/store/uploads")).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn an_empty_blob_is_finished_when_it_is_made() {
    let place = Place::new();
    let server = place.serve();
    let uploader = Uploader::new(&place, &server, "admin");
    let created = uploader.create_with(b"", b"");
    assert_eq!((created.status, created.header("upload-offset")), (201, Some("0")));
    assert!(place.path("stowaway-data/store/blobs/e3").join(digest_of(b"")).exists());
}
