//! Every refusal is a problem that names what was wrong, and leaves nothing behind that readers see.

use serde_json::json;

use super::uploader::{self, Uploader, digest_of};
use crate::support::api::expect_problem;
use crate::support::http::Connection;
use crate::support::{Place, media, wait_until};

#[test]
fn what_is_wrong_with_an_upload_is_named() {
    let place = Place::new();
    let server = place.serve_with(&["--set", "upload.max_bytes=1000", "--set", "upload.open_per_token=6"]);
    let uploader = Uploader::new(&place, &server, "publish:");
    let (bytes, metadata) = (b"0123456789", uploader::metadata_of(b"0123456789"));
    let tus = ("tus-resumable", "1.0.0");
    let create = |headers: &[(&str, &str)]| uploader.send("POST", "/api/uploads", headers, b"");

    expect_problem(&create(&[("upload-length", "10")]), 412, "tus-version-unsupported");
    expect_problem(&create(&[("tus-resumable", "0.2.2"), ("upload-length", "10")]), 412, "tus-version-unsupported");
    for length in ["", "-1", "x", "1e3", "18446744073709551616", "9223372036854775808"] {
        let refused = create(&[tus, ("upload-length", length), ("upload-metadata", &metadata)]);
        expect_problem(&refused, 400, "bad-request");
        assert_eq!(refused.json()["header"], "upload-length");
    }
    expect_problem(&create(&[tus, ("upload-length", "10")]), 400, "bad-request");
    expect_problem(&create(&[tus, ("upload-length", "10"), ("upload-metadata", "sha256 ?")]), 400, "bad-request");
    for concatenation in ["partial", "final;/api/uploads/00000000000000000000000000000000"] {
        let headers = [tus, ("upload-length", "10"), ("upload-metadata", &metadata), ("upload-concat", concatenation)];
        let refused = create(&headers);
        expect_problem(&refused, 400, "bad-request");
        assert_eq!(refused.json()["header"], "upload-concat");
    }
    let large = create(&[tus, ("upload-length", "1001"), ("upload-metadata", &metadata)]);
    expect_problem(&large, 413, "upload-too-large");
    assert_eq!(large.json()["maxBytes"], 1000);

    let upload = uploader.create(bytes);
    expect_problem(&uploader.append(&upload, 3, b"3456789"), 409, "upload-offset-conflict");
    expect_problem(&uploader.append(&upload, 0, b"0123456789a"), 413, "upload-past-end");
    let checksum = format!("sha256 {}", uploader::sha256_base64(b"other"));
    let refused = uploader.append_with(&upload, 0, b"012", &[("upload-checksum", &checksum)]);
    expect_problem(&refused, 460, "upload-checksum-mismatch");
    expect_problem(&uploader.append_with(&upload, 0, b"012", &[("upload-checksum", "md5 YQ==")]), 400, "bad-request");
    let json = [tus, ("upload-offset", "0"), ("content-type", "application/json")];
    expect_problem(&uploader.send("PATCH", &upload, &json, b"012"), 415, "unsupported-media-type");
    assert_eq!(uploader.offset(&upload), 0, "nothing of all this was kept");

    let wrong = uploader.create(bytes);
    let refused = uploader.append(&wrong, 0, b"9876543210");
    expect_problem(&refused, 422, "upload-digest-mismatch");
    assert_eq!(refused.json()["received"], digest_of(b"9876543210"));
    assert_eq!(uploader.head(&wrong).status, 404);

    let unknown = "/api/uploads/00000000000000000000000000000000";
    expect_problem(&uploader.append(unknown, 0, b"0"), 404, "upload-not-found");
    expect_problem(&uploader.append("/api/uploads/..%2f..", 0, b"0"), 404, "upload-not-found");
    // Whoever is refused together with the first bytes never hears of an address: nothing is left to be counted.
    let together = [tus, ("upload-length", "10"), ("upload-metadata", &metadata), ("upload-checksum", &checksum)];
    let with_bytes = [&together[..], &[("content-type", "application/offset+octet-stream")]].concat();
    for _ in 0..7 {
        let refused = uploader.send("POST", "/api/uploads", &with_bytes, b"012");
        expect_problem(&refused, 460, "upload-checksum-mismatch");
    }
    for _ in 0..5 {
        uploader.create(bytes);
    }
    let many = create(&[tus, ("upload-length", "10"), ("upload-metadata", &metadata)]);
    expect_problem(&many, 429, "too-many-uploads");
}

#[test]
fn who_may_not_upload_learns_nothing() {
    let place = Place::new();
    let server = place.serve();
    let owner = Uploader::new(&place, &server, "publish:course");
    let upload = owner.create(b"0123456789");
    let other = Uploader::new(&place, &server, "publish:course");
    expect_problem(&other.append(&upload, 0, b"0123456789"), 404, "upload-not-found");
    let delete = other.send("DELETE", &upload, &[("tus-resumable", "1.0.0")], b"");
    expect_problem(&delete, 404, "upload-not-found");
    assert_eq!(owner.offset(&upload), 0);
    let reader = Uploader::new(&place, &server, "read:");
    let created = reader.create_with(b"0123456789", b"");
    expect_problem(&created, 403, "scope-missing");
    let sound = media::wav(1, 1);
    expect_problem(&owner.publish("show", &[("a.wav", &sound)]), 403, "scope-missing");
    let mut nobody = Uploader::new(&place, &server, "publish:");
    nobody.token.push('x');
    assert_eq!(nobody.create_with(b"0123456789", b"").status, 401);
}

#[test]
fn a_token_is_told_that_bytes_are_there_only_if_it_may_read_a_tag_that_has_them() {
    let place = Place::new();
    let sound = media::wav(1, 1);
    place.write("secret/a.wav", &sound);
    place.publish("secret", "secret").expect(0);
    let server = place.serve();
    let files: &[(&str, &[u8])] = &[("a.wav", &sound)];
    let stranger = Uploader::new(&place, &server, "publish:course");
    for _ in 0..2 {
        let asked = stranger.publish("course", files);
        assert_eq!(asked.status, 202, "{asked:?}");
        assert_eq!(asked.json()["missing"][0]["sha256"], digest_of(&sound));
    }
    // An upload of its own that is not finished is offered again, and that the blob is there shows nowhere.
    let upload = stranger.create(&sound);
    stranger.append(&upload, 0, &sound[..100]);
    let asked = stranger.publish("course", files).json();
    assert_eq!(asked["missing"][0]["upload"], json!({ "href": upload, "offset": 100 }));
    assert_eq!(stranger.append(&upload, 100, &sound[100..]).status, 204);
    assert_eq!(stranger.publish("course", files).status, 201);
    let reader = Uploader::new(&place, &server, "publish:secret");
    assert_eq!(reader.publish("secret-2", files).status, 201, "it may read the tag, so it need not send the file");
}

#[test]
fn a_list_that_breaks_a_rule_is_refused_with_the_file_at_fault() {
    let place = Place::new();
    let server = place.serve();
    let uploader = Uploader::new(&place, &server, "publish:");
    let (sound, text) = (media::wav(1, 1), b"only text".to_vec());
    let file = |path: &str, bytes: &[u8]| json!({ "path": path, "size": bytes.len(), "sha256": digest_of(bytes) });
    for (body, words) in [
        (json!({ "files": [] }), "no files"),
        (json!({ "files": [file("a.wav", &sound), file("a.wav", &text)] }), "a.wav"),
        (json!({ "files": [file("../a.wav", &sound)] }), "../a.wav"),
        (json!({ "files": [file("a.wav", &sound), file("a.wav/b.txt", &text)] }), "a.wav"),
        (json!({ "files": [file("tag.toml", &text)] }), "tag.toml"),
        (json!({ "files": [file("a.wav", &sound)], "tagToml": "titel = 1" }), "line 1"),
        (json!({ "files": [{ "path": "a.wav", "size": 1, "sha256": "abc" }] }), "abc"),
        (json!({ "files": [{ "path": "a.wav", "size": -1, "sha256": digest_of(b"") }] }), "-1"),
        (json!({ "file": [] }), "file"),
    ] {
        let refused = uploader.publish_json("course", &body);
        expect_problem(&refused, 400, "bad-body");
        assert!(refused.json()["detail"].as_str().unwrap().contains(words), "{body} {:?}", refused.json());
    }
    uploader.upload(&text);
    let refused = uploader.publish("course", &[("a.txt", &text)]);
    expect_problem(&refused, 422, "publication-refused");
    uploader.upload(&sound);
    let refused = uploader.publish("course", &[("a.mp4", &sound[..]), ("b.txt", &text)]);
    // What it is, its bytes say; a name that lies is refused as in a folder, or not at all.
    assert!([201, 422].contains(&refused.status), "{refused:?}");
    assert_eq!(server.get("/tags/none/manifest.json").status, 404);
}

#[test]
fn of_two_appends_at_once_one_is_refused() {
    let place = Place::new();
    let server = place.serve();
    let uploader = Uploader::new(&place, &server, "publish:");
    let bytes = media::wav(100, 1);
    let upload = uploader.create(&bytes);
    let head = uploader.head_of("PATCH", &upload, &uploader::append_headers("0"), bytes.len());
    let begin = || {
        let mut connection = Connection::open(server.address).unwrap();
        connection.send(head.as_bytes()).unwrap();
        connection.send(&bytes[..1000]).unwrap();
        connection
    };
    let mut appends = [begin(), begin()];
    let (mut sent, mut loser) = (1000, None);
    // Whichever of them was begun first goes on byte by byte; the other one is answered.
    wait_until("one of them is refused", || {
        loser = appends.iter_mut().position(|append| append.is_answered().unwrap());
        if loser.is_none() {
            appends.iter_mut().for_each(|append| append.send(&bytes[sent..=sent]).unwrap());
            sent += 1;
        }
        loser.is_some()
    });
    let loser = loser.unwrap();
    expect_problem(&appends[loser].read_answer("PATCH").unwrap(), 423, "upload-locked");
    let winner = &mut appends[1 - loser];
    winner.send(&bytes[sent..]).unwrap();
    let answer = winner.read_answer("PATCH").unwrap();
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(uploader.offset(&upload), bytes.len());
}

#[test]
fn what_had_come_when_a_client_left_is_kept() {
    let place = Place::new();
    let server = place.serve();
    let uploader = Uploader::new(&place, &server, "publish:");
    let bytes = media::wav(100, 1);
    let upload = uploader.create(&bytes);
    let mut leaving = Connection::open(server.address).unwrap();
    leaving.send(uploader.head_of("PATCH", &upload, &uploader::append_headers("0"), bytes.len()).as_bytes()).unwrap();
    leaving.send(&bytes[..12_345]).unwrap();
    drop(leaving);
    wait_until("it is kept", || uploader.offset(&upload) == 12_345);
    assert_eq!(uploader.append(&upload, 12_345, &bytes[12_345..]).status, 204);
    assert_eq!(uploader.publish("course", &[("a.wav", &bytes)]).status, 201);
}

#[test]
fn what_has_expired_says_so() {
    let place = Place::new();
    let server = place.serve();
    let uploader = Uploader::new(&place, &server, "publish:");
    let upload = uploader.create(b"0123456789");
    let id = upload.rsplit('/').next().unwrap();
    let expire = format!(
        "import sqlite3; db = sqlite3.connect('stowaway-data/stowaway.db'); \
         db.execute(\"UPDATE uploads SET expires_ms = 1 WHERE id = '{id}'\"); db.commit()"
    );
    let expired =
        std::process::Command::new("python3").args(["-c", &expire]).current_dir(place.path("")).output().unwrap();
    assert!(expired.status.success(), "{expired:?}");
    expect_problem(&uploader.append(&upload, 0, b"0123456789"), 410, "upload-expired");
}
