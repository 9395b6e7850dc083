//! The repository's own course and podcast, published as they are.

use std::path::Path;
use std::sync::Arc;

use stowaway_domain::Tag;
use stowaway_engine::publish::{NoProgress, Published};

use super::scene::{Scene, assets};

async fn publish(scene: &Scene, sample: &str) -> Published {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/samples").join(sample);
    let tag: Tag = sample.parse().unwrap();
    scene.publisher().publish(&folder, &tag, Arc::new(NoProgress)).await.unwrap()
}

#[tokio::test]
async fn the_sample_course_becomes_a_release_and_then_nothing_has_changed() {
    let scene = Scene::new().await;
    let published = publish(&scene, "course").await;
    let Published::Released { release: 1, assets: count, bytes_to_fetch_from_previous: None, .. } = published else {
        panic!("{published:?}");
    };
    let tag: Tag = "course".parse().unwrap();
    let row = scene.db.release(&tag, 1).await.unwrap().unwrap();
    scene.expect_whole(&row).await;
    let manifest = scene.manifest(&row).await;
    assert_eq!(assets(&manifest).len() as u64, count);
    assert_eq!(manifest.metadata.title, "Field Recording");
    let welcome = &manifest.reading_order[0].children[0];
    assert_eq!(welcome.media_type, "video/mp4");
    assert_eq!((welcome.width.is_some(), welcome.height.is_some()), (true, true));
    assert!(welcome.duration.unwrap() > 5.0 && welcome.bitrate.unwrap() > 50.0, "{welcome:?}");
    assert_eq!(welcome.alternate[0].media_type, "audio/mp4");
    assert_eq!(publish(&scene, "course").await, Published::Unchanged { release: 1 });
}

#[tokio::test]
async fn the_sample_podcast_becomes_a_release_with_titles_and_durations() {
    let scene = Scene::new().await;
    let published = publish(&scene, "podcast").await;
    assert!(matches!(published, Published::Released { release: 1, .. }), "{published:?}");
    let row = scene.db.release(&"podcast".parse().unwrap(), 1).await.unwrap().unwrap();
    scene.expect_whole(&row).await;
    let manifest = scene.manifest(&row).await;
    assert_eq!(manifest.metadata.kind, "https://schema.org/PodcastSeries");
    assert_eq!(manifest.reading_order.len(), 3);
    for episode in &manifest.reading_order {
        assert_eq!(episode.media_type, "audio/mpeg");
        assert!(episode.duration.unwrap() > 5.0 && episode.title.is_some(), "{episode:?}");
    }
    let cover = manifest.resources.iter().find(|link| link.rel.as_deref() == Some("cover")).unwrap();
    assert!(cover.width.unwrap() >= 1400, "{cover:?}");
}
