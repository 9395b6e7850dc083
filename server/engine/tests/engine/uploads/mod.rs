//! Uploads: what is acknowledged is durable, on every kind of store, whoever stops when.

mod crash;
mod gc;
mod place;
mod publish;
mod refusals;

use std::io;

use bytes::Bytes;
use futures_util::stream;
use proptest::prelude::*;
use stowaway_domain::Digest;
use stowaway_engine::uploads::{Append, UploadError};

use super::object_stores::Kind;
use super::scene::{MIB, noise};
use place::{OWNER, Place, metadata_of};

/// Appends of these lengths, one after the other, as many as it takes.
async fn send_in_pieces(place: &Place, bytes: &[u8], lengths: &[usize]) {
    let uploads = place.uploads();
    let created = uploads.create(OWNER, bytes.len() as u64, &metadata_of(bytes)).await.unwrap();
    let mut lengths = lengths.iter().cycle();
    let mut state = created;
    while !state.finished {
        let from = state.offset as usize;
        let to = (from + lengths.next().unwrap()).min(bytes.len());
        // Another replica every time.
        state = place.append(&place.uploads(), &state.id, from, &bytes[from..to]).await.unwrap();
        assert_eq!(state.offset as usize, to);
        let asked = uploads.status(OWNER, &state.id).await.unwrap();
        assert_eq!((asked.offset, asked.finished), (state.offset, state.finished));
    }
    place.expect_blob(bytes).await;
    place.expect_nothing_left(&state.id).await;
}

#[tokio::test]
async fn a_blob_comes_in_appends_of_any_length_into_a_folder_and_into_memory() {
    for place in [Place::folder(1000).await, Place::memory(1000).await] {
        for (size, lengths) in [
            (0, &[1][..]),
            (1, &[1]),
            (999, &[100, 300]),
            (1000, &[999, 1]),
            (1001, &[1001]),
            (25_000, &[1, 700, 5000]),
        ] {
            send_in_pieces(&place, &noise(size, size as u64), lengths).await;
        }
    }
}

#[tokio::test]
async fn a_blob_comes_in_appends_into_a_bucket_of_s3_and_a_container_of_azure() {
    for kind in [Kind::Moto, Kind::Azurite] {
        let Some(place) = Place::bucket(kind).await else { continue };
        send_in_pieces(&place, &noise(11 * MIB, 1), &[3 * MIB, 6 * MIB]).await;
        send_in_pieces(&place, &noise(70_000, 2), &[30_000]).await;
        let bytes = noise(6 * MIB, 3);
        let uploads = place.uploads();
        let state = uploads.create(OWNER, bytes.len() as u64, &metadata_of(&bytes)).await.unwrap();
        place.append(&uploads, &state.id, 0, &bytes[..5 * MIB + 10]).await.unwrap();
        uploads.remove(OWNER, &state.id).await.unwrap();
        place.expect_nothing_left(&state.id).await;
    }
}

#[tokio::test]
async fn what_came_before_a_client_left_is_kept_and_it_goes_on_from_there() {
    for place in [Place::folder(1000).await, Place::memory(1000).await] {
        let bytes = noise(3500, 7);
        let uploads = place.uploads();
        let state = uploads.create(OWNER, 3500, &metadata_of(&bytes)).await.unwrap();
        let body = vec![Ok(Bytes::copy_from_slice(&bytes[..1234])), Err(io::ErrorKind::ConnectionReset.into())];
        let append = Append { length: Some(3500), ..Append::default() };
        let cut_off = uploads.append(OWNER, &state.id, append, stream::iter(body)).await.unwrap_err();
        assert!(matches!(cut_off, UploadError::Interrupted { offset_bytes: 1234, .. }), "{cut_off:?}");
        assert_eq!(uploads.status(OWNER, &state.id).await.unwrap().offset, 1234);
        let done = place.append(&uploads, &state.id, 1234, &bytes[1234..]).await.unwrap();
        assert!(done.finished);
        place.expect_blob(&bytes).await;
    }
}

/// What a client does in one step of an upload.
#[derive(Debug, Clone)]
enum Step {
    Send(usize),
    /// The connection breaks after so many bytes.
    Break(usize),
    /// With a checksum, right or wrong.
    Checked(usize, bool),
    Ask,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_usize..700).prop_map(Step::Send),
        (0_usize..700).prop_map(Step::Break),
        (0_usize..700, any::<bool>()).prop_map(|(length, right)| Step::Checked(length, right)),
        Just(Step::Ask),
    ]
}

async fn walk(place: &Place, bytes: &[u8], steps: &[Step]) {
    let uploads = place.uploads();
    let id = uploads.create(OWNER, bytes.len() as u64, &metadata_of(bytes)).await.unwrap().id;
    let mut known = 0;
    for step in steps {
        let until = |length: &usize| (known + length).min(bytes.len());
        match step {
            Step::Send(length) => {
                let state = place.append(&uploads, &id, known, &bytes[known..until(length)]).await.unwrap();
                assert_eq!(state.offset as usize, until(length));
                known = until(length);
            }
            Step::Break(length) => {
                let came = Bytes::copy_from_slice(&bytes[known..until(length)]);
                let body = stream::iter(vec![Ok(came), Err(io::ErrorKind::UnexpectedEof.into())]);
                let append = Append { offset: known as u64, ..Append::default() };
                let outcome = uploads.append(OWNER, &id, append, body).await;
                if until(length) < bytes.len() {
                    assert!(matches!(outcome, Err(UploadError::Interrupted { .. })), "{outcome:?}");
                }
                known = until(length);
            }
            Step::Checked(length, right) => {
                let part = &bytes[known..until(length)];
                let outcome = place.append_checked(&uploads, &id, known, part, *right).await;
                match outcome {
                    Ok(state) => {
                        assert!(*right || known == bytes.len());
                        assert_eq!(state.offset as usize, until(length));
                        known = until(length);
                    }
                    Err(error) => assert!(!right && matches!(error, UploadError::Checksum), "{error:?}"),
                }
            }
            Step::Ask => {}
        }
        assert_eq!(uploads.status(OWNER, &id).await.unwrap().offset as usize, known, "after {step:?}");
    }
    if known < bytes.len() {
        assert!(place.append(&uploads, &id, known, &bytes[known..]).await.unwrap().finished);
    }
    place.expect_blob(bytes).await;
    place.expect_nothing_left(&id).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_client_does_the_offset_says_what_is_durable(
        size in 1_usize..3000, seed: u64, steps in prop::collection::vec(step(), 0..12), in_memory: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = if in_memory { Place::memory(512).await } else { Place::folder(512).await };
            walk(&place, &noise(size, seed), &steps).await;
        });
    }
}

#[tokio::test]
async fn the_upload_of_a_blob_is_found_again_by_its_digest() {
    let place = Place::folder(1000).await;
    let bytes = noise(3000, 9);
    let uploads = place.uploads();
    let digest = Digest::of(&bytes);
    assert_eq!(uploads.of_blob(OWNER, &digest).await.unwrap(), None);
    uploads.create(OWNER, 3000, &metadata_of(&bytes)).await.unwrap();
    let further = uploads.create(OWNER, 3000, &metadata_of(&bytes)).await.unwrap();
    let further = place.append(&uploads, &further.id, 0, &bytes[..10]).await.unwrap();
    assert_eq!(uploads.of_blob(OWNER, &digest).await.unwrap(), Some(further));
    assert_eq!(uploads.of_blob("somebody else", &digest).await.unwrap(), None);
}
