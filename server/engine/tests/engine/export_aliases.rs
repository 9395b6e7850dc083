//! What follows the current release in a site of files: stable aliases and the latest bundle, which change, move and go.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

use object_store::{ObjectStoreExt as _, path::Path as ObjectPath};
use stowaway_domain::catalogue::Catalogue;
use stowaway_domain::{Digest, href};
use stowaway_engine::export::{ExportError, ExportOptions, Exported, Site, Tags};
use stowaway_engine::publish::{AdoptOptions, ListedKey, NoProgress, Objects};
use stowaway_engine::releases::Releases;
use stowaway_engine::store::StoreOptions;

use super::export::{ALL, Watch, export, exporter, files};
use super::object_stores::{Kind, ObjectStoreServer};
use super::scene::{Scene, tag, wav};
use super::wait;

const ODD: &str = "Über uns/100% #1? [a] 'b'; c.wav";

/// A site in a folder.
struct FolderSite {
    folder: PathBuf,
    site: Site,
}

impl FolderSite {
    fn of(scene: &Scene) -> Self {
        let folder = scene.directory.path().join("site");
        Self { site: Site::folder(folder.clone()), folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.join(format!("tags/{}/{path}", tag()))
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.path(path)).ok()
    }

    fn inode(&self, path: &str) -> u64 {
        fs::metadata(self.path(path)).unwrap().ino()
    }

    async fn export(&self, scene: &Scene) -> Exported {
        export(scene, &self.site, Tags::All).await.unwrap()
    }

    async fn export_with(&self, scene: &Scene, options: ExportOptions) -> Exported {
        exporter(scene).export(&self.site, &Tags::All, options, &Watch::default()).await.unwrap()
    }
}

async fn published(files: &[(&str, u64)]) -> Scene {
    let scene = Scene::new().await;
    next_release(&scene, files).await;
    scene
}

/// Publishes exactly these sounds.
async fn next_release(scene: &Scene, files: &[(&str, u64)]) {
    fs::remove_dir_all(scene.folder()).unwrap();
    for (path, seed) in files {
        scene.write(path, wav(5000, *seed));
    }
    scene.publish().await.unwrap();
}

fn releases(scene: &Scene) -> Releases {
    Releases::new(scene.store.clone(), scene.db.clone())
}

fn blob_of(site: &FolderSite, bytes: &[u8], name: &str) -> PathBuf {
    site.folder.join(format!("blobs/{}/{name}", Digest::of(bytes).hex()))
}

#[tokio::test]
async fn aliases_are_second_names_that_follow_the_current_release() {
    let scene = published(&[("01.wav", 1), ("changes.wav", 2), ("goes/away.wav", 3), (ODD, 4)]).await;
    let site = FolderSite::of(&scene);
    let first = site.export(&scene).await;
    assert_eq!((first.aliases, first.files_removed), (5, 0));
    assert_eq!(site.read(&format!("media/{ODD}")).unwrap(), wav(5000, 4));
    let blob = fs::metadata(blob_of(&site, &wav(5000, 1), "01.wav")).unwrap();
    assert_eq!((blob.ino(), blob.nlink()), (site.inode("media/01.wav"), 2), "no byte is stored twice");
    assert_eq!(site.inode("latest.zip"), site.inode("releases/1.zip"));
    let kept = site.inode("media/01.wav");

    next_release(&scene, &[("01.wav", 1), ("changes.wav", 5), ("comes.wav", 6), (ODD, 4)]).await;
    let only_count = ExportOptions { is_dry_run: true, ..ALL };
    let dry = site.export_with(&scene, only_count).await;
    assert_eq!(site.read("media/changes.wav").unwrap(), wav(5000, 2), "a dry run changes nothing");
    let second = site.export(&scene).await;
    assert_eq!(dry, second);
    // Two blobs with their indexes, four documents of the release, pointer and catalogue; two aliases, the latest bundle, the notes.
    assert_eq!((second.files_written, second.files_removed, second.aliases), (14, 1, 5));
    assert_eq!(site.read("media/changes.wav").unwrap(), wav(5000, 5));
    assert_eq!(site.read("media/comes.wav").unwrap(), wav(5000, 6));
    assert!(!site.path("media/goes").exists(), "nor the folder that it lay in");
    assert_eq!(site.inode("media/01.wav"), kept, "what did not change is not made again");
    assert_eq!(site.read("latest.zip"), site.read("releases/2.zip"));
    assert!(blob_of(&site, &wav(5000, 3), "away.wav").is_file(), "what release 1 names stays");
    let again = site.export(&scene).await;
    assert_eq!((again.files_written, again.files_removed), (0, 0));

    releases(&scene).roll_back(&tag(), 1, None).await.unwrap();
    site.export(&scene).await;
    assert_eq!(site.read("media/goes/away.wav").unwrap(), wav(5000, 3));
    assert_eq!(site.read("media/comes.wav"), None);
    assert_eq!(site.read("latest.zip"), site.read("releases/1.zip"));
}

#[tokio::test]
async fn only_what_an_export_wrote_is_removed() {
    let scene = published(&[("01.wav", 1), ("below/02.wav", 2)]).await;
    let site = FolderSite::of(&scene);
    site.export(&scene).await;
    fs::write(site.path("media/below/of-others.wav"), "x").unwrap();
    fs::write(site.path("of-others.zip"), "x").unwrap();
    let without = ExportOptions { with_aliases: false, ..ALL };
    let bare = site.export_with(&scene, without).await;
    // Two aliases, the bundle, and what was noted of them.
    assert_eq!((bare.files_removed, bare.aliases, bare.files_written), (4, 0, 0));
    let left = files(&site.path("media"));
    assert_eq!(left, [site.path("media/below/of-others.wav")]);
    assert!(site.path("of-others.zip").is_file() && site.path("releases/1.zip").is_file());
    assert!(!site.path("latest.zip").exists());
    assert_eq!(site.export_with(&scene, without).await.files_removed, 0);
    assert_eq!(site.export(&scene).await.files_written, 4, "and they come back");
}

#[tokio::test]
async fn notes_that_name_other_files_remove_none_of_them() {
    let scene = published(&[("01.wav", 1)]).await;
    let site = FolderSite::of(&scene);
    site.export(&scene).await;
    let notes = site.folder.join(format!(".stowaway/current/{}.json", tag()));
    fs::write(&notes, r#"{"files":{"tags/field-recording/media/../manifest.json":null}}"#).unwrap();
    let refused = export(&scene, &site.site, Tags::All).await.unwrap_err();
    assert!(matches!(refused, ExportError::Notes { .. }), "{refused}");
    assert!(site.path("manifest.json").is_file());
}

#[tokio::test]
async fn a_file_may_become_a_folder_and_a_folder_a_file() {
    let scene = published(&[("a.wav", 1), ("b.wav/c.wav", 2)]).await;
    let site = FolderSite::of(&scene);
    site.export(&scene).await;
    next_release(&scene, &[("a.wav/x/y.wav", 1), ("b.wav", 2)]).await;
    let exported = site.export(&scene).await;
    assert_eq!(exported.files_removed, 2);
    assert_eq!(site.read("media/a.wav/x/y.wav").unwrap(), wav(5000, 1));
    assert_eq!(site.read("media/b.wav").unwrap(), wav(5000, 2));
}

#[tokio::test]
async fn a_release_that_is_none_of_a_folder_goes_into_a_bucket_only() {
    let scene = Scene::new().await;
    let backend = object_store::local::LocalFileSystem::new_with_prefix(scene.directory.path().join("store")).unwrap();
    for (key, seed) in [("given/1.wav", 1), ("given/2.wav", 2)] {
        backend.put(&ObjectPath::from(key), wav(5000, seed).into()).await.unwrap();
    }
    let listed = |key: &str, path: &str| ListedKey { key: key.to_owned(), path: Some(path.to_owned()) };
    let objects = Objects::Listed(vec![listed("given/1.wav", "a.wav"), listed("given/2.wav", "a.wav/b.wav")]);
    let options = AdoptOptions { scratch: scene.directory.path().to_owned() };
    scene.publisher().adopt(&objects, &tag(), &options, std::sync::Arc::new(NoProgress)).await.unwrap();
    let site = FolderSite::of(&scene);
    let refused = export(&scene, &site.site, Tags::All).await.unwrap_err();
    assert!(matches!(&refused, ExportError::FileAndFolder { path } if path.ends_with("media/a.wav")), "{refused}");
    assert_eq!(files(&site.folder), [site.folder.join(".stowaway/lock")], "before anything is written");
    site.export_with(&scene, ExportOptions { with_aliases: false, ..ALL }).await;
    let Some(server) = ObjectStoreServer::start(Kind::Moto) else { return };
    export(&scene, &bucket_site(&server), Tags::All).await.unwrap();
    for (path, seed) in [("a.wav", 1), ("a.wav/b.wav", 2)] {
        assert_eq!(server.get(&format!("/media/site/tags/{}/media/{path}", tag())).1, wav(5000, seed));
    }
}

#[tokio::test]
async fn an_export_that_is_stopped_leaves_nothing_that_the_next_does_not_know_of() {
    let scene = published(&[("01.wav", 1), ("leaves.wav", 2)]).await;
    let site = FolderSite::of(&scene);
    site.export(&scene).await;
    next_release(&scene, &[("01.wav", 3), ("comes.wav", 4), ("stopped.wav", 5)]).await;
    fs::create_dir_all(site.path("media/stopped.wav/in the way")).unwrap();
    let stopped = export(&scene, &site.site, Tags::All).await.unwrap_err();
    assert!(matches!(&stopped, ExportError::Site { path, .. } if path.ends_with("stopped.wav")), "{stopped}");
    let current: serde_json::Value = serde_json::from_slice(&site.read("manifest.json").unwrap()).unwrap();
    assert_eq!(current["download"]["release"], 1, "the pointer comes after all aliases");
    assert!(site.path("media/leaves.wav").is_file(), "and what is gone goes after the pointer");
    fs::remove_dir_all(site.path("media/stopped.wav")).unwrap();

    // Meanwhile there is a third release, without the files that the second brought.
    next_release(&scene, &[("01.wav", 1)]).await;
    site.export(&scene).await;
    assert_eq!(files(&site.path("media")), [site.path("media/01.wav")]);
    assert_eq!(site.read("media/01.wav").unwrap(), wav(5000, 1), "whichever of them was written");
}

#[tokio::test]
async fn where_there_are_no_second_names_a_copy_is_written() {
    let elsewhere = Path::new("/dev/shm");
    let scene = published(&[("01.wav", 1), ("02.wav", 2)]).await;
    let site = FolderSite::of(&scene);
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    assert_ne!(device(elsewhere), device(scene.directory.path()), "this test needs two file systems");
    let other = tempfile::tempdir_in(elsewhere).unwrap();
    fs::create_dir(&site.folder).unwrap();
    symlink(other.path(), site.folder.join("tags")).unwrap();
    let exported = site.export(&scene).await;
    assert_eq!((exported.aliases, exported.files_written), (3, exported.files));
    assert_eq!(site.read("media/01.wav").unwrap(), wav(5000, 1));
    let (alias, blob) = (site.path("media/01.wav"), blob_of(&site, &wav(5000, 1), "01.wav"));
    let [alias, blob] = [alias, blob].map(|path| fs::metadata(path).unwrap());
    assert_eq!((alias.nlink(), alias.modified().unwrap()), (1, blob.modified().unwrap()));
    next_release(&scene, &[("01.wav", 3), ("02.wav", 2)]).await;
    let kept = site.inode("media/02.wav");
    site.export(&scene).await;
    assert_eq!((site.read("media/01.wav").unwrap(), site.inode("media/02.wav")), (wav(5000, 3), kept));
    assert_eq!(fs::read(blob_of(&site, &wav(5000, 1), "01.wav")).unwrap(), wav(5000, 1), "the old blob is as it was");
}

#[tokio::test]
async fn what_an_interrupted_export_left_is_never_written_through() {
    let scene = published(&[("01.wav", 1)]).await;
    let site = FolderSite::of(&scene);
    site.export(&scene).await;
    let blob = blob_of(&site, &wav(5000, 1), "01.wav");
    fs::remove_file(&blob).unwrap();
    let part = blob.with_file_name(format!(".{}.part~", &Digest::of(b"01.wav").hex()[..16]));
    fs::hard_link(site.folder.join("index.html"), &part).unwrap();
    site.export(&scene).await;
    assert_eq!(fs::read(site.folder.join("index.html")).unwrap(), b"this is index.html");
    assert_eq!(fs::read(&blob).unwrap(), wav(5000, 1));
    wait::until("it is gone", || !part.exists()).await;
}

#[tokio::test]
async fn names_may_be_as_long_as_a_file_system_takes_them() {
    let name = format!("{}.wav", "n".repeat(251));
    let scene = published(&[(&name, 1)]).await;
    let site = FolderSite::of(&scene);
    site.export(&scene).await;
    assert_eq!(site.read(&format!("media/{name}")).unwrap(), wav(5000, 1));
}

#[tokio::test]
async fn a_tag_that_was_taken_back_leaves_nothing_that_follows_its_pointer() {
    let scene = published(&[("01.wav", 1)]).await;
    let site = FolderSite::of(&scene);
    let other: stowaway_domain::Tag = "other".parse().unwrap();
    scene.publisher().publish(&scene.folder(), &other, std::sync::Arc::new(NoProgress)).await.unwrap();
    site.export(&scene).await;
    releases(&scene).unpublish(&tag(), None).await.unwrap();
    for tags in [Tags::These(vec![tag()]), Tags::All] {
        let exported = export(&scene, &site.site, tags).await.unwrap();
        assert_eq!(exported.taken_back, [tag()]);
        for gone in ["manifest.json", "latest.zip", "media"] {
            assert!(!site.path(gone).exists(), "{gone}");
        }
        let catalogue: Catalogue = serde_json::from_slice(&fs::read(site.folder.join("tags.json")).unwrap()).unwrap();
        let listed: Vec<_> = catalogue.publications.iter().map(|publication| &publication.download.tag).collect();
        assert_eq!(listed, [&other]);
    }
    assert!(site.folder.join(&href::release_manifest(&tag(), 1)[1..]).is_file(), "its releases stay, as at the server");
    releases(&scene).roll_back(&tag(), 1, None).await.unwrap();
    site.export(&scene).await;
    assert_eq!(site.read("media/01.wav").unwrap(), wav(5000, 1));
    assert!(site.path("manifest.json").is_file());
}

fn bucket_site(server: &ObjectStoreServer) -> Site {
    let environment = server.environment().map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let options = StoreOptions { endpoint: Some(server.endpoint()), environment, ..StoreOptions::default() };
    Site::open(&server.url("site"), &options).unwrap()
}

#[tokio::test]
async fn aliases_in_a_bucket_have_headers_of_their_own_and_follow_the_current_release() {
    let Some(server) = ObjectStoreServer::start(Kind::Moto) else { return };
    let scene = published(&[("changes.wav", 1), ("goes/away.wav", 2), (ODD, 3)]).await;
    scene.write("notes.html", "<p>Notes.</p>");
    scene.publish().await.unwrap();
    let site = bucket_site(&server);
    export(&scene, &site, Tags::All).await.unwrap();
    let get = |path: &str| {
        let path: Vec<String> = path.split('/').map(href::encode_segment).collect();
        server.get(&format!("/media/site/tags/{}/{}", tag(), path.join("/")))
    };
    for (path, bytes, media_type) in [
        ("media/changes.wav", wav(5000, 1), "audio/wav"),
        (&format!("media/{ODD}"), wav(5000, 3), "audio/wav"),
        ("media/notes.html", b"<p>Notes.</p>".to_vec(), "text/html; charset=utf-8"),
    ] {
        let (head, body) = get(path);
        assert_eq!(body, bytes, "{path}");
        assert!(head.contains(&format!("content-type: {media_type}\r\n")), "{path}: {head}");
        assert!(head.contains("cache-control: public, no-cache, no-transform"), "{path}: {head}");
    }
    let (head, body) = get("latest.zip");
    assert!(head.contains("content-disposition: attachment; filename=\"field-recording-2.zip\""), "{head}");
    assert!(
        head.contains("cache-control: public, no-cache") && head.contains("content-type: application/zip"),
        "{head}"
    );
    assert_eq!(body, get("releases/2.zip").1);

    next_release(&scene, &[("changes.wav", 4), (ODD, 3)]).await;
    let update = export(&scene, &site, Tags::All).await.unwrap();
    // Two: the sound and the page.
    assert_eq!((update.files_removed, update.aliases), (2, 3));
    assert_eq!(get("media/changes.wav").1, wav(5000, 4));
    assert!(get("media/goes/away.wav").0.starts_with("http/1.1 404"));
    assert!(get("latest.zip").0.contains("field-recording-3.zip"));
    let again = export(&scene, &site, Tags::All).await.unwrap();
    assert_eq!((again.files_written, again.files_removed), (0, 0));
}
