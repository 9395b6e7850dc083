//! Sites of files: what they hold, what is written again, and in which order.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use stowaway_domain::catalogue::Catalogue;
use stowaway_domain::coding::Coding;
use stowaway_domain::negotiation::Varies;
use stowaway_domain::representation::RepresentationFacts;
use stowaway_domain::{Digest, Tag, href};
use stowaway_engine::export::{
    BuiltIn, ExportError, ExportEvent, ExportOptions, ExportProgress, Exported, Exporter, Site, Tags,
};
use stowaway_engine::publish::NoProgress;
use stowaway_engine::read::{Reader, ReaderOptions, Resource};
use stowaway_engine::store::StoreOptions;

use super::object_stores::{Kind, ObjectStoreServer};
use super::scene::{Scene, assets, tag, wav};
use super::wait;

/// Remembers what it is told.
#[derive(Default)]
pub(crate) struct Watch(Mutex<Vec<ExportEvent>>);

impl ExportProgress for Watch {
    fn report(&self, event: ExportEvent) {
        self.0.lock().unwrap().push(event);
    }
}

async fn published() -> Scene {
    let scene = Scene::new().await;
    scene.write("01 über uns.wav", wav(300_000, 1));
    scene.write("01 über uns.en.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n");
    scene.publish().await.unwrap();
    scene
}

/// Everything, and really.
pub(crate) const ALL: ExportOptions = ExportOptions { is_dry_run: false, with_aliases: true };

pub(crate) fn exporter(scene: &Scene) -> Exporter {
    let reader = Reader::new(scene.store.clone(), scene.db.clone(), ReaderOptions::default());
    let built_in = ["index.html", "play.html", "sw.js", "client/app/app.css"].map(|path| {
        let bytes = Bytes::from(format!("this is {path}"));
        let facts = RepresentationFacts {
            digest: Digest::of(&bytes),
            size: bytes.len() as u64,
            media_type: "text/plain".to_owned(),
            coding: Coding::Identity,
            varies: Varies::Never,
            cache: stowaway_domain::cache_policy::CachePolicy::Revalidate,
            surrogate_keys: Vec::new(),
            extra: Vec::new(),
        };
        BuiltIn { path: path.to_owned(), resource: Arc::new(Resource::made_on_demand(facts, bytes)) }
    });
    Exporter::new(reader, scene.db.clone(), built_in.into())
}

pub(crate) async fn export(scene: &Scene, site: &Site, tags: Tags) -> Result<Exported, ExportError> {
    exporter(scene).export(site, &tags, ALL, &Watch::default()).await
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[tokio::test]
async fn a_folder_holds_every_address_and_what_is_there_is_not_written_again() {
    let scene = published().await;
    let folder = scene.directory.path().join("site");
    let site = Site::folder(folder.clone());
    let only_count = ExportOptions { is_dry_run: true, ..ALL };
    let dry = exporter(&scene).export(&site, &Tags::All, only_count, &Watch::default()).await.unwrap();
    assert!(!folder.exists(), "a dry run writes nothing");
    let exported = export(&scene, &site, Tags::All).await.unwrap();
    assert_eq!(dry, exported, "and says what will be written");
    assert_eq!((exported.files, exported.tags), (exported.files_written, vec![(tag(), 1)]));
    // And the lock, which is nobody's file.
    assert_eq!(files(&folder).len() as u64, exported.files + 1);

    let manifest = scene.current_manifest().await;
    for link in assets(&manifest) {
        let path = percent_encoding::percent_decode_str(&link.href).decode_utf8().unwrap();
        let bytes = fs::read(folder.join(path.trim_start_matches('/'))).unwrap();
        let properties = link.properties.as_ref().unwrap();
        assert_eq!(Digest::of(&bytes), properties.digest);
        assert!(folder.join(properties.pieces.trim_start_matches('/')).is_file());
    }
    for link in &manifest.links {
        assert!(folder.join(link.href.trim_start_matches('/')).is_file(), "{} is promised", link.href);
    }
    let current = fs::read(folder.join(&href::current_manifest(&tag())[1..])).unwrap();
    assert_eq!(current, fs::read(folder.join(&href::release_manifest(&tag(), 1)[1..])).unwrap());
    let modified = fs::metadata(folder.join(&href::release_manifest(&tag(), 1)[1..])).unwrap().modified().unwrap();
    let seconds = modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(seconds, Digest::of(&current).last_modified_unix_s(), "the date that the server says");
    for name in ["index.html", "play.html", "sw.js", "client/app/app.css", "tags.json", ".stowaway/nginx.conf"] {
        assert!(folder.join(name).is_file(), "{name}");
    }

    let again = export(&scene, &site, Tags::All).await.unwrap();
    assert_eq!((again.files, again.files_written), (exported.files, 0));
    let blob = files(&folder.join("blobs")).into_iter().find(|path| path.extension().unwrap() == "wav").unwrap();
    fs::File::options().write(true).open(&blob).unwrap().set_len(1000).unwrap();
    let mended = export(&scene, &site, Tags::All).await.unwrap();
    // The blob; its second name, which was cut off with it; and what is noted of that.
    assert_eq!((mended.files_written, fs::metadata(&blob).unwrap().len()), (3, 300_044));
}

#[tokio::test]
async fn a_new_release_and_another_tag_write_only_themselves() {
    let scene = published().await;
    let folder = scene.directory.path().join("site");
    let site = Site::folder(folder.clone());
    export(&scene, &site, Tags::All).await.unwrap();
    scene.write("02.wav", wav(5000, 2));
    scene.publish().await.unwrap();
    let update = export(&scene, &site, Tags::These(vec![tag()])).await.unwrap();
    // One blob with its index, four documents of the release, the pointer and the catalogue; the alias of the blob, the latest bundle
    // and what is noted of both.
    assert_eq!((update.tags, update.files_written), (vec![(tag(), 2)], 11));
    let other: Tag = "other".parse().unwrap();
    scene.publisher().publish(&scene.folder(), &other, Arc::new(NoProgress)).await.unwrap();
    export(&scene, &site, Tags::These(vec![other.clone()])).await.unwrap();
    let catalogue: Catalogue = serde_json::from_slice(&fs::read(folder.join("tags.json")).unwrap()).unwrap();
    let listed: Vec<&Tag> = catalogue.publications.iter().map(|publication| &publication.download.tag).collect();
    assert_eq!(listed, [&tag(), &other], "those that were there stay");
    assert_eq!(catalogue.links.len(), 1, "there is no next page");
}

#[tokio::test]
async fn no_manifest_is_written_before_all_that_it_names() {
    let scene = published().await;
    let folder = scene.directory.path().join("site");
    let digest = Digest::of(&wav(300_000, 1));
    let site = Site::folder(folder.clone());
    let path = scene.store.local_path(&stowaway_domain::StoreKey::Blob(digest)).unwrap();
    let bytes = fs::read(&path).unwrap();
    let mut damaged = bytes.clone();
    damaged[1000] ^= 1;
    fs::write(&path, damaged).unwrap();
    let refused = export(&scene, &site, Tags::All).await.unwrap_err();
    assert!(matches!(refused, ExportError::Damaged { .. }), "{refused}");
    let written = files(&folder);
    let is_named = |path: &PathBuf| path.ends_with("manifest.json") || path.ends_with("tags.json");
    assert!(!written.iter().any(is_named), "{written:?}");
    let has_parts = || files(&folder).iter().any(|path| path.to_string_lossy().ends_with('~'));
    wait::until("nothing is left of what was stopped", || !has_parts()).await;
    fs::write(&path, bytes).unwrap();
    export(&scene, &site, Tags::All).await.unwrap();
    assert!(folder.join(&href::current_manifest(&tag())[1..]).is_file());
    let none = export(&scene, &site, Tags::These(vec!["nothing".parse().unwrap()])).await.unwrap_err();
    assert!(matches!(none, ExportError::NoTag(_)), "{none}");
}

#[tokio::test]
async fn a_bucket_holds_the_same_with_its_headers() {
    let Some(server) = ObjectStoreServer::start(Kind::Moto) else { return };
    let scene = published().await;
    let environment = server.environment().map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let options = StoreOptions { endpoint: Some(server.endpoint()), environment, ..StoreOptions::default() };
    let site = Site::open(&server.url("site"), &options).unwrap();
    let exported = export(&scene, &site, Tags::All).await.unwrap();
    assert_eq!(exported.files, exported.files_written);
    assert_eq!(export(&scene, &site, Tags::All).await.unwrap().files_written, 0);
    let manifest = scene.current_manifest().await;
    for link in assets(&manifest) {
        let (head, body) = server.get(&format!("/media/site{}", link.href));
        assert_eq!(Digest::of(&body), link.properties.as_ref().unwrap().digest);
        assert!(head.contains(&format!("content-type: {}", link.media_type)), "{head}");
        assert!(head.contains("cache-control: public, max-age=31536000, immutable"), "{head}");
    }
    for (path, cache) in
        [("tags", "max-age=10"), ("play", "no-cache"), ("tags/field-recording/manifest.json", "max-age=10")]
    {
        let (head, _) = server.get(&format!("/media/site/{path}"));
        assert!(head.starts_with("http/1.1 200") && head.contains(cache), "{path}: {head}");
    }
}

/// Looks at every event whether the folder is locked.
struct Locked {
    lock: PathBuf,
    found: Mutex<Vec<bool>>,
}

impl ExportProgress for Locked {
    fn report(&self, _: ExportEvent) {
        let is_locked = fs::File::open(&self.lock).unwrap().try_lock().is_err();
        self.found.lock().unwrap().push(is_locked);
    }
}

#[tokio::test]
async fn one_export_at_a_time_writes_into_a_folder() {
    let scene = published().await;
    let folder = scene.directory.path().join("site");
    let site = Site::folder(folder.clone());
    let watch = Locked { lock: folder.join(".stowaway/lock"), found: Mutex::default() };
    exporter(&scene).export(&site, &Tags::All, ALL, &watch).await.unwrap();
    let found = watch.found.into_inner().unwrap();
    assert!(found.len() > 5 && found.iter().all(|is_locked| *is_locked), "{found:?}");

    let first = fs::File::open(&watch.lock).unwrap();
    first.try_lock().expect("an export that has ended gives it back");
    scene.write("02.wav", wav(5000, 2));
    scene.publish().await.unwrap();
    let before = files(&folder);
    let refused = export(&scene, &site, Tags::All).await.unwrap_err();
    assert!(matches!(&refused, ExportError::Busy { folder: named } if *named == folder), "{refused}");
    assert_eq!(files(&folder), before);
    let only_count = ExportOptions { is_dry_run: true, ..ALL };
    exporter(&scene).export(&site, &Tags::All, only_count, &Watch::default()).await.expect("counting disturbs nobody");
    export(&scene, &Site::folder(scene.directory.path().join("other")), Tags::All)
        .await
        .expect("another folder is free");
    drop(first);
    assert_eq!(export(&scene, &site, Tags::All).await.unwrap().tags, [(tag(), 2)]);
}
