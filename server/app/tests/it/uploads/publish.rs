//! `stowaway publish --server`: the release that a publish on the server itself would make, with nothing sent twice.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::uploader::{Uploader, token};
use crate::object_stores::{Kind, ObjectStoreServer};
use crate::support::{Outcome, Place, Server, media};

/// Publishes a folder of `place` to a server.
pub(super) fn publish(place: &Place, server: &Server, token: &str, folder: &str, tag: &str) -> Outcome {
    let address = format!("http://{}", server.address);
    let mut command = place.command(&["publish", folder, "--tag", tag, "--server", &address, "--json"]);
    command.env("STOWAWAY_TOKEN", token).output().unwrap().into()
}

/// Bytes of uploads that have come to the server.
pub(super) fn received(server: &Server) -> u64 {
    let metrics = server.get("/metrics").text();
    let line = metrics.lines().find_map(|line| line.strip_prefix("stowaway_upload_received_bytes_total "));
    line.map_or(0, |count| count.trim().parse().unwrap())
}

/// Requests to upload that the server has answered, by method.
fn uploading(server: &Server, method: &str) -> u64 {
    let metrics = server.get("/metrics").text();
    let answers = metrics.lines().filter(|line| line.starts_with("stowaway_http_requests_total{"));
    let method = format!("method=\"{method}\"");
    let of_method = answers.filter(|line| line.contains("/api/uploads") && line.contains(&method));
    of_method.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
}

/// Every address of the release is answered.
fn expect_whole(server: &Server, release: &serde_json::Value) {
    let manifest = server.get(&format!("/tags/course/releases/{release}/manifest.json"));
    assert_eq!(manifest.status, 200);
    for href in manifest.json()["download"]["selections"][0]["hrefs"].as_array().unwrap() {
        assert_eq!(server.get(href.as_str().unwrap()).status, 200, "{href}");
    }
}

#[test]
fn a_folder_makes_the_same_release_over_the_network_as_on_the_server_itself() {
    let place = Place::new();
    media::course(&place.path("course"));
    place.write("course/.DS_Store", b"x");
    let server = place.serve();
    let token = token(&place, "publish:course");
    let first = publish(&place, &server, &token, "course", "course").expect(0).json();
    assert_eq!((&first["release"], &first["changed"]), (&1.into(), &true.into()));
    assert!(first["bytes_uploaded"].as_u64().unwrap() > 4_000_000, "{first}");
    expect_whole(&server, &first["release"]);
    // The manifest that the folder itself gives has the same digest, identifiers and date included.
    let local = place.publish("course", "course").expect(0).json();
    assert_eq!((&local["changed"], &local["release"]), (&false.into(), &1.into()), "{local}");
    let again = publish(&place, &server, &token, "course", "course").expect(0).json();
    assert_eq!((&again["changed"], &again["release"]), (&false.into(), &1.into()), "{again}");

    place.write("course/02-second/100-digits.txt", media::digits(101));
    let second = publish(&place, &server, &token, "course", "course").expect(0).json();
    assert_eq!((&second["release"], &second["bytes_uploaded"]), (&2.into(), &101.into()), "only that file went");
    expect_whole(&server, &second["release"]);
    let local = place.publish("course", "course").expect(0).json();
    assert_eq!(local["changed"], false, "{local}");
}

#[test]
fn a_small_file_goes_with_the_request_that_begins_its_upload() {
    let place = Place::new();
    for at in 0..20 {
        place.write(&format!("course/{at:02}.txt"), format!("This is text number {at}."));
    }
    place.write("course/empty.txt", "");
    // Above a mebibyte it may be worth going on where it stopped.
    let large = media::wav(200, 1);
    assert!(large.len() > 1024 * 1024);
    place.write("course/large.wav", large);
    let server = place.serve();
    let token = token(&place, "publish:course");
    let published = publish(&place, &server, &token, "course", "course").expect(0).json();
    assert_eq!(published["assets"], 22, "{published}");
    expect_whole(&server, &published["release"]);
    assert_eq!((uploading(&server, "POST"), uploading(&server, "PATCH")), (22, 1));
}

#[test]
fn what_a_quota_has_no_room_for_is_refused_before_a_byte_is_sent() {
    let place = Place::new();
    let lesson = media::wav(10, 1);
    place.write("course/01-lesson.wav", &lesson);
    let server = place.serve();
    let token = token(&place, "publish:course");
    publish(&place, &server, &token, "course", "course").expect(0);
    let quota = (lesson.len() + 1000).to_string();
    place.run(&["limits", "course", "--quota-bytes", &quota]).expect(0);
    let sent = received(&server);
    place.write("course/02-lesson.wav", media::wav(10, 2));
    let refused = publish(&place, &server, &token, "course", "course").expect(2).stderr;
    assert!(refused.contains("do not fit") && refused.contains(&quota), "{refused}");
    assert_eq!(received(&server), sent);
    place.run(&["limits", "course", "--quota-bytes", "0"]).expect(0);
    publish(&place, &server, &token, "course", "course").expect(0);
}

#[test]
fn what_a_scrub_found_damaged_is_mended_over_the_network() {
    let place = Place::new();
    let (first, second) = (media::wav(10, 1), media::wav(10, 2));
    place.write("course/01-first.wav", &first);
    let server = place.serve();
    let token = token(&place, "publish:course");
    publish(&place, &server, &token, "course", "course").expect(0);
    place.write("course/02-second.wav", &second);
    place.publish("course", "course").expect(0);
    // One that came over the network, and one that did not.
    for bytes in [&first, &second] {
        let digest = stowaway_domain::Digest::of(bytes);
        let stored = place.path(&format!("stowaway-data/store/{}", stowaway_domain::StoreKey::Blob(digest)));
        assert!(stored.is_file(), "{stored:?}");
        let mut spoiled = bytes.clone();
        spoiled[1000] ^= 1;
        std::fs::write(stored, spoiled).unwrap();
    }
    place.run(&["scrub"]).expect(1);
    place.write("course/03-third.wav", media::wav(1, 3));
    publish(&place, &server, &token, "course", "course").expect(0);
    place.run(&["scrub"]).expect(0);
    for (name, bytes) in [("01-first", &first), ("02-second", &second)] {
        assert!(server.get(&format!("/tags/course/media/{name}.wav")).body == *bytes, "{name}");
    }
}

#[test]
fn a_folder_is_published_into_a_bucket_over_the_network() {
    let Some(store) = ObjectStoreServer::start(Kind::Moto) else { return };
    let place = Place::new();
    let (url, endpoint) = (store.url("library"), store.endpoint());
    place.write("stowaway.toml", format!("[storage]\nurl = \"{url}\"\nendpoint = \"{endpoint}\"\n"));
    // Above the size of a part.
    place.write("course/01-long.wav", media::wav(1100, 1));
    place.write("course/01-long.en.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nNoise.\n");
    let mut serve = place.command(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]);
    serve.envs(store.environment());
    let server = Server::start(serve);
    let token = token(&place, "publish:");
    let published = publish(&place, &server, &token, "course", "course").expect(0).json();
    assert_eq!(published["release"], 1);
    expect_whole(&server, &published["release"]);
    let answer = server.get("/tags/course/media/01-long.wav");
    assert!(answer.body == media::wav(1100, 1), "byte for byte");
    let local: Outcome = place
        .command(&["publish", "course", "--tag", "course", "--json"])
        .envs(store.environment())
        .output()
        .unwrap()
        .into();
    assert_eq!(local.expect(0).json()["changed"], false);
}

#[test]
fn whoever_is_at_fault_is_told_by_message_and_exit_code() {
    let place = Place::new();
    place.write("course/a.wav", media::wav(1, 1));
    place.write("texts/a.txt", b"no media");
    let server = place.serve_with(&["--set", "upload.max_bytes=5000"]);
    let good = token(&place, "publish:course");
    let told = |token: &str, folder: &str, tag: &str, code: i32, words: &[&str]| {
        let outcome = publish(&place, &server, token, folder, tag).expect(code);
        for word in words {
            assert!(outcome.stderr.contains(word), "{word:?} is not in {}", outcome.stderr);
        }
    };
    told("sw_wrong", "course", "course", 2, &["401", "token-unknown", "stowaway token create"]);
    told(&good, "course", "other", 2, &["403", "publish:other"]);
    told(&good, "course", "course", 2, &["413", "upload-too-large", "5000"]);
    told(&good, "texts", "course", 2, &["422", "audio or video"]);
    told(&good, "nowhere", "course", 2, &["there is no folder nowhere"]);
    told("new\nline", "course", "course", 2, &["the token"]);
    let no_token = place.run(&["publish", "course", "--tag", "course", "--server", "http://127.0.0.1:1"]).expect(2);
    assert!(no_token.stderr.contains("--token"), "{}", no_token.stderr);
    let path = place.run(&["publish", "course", "--tag", "c", "--server", "http://a/b", "--token", "x"]).expect(2);
    assert!(path.stderr.contains("scheme and host"), "{}", path.stderr);
}

/// Mounts a small disk over the store of the working folder and runs the rest.
const ON_A_SMALL_DISK: &str = "mount -t tmpfs -o size=3m tmpfs stowaway-data/store && exec \"$@\"";

#[test]
fn a_disk_without_room_is_told_and_nothing_that_was_acknowledged_is_lost() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("stowaway-data/store")).unwrap();
    let inside = |program: &std::ffi::OsStr| {
        let mut command = Command::new("unshare");
        command.current_dir(place.path(""));
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", ON_A_SMALL_DISK, "sh"]).arg(program);
        command
    };
    if !inside("true".as_ref()).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        // Past the capture of the test runner: nobody shall believe that this was tested.
        std::io::stderr().write_all(b"\nNOT TESTED on a full disk: no mount namespaces here\n").unwrap();
        return;
    }
    let bytes = media::wav(600, 1);
    let serve = place.command(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]);
    let mut small = inside(serve.get_program());
    small.args(serve.get_args()).stdin(Stdio::null());
    let server = Server::start(small);
    let uploader = Uploader::new(&place, &server, "publish:");
    let upload = uploader.create(&bytes);
    assert_eq!(uploader.append(&upload, 0, &bytes[..1_000_000]).status, 204);
    let refused = uploader.append(&upload, 1_000_000, &bytes[1_000_000..]);
    assert_eq!(refused.status, 507, "{refused:?}");
    assert_eq!(refused.json()["type"], "urn:problem-type:stowaway:storage-full");
    assert_eq!(uploader.offset(&upload), 1_000_000, "what was acknowledged is kept");
    let sound = media::wav(1, 2);
    place.write("course/a.wav", &bytes);
    let told = publish(&place, &server, &uploader.token, "course", "course").expect(1).stderr;
    assert!(told.contains("507") && told.contains("room"), "{told}");
    // There is room again when the upload is given up.
    assert_eq!(uploader.send("DELETE", &upload, &[("tus-resumable", "1.0.0")], b"").status, 204);
    uploader.upload(&sound);
    assert_eq!(uploader.publish("course", &[("a.wav", &sound)]).status, 201);
}

#[test]
fn the_calls_that_the_documentation_shows_publish_a_file() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("../../docs/publishing.md")).unwrap();
    let (_, after) = page.split_once("```bash\n").unwrap();
    let (script, _) = after.split_once("```").unwrap();
    let place = Place::new();
    let mut samples = std::fs::read_dir(root.join("samples/podcast")).unwrap().map(|entry| entry.unwrap().path());
    let sound = samples.find(|path| path.extension().is_some_and(|ending| ending == "mp3")).unwrap();
    std::fs::copy(sound, place.path("01.mp3")).unwrap();
    let server = place.serve();
    let script = script.replace("https://media.example.org", &format!("http://{}", server.address));
    let mut bash = Command::new("bash");
    bash.args(["-euc", &script]).current_dir(place.path("")).env("STOWAWAY_TOKEN", token(&place, "publish:my-course"));
    let outcome = Outcome::from(bash.output().unwrap()).expect(0);
    assert!(outcome.stdout.contains("\"missing\":[{") && outcome.stdout.contains("\"changed\":true"), "{outcome:?}");
    assert_eq!(server.get("/tags/my-course/media/01.mp3").status, 200);
}
