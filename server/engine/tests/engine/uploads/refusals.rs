//! What is refused, and that nothing comes of it.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use stowaway_domain::upload::AppendRefusal;
use stowaway_engine::uploads::{Append, UploadError, UploadOptions};

use super::place::{OWNER, Place, metadata_of, options};
use crate::scene::noise;

#[tokio::test]
async fn bytes_that_are_not_those_of_the_digest_never_become_a_blob() {
    for place in [Place::folder(1000).await, Place::memory(1000).await] {
        for size in [700, 2500] {
            let (said, sent) = (noise(size, 1), noise(size, 2));
            let uploads = place.uploads();
            let id = uploads.create(OWNER, size as u64, &metadata_of(&said)).await.unwrap().id;
            place.append(&uploads, &id, 0, &sent[..300]).await.unwrap();
            let refused = place.append(&uploads, &id, 300, &sent[300..]).await.unwrap_err();
            assert!(matches!(refused, UploadError::Digest { .. }), "{refused:?}");
            place.expect_no_blob(&said).await;
            place.expect_no_blob(&sent).await;
            place.expect_nothing_left(&id).await;
            let gone = uploads.status(OWNER, &id).await.unwrap_err();
            assert!(matches!(gone, UploadError::NotFound { .. }), "{gone:?}");
        }
    }
}

#[tokio::test]
async fn an_append_past_the_end_or_elsewhere_is_refused() {
    let place = Place::folder(1000).await;
    let (bytes, uploads) = (noise(2500, 1), place.uploads());
    let id = uploads.create(OWNER, 2500, &metadata_of(&bytes)).await.unwrap().id;
    let elsewhere = place.append(&uploads, &id, 10, &bytes[10..]).await.unwrap_err();
    let expected = AppendRefusal::Offset { offset_bytes: 0, given_bytes: 10 };
    assert!(matches!(elsewhere, UploadError::Append(refusal) if refusal == expected), "{elsewhere:?}");
    let longer = place.append(&uploads, &id, 0, &noise(2501, 1)).await.unwrap_err();
    assert!(matches!(longer, UploadError::Append(AppendRefusal::PastEnd { .. })), "{longer:?}");
    // One that does not say how much comes.
    let chunks = bytes.chunks(100).chain([&b"more"[..]]).map(|chunk| Ok(Bytes::copy_from_slice(chunk)));
    let chunks: Vec<_> = chunks.collect();
    let longer = uploads.append(OWNER, &id, Append::default(), stream::iter(chunks)).await.unwrap_err();
    assert!(matches!(longer, UploadError::Append(AppendRefusal::PastEnd { end_bytes: 2504, .. })), "{longer:?}");
    place.expect_no_blob(&bytes).await;
    let offset = uploads.status(OWNER, &id).await.unwrap().offset as usize;
    assert!(place.append(&uploads, &id, offset, &bytes[offset..]).await.unwrap().finished);
    place.expect_blob(&bytes).await;
}

#[tokio::test]
async fn an_upload_is_its_owners_alone() {
    let place = Place::folder(1000).await;
    let (bytes, uploads) = (noise(10, 1), place.uploads());
    let id = uploads.create(OWNER, 10, &metadata_of(&bytes)).await.unwrap().id;
    let body = || stream::iter(vec![Ok(Bytes::from_static(b"x"))]);
    let refused = [
        uploads.status("another", &id).await.unwrap_err(),
        uploads.append("another", &id, Append::default(), body()).await.unwrap_err(),
        uploads.remove("another", &id).await.unwrap_err(),
    ];
    for refused in refused {
        assert!(matches!(refused, UploadError::NotFound { .. }), "{refused:?}");
    }
    assert_eq!(uploads.status(OWNER, &id).await.unwrap().offset, 0);
}

#[tokio::test]
async fn what_is_too_large_and_what_is_too_many_is_refused_before_a_byte_comes() {
    let place = Place::folder(1000).await;
    let uploads = place.uploads_with(UploadOptions { max_bytes: 100, open_per_owner: 2, ..options() });
    let refused = uploads.create(OWNER, 101, &metadata_of(b"")).await.unwrap_err();
    assert!(matches!(refused, UploadError::TooLarge { size: 101, max_bytes: 100 }), "{refused:?}");
    let first = uploads.create(OWNER, 100, &metadata_of(b"a")).await.unwrap();
    uploads.create(OWNER, 100, &metadata_of(b"b")).await.unwrap();
    let refused = uploads.create(OWNER, 100, &metadata_of(b"c")).await.unwrap_err();
    assert!(matches!(refused, UploadError::TooMany { most: 2 }), "{refused:?}");
    uploads.create("another", 100, &metadata_of(b"c")).await.unwrap();
    uploads.remove(OWNER, &first.id).await.unwrap();
    uploads.create(OWNER, 100, &metadata_of(b"c")).await.unwrap();
}

#[tokio::test]
async fn of_two_appends_at_once_one_is_refused_and_the_other_is_whole() {
    for place in [Place::folder(1000).await, Place::memory(1000).await] {
        let bytes = noise(2500, 3);
        let (one, other) = (place.uploads(), place.uploads());
        let id = one.create(OWNER, 2500, &metadata_of(&bytes)).await.unwrap().id;
        let (sender, receiver) = tokio::sync::mpsc::channel::<std::io::Result<Bytes>>(1);
        let body = stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
        let slow = tokio::spawn({
            let (one, id) = (one.clone(), id.clone());
            async move { one.append(OWNER, &id, Append::default(), body).await }
        });
        sender.send(Ok(Bytes::copy_from_slice(&bytes[..1500]))).await.unwrap();
        // The second is taken from the channel only once the first is being written.
        sender.send(Ok(Bytes::copy_from_slice(&bytes[1500..1600]))).await.unwrap();
        // Through another replica, and through the same.
        for rival in [&other, &one] {
            let offset = rival.status(OWNER, &id).await.unwrap().offset as usize;
            let refused = place.append(rival, &id, offset, &bytes[offset..]).await.unwrap_err();
            let is_refused = matches!(refused, UploadError::Busy { .. } | UploadError::Append(_));
            assert!(is_refused, "{refused:?}");
        }
        sender.send(Ok(Bytes::copy_from_slice(&bytes[1600..]))).await.unwrap();
        drop(sender);
        assert!(slow.await.unwrap().unwrap().finished);
        place.expect_blob(&bytes).await;
    }
}

#[tokio::test]
async fn one_who_died_while_it_appended_is_taken_over() {
    let place = Place::folder(1000).await;
    let (bytes, uploads) = (noise(2500, 3), place.uploads());
    let id = uploads.create(OWNER, 2500, &metadata_of(&bytes)).await.unwrap().id;
    place.append(&uploads, &id, 0, &bytes[..1100]).await.unwrap();
    let row = place.db.upload(&id).await.unwrap().unwrap();
    assert!(place.db.hold_upload(&row, "one that died").await.unwrap());
    assert!(place.append(&uploads, &id, 1100, &bytes[1100..]).await.unwrap().finished);
    place.expect_blob(&bytes).await;
    // Had it not died, it would write nothing.
    assert!(!place.db.beat_upload(&id, "one that died").await.unwrap());
}

#[tokio::test]
async fn what_has_expired_is_refused_and_swept() {
    for place in [Place::folder(1000).await, Place::memory(1000).await] {
        let uploads = place.uploads();
        let short = place.uploads_with(UploadOptions { expire: Duration::ZERO, ..options() });
        let (bytes, kept) = (noise(2500, 3), noise(2500, 4));
        let open = uploads.create(OWNER, 2500, &metadata_of(&bytes)).await.unwrap().id;
        place.append(&short, &open, 0, &bytes[..1700]).await.unwrap();
        let finished = uploads.create(OWNER, 2500, &metadata_of(&kept)).await.unwrap().id;
        place.append(&short, &finished, 0, &kept).await.unwrap();
        let going_on = uploads.create(OWNER, 10, &metadata_of(b"x")).await.unwrap().id;
        let refused = uploads.status(OWNER, &open).await.unwrap_err();
        assert!(matches!(refused, UploadError::Expired { .. }), "{refused:?}");
        assert_eq!(uploads.of_blob(OWNER, &stowaway_domain::Digest::of(&kept)).await.unwrap(), None);
        assert_eq!(uploads.sweep().await.unwrap(), 2);
        assert_eq!(uploads.sweep().await.unwrap(), 0);
        place.expect_nothing_left(&open).await;
        place.expect_no_blob(&bytes).await;
        place.expect_blob(&kept).await;
        assert!(matches!(uploads.status(OWNER, &open).await, Err(UploadError::NotFound { .. })));
        assert_eq!(uploads.status(OWNER, &going_on).await.unwrap().offset, 0);
    }
}
