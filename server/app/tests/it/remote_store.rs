//! The program on real object stores over the network: publishing, slices, and what is served while the store is away.

use serde_json::Value;

use crate::object_stores::{Kind, ObjectStoreServer};
use crate::support::{Outcome, Place, Server, media, wait_until};

const SLICE: usize = 64 * 1024;

/// A place configured for a store that runs beside it.
struct Remote {
    place: Place,
    store: ObjectStoreServer,
    sound: Vec<u8>,
}

impl Remote {
    /// A place where a course is published; `None` when the store's program is not on this machine.
    fn published(kind: Kind) -> Option<Self> {
        let store = ObjectStoreServer::start(kind)?;
        let place = Place::new();
        let (url, endpoint) = (store.url("course"), store.endpoint());
        place.write(
            "stowaway.toml",
            format!(
                "[storage]\nurl = \"{url}\"\nendpoint = \"{endpoint}\"\nretries = 1\nrequest_timeout_seconds = 2\n\n\
                 [cache]\nslice_bytes = {SLICE}\nmax_bytes = 16777216\nread_ahead_slices = 0\n"
            ),
        );
        let sound = media::wav(30, 1);
        assert!(sound.len() > 3 * SLICE, "several slices");
        place.write("course/01-long.wav", &sound);
        let remote = Self { place, store, sound };
        remote.run(&["publish", "course", "--tag", "course"]).expect(0);
        Some(remote)
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.place.command(arguments).envs(self.store.environment()).output().unwrap().into()
    }

    fn serve(&self) -> Server {
        let mut command = self.place.command(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]);
        command.envs(self.store.environment());
        Server::start(command)
    }

    /// Asks for ten bytes of a slice: what the cache said, or the problem.
    fn ask(&self, server: &Server, slice: usize) -> Result<String, Value> {
        let first = slice * SLICE;
        let range = format!("bytes={first}-{}", first + 9);
        let answer = server.get_with("/tags/course/media/01-long.wav", &[("range", &range)]);
        if answer.status != 206 {
            assert_eq!(answer.status, 503);
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert!(answer.header("retry-after").is_some());
            assert!(answer.header("cache-control").is_some_and(|value| value.contains("no-store")));
            return Err(answer.json());
        }
        assert_eq!(answer.body, self.sound[first..first + 10]);
        Ok(answer.header("cache-status").expect("said on every answer from a remote store").to_owned())
    }

    fn until_held(&self, server: &Server, slice: usize) {
        wait_until("the slice is held", || self.ask(server, slice).unwrap() == "stowaway; hit");
    }
}

fn outage(kind: Kind, away: impl Fn(&mut ObjectStoreServer), back: impl Fn(&mut ObjectStoreServer)) {
    let Some(mut remote) = Remote::published(kind) else { return };
    let server = remote.serve();
    assert_eq!(remote.ask(&server, 0).unwrap(), "stowaway; fwd=uri-miss; stored");
    remote.until_held(&server, 0);
    assert_eq!(server.get("/readyz").status, 200);
    away(&mut remote.store);
    assert_eq!(remote.ask(&server, 0).unwrap(), "stowaway; hit");
    let problem = remote.ask(&server, 2).unwrap_err();
    assert_eq!(problem["status"], 503, "{problem}");
    assert!(problem["type"].as_str().unwrap().contains("store-unavailable"), "{problem}");
    assert_eq!(server.get("/readyz").status, 503);
    drop(server);
    // Slices outlive the process, and a store that is away is no reason not to start.
    let server = remote.serve();
    assert_eq!(remote.ask(&server, 0).unwrap(), "stowaway; hit");
    assert!(remote.ask(&server, 2).is_err());
    wait_until("it is said at the start", || server.stderr().contains("the store "));
    back(&mut remote.store);
    wait_until("the store's slices are served again", || remote.ask(&server, 2).is_ok());
    wait_until("it is ready again", || server.get("/readyz").status == 200);
}

#[test]
fn while_azure_is_stopped_cached_slices_are_served_and_it_recovers_by_itself() {
    outage(Kind::Azurite, ObjectStoreServer::stop, ObjectStoreServer::restart);
}

#[test]
fn while_s3_is_stopped_cached_slices_are_served_and_it_recovers_by_itself() {
    outage(Kind::S3sFs, ObjectStoreServer::stop, ObjectStoreServer::restart);
}

#[test]
fn while_s3_is_silent_cached_slices_are_served_and_it_recovers_by_itself() {
    outage(Kind::Moto, |store| store.signal("STOP"), |store| store.signal("CONT"));
}

#[test]
fn a_whole_file_and_its_bundle_come_through_the_cache_byte_for_byte() {
    let Some(remote) = Remote::published(Kind::Moto) else { return };
    let server = remote.serve();
    for _ in 0..2 {
        let answer = server.get("/tags/course/media/01-long.wav");
        assert!(answer.status == 200 && answer.body == remote.sound);
        let bundle = server.get("/tags/course/releases/1.zip");
        assert!(bundle.status == 200 && bundle.body.windows(1000).any(|window| window == &remote.sound[5000..6000]));
        let ranges = server.get_with("/tags/course/media/01-long.wav", &[("range", "bytes=0-9,100000-100009")]);
        assert_eq!(ranges.status, 206);
        assert!(ranges.body.windows(10).any(|window| window == &remote.sound[100_000..100_010]));
    }
    let metrics = server.get("/metrics").text();
    let slices = remote.sound.len().div_ceil(SLICE);
    assert!(metrics.contains(&format!("stowaway_slice_cache_fills_total{{outcome=\"whole\"}} {slices}")), "{metrics}");
}

#[test]
fn coded_forms_of_texts_come_through_the_cache_too() {
    let Some(remote) = Remote::published(Kind::Moto) else { return };
    let cues = (0..50).map(|at| format!("00:00:{at:02}.000 --> 00:00:{at:02}.900\nListen, and listen again.\n\n"));
    remote.place.write("texts/01.en.vtt", format!("WEBVTT\n\n{}", cues.collect::<String>()));
    remote.place.write("texts/01.wav", media::wav(1, 7));
    remote.run(&["publish", "texts", "--tag", "texts"]).expect(0);
    let server = remote.serve();
    for coding in ["br", "zstd", "gzip", "identity"] {
        let ask = || server.get_with("/tags/texts/media/01.en.vtt", &[("accept-encoding", coding)]);
        let answer = ask();
        assert_eq!((answer.status, answer.header("content-encoding").unwrap_or("identity")), (200, coding));
        assert_eq!(answer.header("cache-status"), Some("stowaway; fwd=uri-miss; stored"), "{coding}");
        wait_until("it is held", || ask().header("cache-status") == Some("stowaway; hit"));
        assert_eq!(ask().body, answer.body);
    }
}

#[test]
fn a_bucket_that_does_not_exist_and_credentials_that_are_refused_are_named_at_the_start() {
    let Some(remote) = Remote::published(Kind::Azurite) else { return };
    let elsewhere = ["--set", "storage.url=az://elsewhere/x"];
    let said = remote.run(&["serve", elsewhere[0], elsewhere[1], "--listen", "127.0.0.1:0"]).expect(1).stderr;
    assert!(said.contains("storage.url") && said.contains("ContainerNotFound"), "{said}");
    let mut command = remote.place.command(&["publish", "course", "--tag", "other"]);
    let wrong = [("AZURE_STORAGE_ACCOUNT_NAME", "devstoreaccount1"), ("AZURE_STORAGE_ACCOUNT_KEY", "d3Jvbmc=")];
    let outcome: Outcome = command.envs(wrong).output().unwrap().into();
    let said = outcome.expect(1).stderr;
    assert!(said.contains("check the credentials in the environment"), "{said}");
}
