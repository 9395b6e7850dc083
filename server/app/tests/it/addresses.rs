//! Every address of the contract: status, headers, bytes, and that HEAD says what GET says.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Place, Server, media};

/// The addresses of everything in the course, found by following its documents.
fn addresses(server: &Server) -> Vec<String> {
    let manifest = server.get("/tags/course/manifest.json").json();
    let mut found: BTreeSet<String> =
        ["/tags", "/tags/course/manifest.json", "/tags/course/releases/1/manifest.json"].map(str::to_owned).into();
    for href in manifest["download"]["selections"][0]["hrefs"].as_array().unwrap() {
        found.insert(href.as_str().unwrap().to_owned());
    }
    for asset in assets(&manifest) {
        found.insert(asset["properties"]["pieces"].as_str().unwrap().to_owned());
        let path = asset["properties"]["path"].as_str().unwrap();
        let path = path.replace('%', "%25").replace(' ', "%20").replace('\u{dc}', "%C3%9C");
        found.insert(format!("/tags/course/media/{path}"));
    }
    found.into_iter().collect()
}

/// Every link of a manifest that is an asset.
fn assets(manifest: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let mut open = vec![&manifest["readingOrder"], &manifest["resources"]];
    while let Some(links) = open.pop() {
        for link in links.as_array().into_iter().flatten() {
            open.extend([&link["children"], &link["alternate"]]);
            if link["properties"]["digest"].is_string() {
                found.push(link.clone());
            }
        }
    }
    found
}

#[test]
fn every_address_answers_and_head_says_what_get_says() {
    let place = Place::published();
    let server = place.serve();
    let addresses = addresses(&server);
    assert!(addresses.len() > 25, "{addresses:?}");
    for address in addresses {
        let get = server.get(&address);
        assert_eq!(get.status, 200, "{address}");
        assert_eq!(get.header("content-length").unwrap(), get.body.len().to_string(), "{address}");
        assert!(get.header("etag").unwrap().starts_with("\"sha256:"), "{address}");
        assert_eq!(get.header("access-control-allow-origin"), Some("*"), "{address}");
        assert_eq!(get.header("x-content-type-options"), Some("nosniff"), "{address}");
        let head = server.request("HEAD", &address, &[]);
        assert_eq!(head.stable_headers(), get.stable_headers(), "{address}");
        let again = server.get_with(&address, &[("if-none-match", get.header("etag").unwrap())]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{address}");
        for name in ["etag", "cache-control", "access-control-allow-origin"] {
            assert_eq!(again.header(name), get.header(name), "{address} {name}");
        }
    }
}

#[test]
fn assets_are_the_bytes_that_were_published() {
    let place = Place::published();
    let server = place.serve();
    let manifest = server.get("/tags/course/manifest.json").json();
    let assets = assets(&manifest);
    assert_eq!(assets.len(), 9);
    for asset in assets {
        let path = asset["properties"]["path"].as_str().unwrap();
        let published = std::fs::read(place.path("course").join(path)).unwrap();
        let served = server.get(asset["href"].as_str().unwrap());
        assert!(served.body == published, "{path}");
        assert_eq!(asset["size"], published.len(), "{path}");
        assert_eq!(served.header("etag").unwrap(), format!("{}", asset["properties"]["digest"]), "{path}");
        assert_eq!(served.header("content-type").unwrap().split(';').next(), asset["type"].as_str(), "{path}");
    }
}

#[test]
fn headers_of_each_kind_of_answer() {
    let place = Place::published();
    let server = place.serve();
    let manifest = server.get("/tags/course/manifest.json").json();
    let lesson = assets(&manifest).into_iter().find(|asset| asset["type"] == "audio/wav").unwrap();
    let href = lesson["href"].as_str().unwrap();
    insta::assert_snapshot!("blob", server.get(href).stable_headers());
    insta::assert_snapshot!("blob_range", server.get_with(href, &[("range", "bytes=0-9")]).stable_headers());
    insta::assert_snapshot!("blob_not_modified", server.get_with(href, &[("if-none-match", "*")]).stable_headers());
    insta::assert_snapshot!(
        "blob_pieces",
        server.get(lesson["properties"]["pieces"].as_str().unwrap()).stable_headers()
    );
    insta::assert_snapshot!("media", server.get("/tags/course/media/02-second/10-digits.txt").stable_headers());
}

#[test]
fn pieces_and_runs_of_pieces_are_slices_of_their_blob() {
    let place = Place::published();
    let server = place.serve();
    let long = std::fs::read(place.path("course/01-first/02-long.wav")).unwrap();
    let manifest = server.get("/tags/course/manifest.json").json();
    let lesson = assets(&manifest).into_iter().find(|asset| asset["size"] == long.len()).unwrap();
    let index_href = lesson["properties"]["pieces"].as_str().unwrap();
    let index = server.get(index_href).json();
    let pieces = index["blobs"][0]["pieces"].as_array().unwrap();
    assert!(pieces.len() > 2, "{index}");
    let base = index_href.strip_suffix(".json").unwrap();
    let span = |piece: &Value| {
        let offset = usize::try_from(piece["offset"].as_u64().unwrap()).unwrap();
        offset..offset + usize::try_from(piece["length"].as_u64().unwrap()).unwrap()
    };
    for (number, piece) in pieces.iter().enumerate() {
        let answer = server.get(&format!("{base}/{number}"));
        assert!(answer.status == 200 && answer.body == long[span(piece)], "piece {number}");
        assert_eq!(answer.header("etag").unwrap(), format!("\"sha256:{}\"", piece["sha256"].as_str().unwrap()));
    }
    let last = pieces.len() - 1;
    let run = server.get(&format!("{base}/1-{last}"));
    assert!(run.status == 200 && run.body == long[span(&pieces[1]).start..]);
    assert_eq!(run.header("repr-digest"), None, "nobody has hashed these bytes together");
    let part = server.get_with(&format!("{base}/1-{last}"), &[("range", "bytes=5-9")]);
    let first = span(&pieces[1]).start;
    assert!(part.status == 206 && part.body == long[first + 5..first + 10]);
    assert_eq!(server.get(&format!("{base}/1-{}", pieces.len())).status, 404);
}

#[test]
fn the_release_piece_index_lists_the_pieces_of_every_blob() {
    let place = Place::published();
    let server = place.serve();
    let manifest = server.get("/tags/course/manifest.json").json();
    let link = &manifest["download"]["pieces"];
    let answer = server.get(link["href"].as_str().unwrap());
    assert_eq!(answer.body.len() as u64, link["size"].as_u64().unwrap());
    assert_eq!(answer.header("etag").unwrap(), link["digest"].to_string());
    let listed: BTreeSet<String> =
        answer.json()["blobs"].as_array().unwrap().iter().map(|blob| blob["digest"].to_string()).collect();
    let named: BTreeSet<String> =
        assets(&manifest).iter().map(|asset| asset["properties"]["digest"].to_string()).collect();
    assert_eq!(listed, named);
}

#[test]
fn the_catalogue_is_paged() {
    let place = Place::new();
    for tag in ["a", "b", "c"] {
        place.write(&format!("{tag}/episode.wav"), media::wav(1, tag.as_bytes()[0]));
        place.publish(tag, tag).expect(0);
    }
    let server = place.serve();
    let mut seen = Vec::new();
    let mut next = Some("/tags?limit=2".to_owned());
    while let Some(address) = next {
        let page = server.get(&address);
        assert_eq!(page.header("content-type"), Some("application/opds+json"));
        let page = page.json();
        seen.extend(page["publications"].as_array().unwrap().iter().map(|tag| tag["download"]["tag"].clone()));
        let links = page["links"].as_array().unwrap();
        next = links.iter().find(|link| link["rel"] == "next").map(|link| link["href"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, ["a", "b", "c"]);
}

#[test]
fn a_published_page_cannot_run_scripts_as_the_site() {
    let place = Place::published();
    let server = place.serve();
    let page = server.get("/tags/course/media/02-second/page.html");
    assert_eq!(page.header("content-security-policy"), Some("sandbox"));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
}

#[test]
fn a_blob_has_no_other_names_than_those_it_was_published_under() {
    let place = Place::published();
    let server = place.serve();
    let manifest = server.get("/tags/course/manifest.json").json();
    let href = manifest["resources"][0]["href"].as_str().unwrap();
    let (base, _) = href.rsplit_once('/').unwrap();
    assert_eq!(server.get(href).status, 200);
    let invented = server.get(&format!("{base}/invented.bin"));
    assert_eq!((invented.status, invented.header("cache-control")), (404, Some("no-store")));
}

#[test]
fn a_new_release_takes_over_the_tag_and_leaves_the_old_one_as_it_was() {
    let place = Place::published();
    let server = place.serve();
    let old = server.get("/tags/course/releases/1/manifest.json");
    let current = server.get("/tags/course/manifest.json");
    assert_eq!(current.body, old.body);
    place.write("course/01-first/01-short.wav", media::wav(1, 9));
    let published = place.publish("course", "course").expect(0).json();
    assert_eq!(published["release"], 2);
    let new = server.get("/tags/course/releases/2/manifest.json");
    crate::support::wait_until("the pointer is looked up again", || {
        server.get("/tags/course/manifest.json").body == new.body
    });
    let still = server.get("/tags/course/releases/1/manifest.json");
    assert!(still.body == old.body && still.stable_headers() == old.stable_headers());
}
