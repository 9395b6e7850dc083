//! A publish that dies at any step leaves readers the old release or the new one, and running it again finishes.

use crate::support::{Outcome, Place, media, wait_until};

/// The points of `stowaway_engine::publish::FaultPoint`, which the binary knows by name.
fn fault_points() -> Vec<&'static str> {
    stowaway_engine::publish::FaultPoint::ALL.iter().map(|point| point.name()).collect()
}

#[test]
fn killed_at_any_step_readers_see_one_release_or_the_other_and_a_second_run_finishes() {
    for point in fault_points() {
        let place = Place::published();
        let server = place.serve();
        let old = server.get("/tags/course/manifest.json");
        place.write("course/01-first/01-short.wav", media::wav(1, 42));
        place.write("course/03-third/01-new.wav", media::wav(1, 43));

        let mut command = place.command(&["publish", "course", "--tag", "course"]);
        let died: Outcome = command.env("STOWAWAY_FAULT_AT", point).output().expect("the binary runs").into();
        assert_eq!(died.code, None, "{point}: it was to die there: {died:?}");

        let committed = point == "committed";
        let seen = place.run(&["releases", "course", "--json"]).expect(0).json();
        assert_eq!(seen.as_array().unwrap().len(), if committed { 2 } else { 1 }, "{point}");
        if !committed {
            assert_eq!(server.get("/tags/course/manifest.json").body, old.body, "{point}");
        }

        let finished = place.publish("course", "course").expect(0).json();
        assert_eq!((&finished["release"], &finished["changed"]), (&2.into(), &(!committed).into()), "{point}");
        let new = server.get("/tags/course/releases/2/manifest.json");
        wait_until("readers see the new release", || server.get("/tags/course/manifest.json").body == new.body);
        for href in new.json()["download"]["selections"][0]["hrefs"].as_array().unwrap() {
            assert_eq!(server.get(href.as_str().unwrap()).status, 200, "{point} {href}");
        }
    }
}

#[test]
fn a_first_publish_that_dies_leaves_no_tag() {
    let place = Place::new();
    place.write("show/episode.wav", media::wav(1, 1));
    let mut command = place.command(&["publish", "show", "--tag", "show"]);
    let died: Outcome = command.env("STOWAWAY_FAULT_AT", "manifest-stored").output().expect("the binary runs").into();
    assert_eq!(died.code, None, "{died:?}");
    let server = place.serve();
    assert_eq!(server.get("/tags/show/manifest.json").status, 404);
    assert_eq!(server.get("/tags").json()["publications"], serde_json::json!([]));
    assert_eq!(place.publish("show", "show").expect(0).json()["release"], 1);
    wait_until("readers see it", || server.get("/tags/show/manifest.json").status == 200);
}
