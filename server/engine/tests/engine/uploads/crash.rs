//! An upload that is stopped at any point, by an error or with its process, goes on and ends whole.

use std::sync::Arc;

use proptest::prelude::*;
use stowaway_domain::StoreKey;
use stowaway_engine::db::Database;
use stowaway_engine::uploads::{UploadError, UploadFaultPoint, Uploads};

use super::place::{OWNER, Place, database_in, metadata_of, open_folder, options};
use crate::faults::{AbortAt, FailAt, death, expect_death, for_rows};
use crate::scene::noise;

const PART: usize = 1000;

/// Everything that a client does with an upload: makes it, appends to it twice, and removes another.
async fn whole_life(place: &Place, uploads: &Uploads, bytes: &[u8]) -> Result<(), UploadError> {
    let id = uploads.create(OWNER, bytes.len() as u64, &metadata_of(bytes)).await?.id;
    let half = bytes.len() / 2;
    place.append(uploads, &id, 0, &bytes[..half]).await?;
    place.append(uploads, &id, half, &bytes[half..]).await?;
    let other = uploads.create(OWNER, 10, &metadata_of(b"other")).await?.id;
    uploads.remove(OWNER, &other).await
}

/// As a client does after its server has come back: it looks for its upload, and makes another only when there is none.
async fn go_on(place: &Place, bytes: &[u8]) {
    let uploads = place.uploads();
    let digest = stowaway_domain::Digest::of(bytes);
    let state = match uploads.of_blob(OWNER, &digest).await.unwrap() {
        // What is recorded is asked for, as that may finish it.
        Some(state) => uploads.status(OWNER, &state.id).await.unwrap(),
        None => uploads.create(OWNER, bytes.len() as u64, &metadata_of(bytes)).await.unwrap(),
    };
    if !state.finished {
        let offset = state.offset as usize;
        assert!(place.append(&uploads, &state.id, offset, &bytes[offset..]).await.unwrap().finished);
    }
    place.expect_blob(bytes).await;
}

/// A blob is there whole or not at all, whenever one looks.
async fn expect_nothing_half(place: &Place, bytes: &[u8]) {
    let size = place.store.size(&StoreKey::Blob(stowaway_domain::Digest::of(bytes))).await.unwrap();
    if size.is_some() {
        place.expect_blob(bytes).await;
    }
}

#[tokio::test]
async fn every_fault_point_is_reached_in_the_order_in_which_it_is_listed() {
    let place = Place::memory(PART).await;
    let hook = FailAt::new(None);
    let uploads = place.uploads().with_faults(hook.clone());
    whole_life(&place, &uploads, &noise(2500, 1)).await.unwrap();
    assert_eq!(hook.firsts(), UploadFaultPoint::ALL);
}

#[tokio::test]
async fn an_error_at_any_point_loses_nothing_that_was_acknowledged() {
    for &point in UploadFaultPoint::ALL {
        for place in [Place::folder(PART).await, Place::memory(PART).await] {
            // In parts, and in one.
            for size in [2500, PART] {
                let bytes = noise(size, size as u64);
                let uploads = place.uploads().with_faults(FailAt::new(Some(point)));
                if let Err(failed) = whole_life(&place, &uploads, &bytes).await {
                    assert!(matches!(failed, UploadError::Fault(at) if at == point), "{point:?}: {failed}");
                }
                expect_nothing_half(&place, &bytes).await;
                go_on(&place, &bytes).await;
            }
        }
    }
}

/// As a client goes on that sends so many bytes at a time and knows nothing but what the server says: how far it came, and how that ended.
async fn go_on_with(place: &Place, uploads: &Uploads, bytes: &[u8], step: usize) -> (u64, Result<(), UploadError>) {
    let mut acknowledged = 0;
    let outcome = async {
        let mut state = match uploads.of_blob(OWNER, &stowaway_domain::Digest::of(bytes)).await? {
            Some(state) => uploads.status(OWNER, &state.id).await?,
            None => uploads.create(OWNER, bytes.len() as u64, &metadata_of(bytes)).await?,
        };
        acknowledged = state.offset;
        while !state.finished {
            let from = state.offset as usize;
            let to = bytes.len().min(from + step);
            state = place.append(uploads, &state.id, from, &bytes[from..to]).await?;
            acknowledged = state.offset;
        }
        Ok(())
    };
    let outcome = outcome.await;
    (acknowledged, outcome)
}

/// Several ends one after another, each at any point and with steps of any length: what was acknowledged once stays.
#[test]
fn any_row_of_ends_loses_nothing_that_was_acknowledged() {
    let end = (proptest::sample::select(UploadFaultPoint::ALL), 1..=3_usize, 1..=2 * PART);
    let rows = (proptest::collection::vec(end, 1..6), 1..=4 * PART, any::<bool>());
    for_rows(48, rows, |(ends, size, in_folder)| async move {
        let place = if in_folder { Place::folder(PART).await } else { Place::memory(PART).await };
        let bytes = noise(size, size as u64);
        let mut acknowledged = 0;
        for (point, nth, step) in ends {
            let uploads = place.uploads().with_faults(FailAt::nth(Some(point), nth));
            let (now, outcome) = go_on_with(&place, &uploads, &bytes, step).await;
            if let Err(failed) = &outcome {
                assert!(matches!(failed, UploadError::Fault(at) if *at == point), "{point:?}: {failed}");
            }
            expect_nothing_half(&place, &bytes).await;
            let kept = place.uploads().of_blob(OWNER, &stowaway_domain::Digest::of(&bytes)).await.unwrap();
            acknowledged = acknowledged.max(now);
            let offset = kept.map_or(0, |state| state.offset);
            assert!(offset >= acknowledged, "{offset} of {acknowledged} acknowledged bytes after {point:?}");
        }
        go_on(&place, &bytes).await;
    });
}

#[tokio::test]
#[ignore = "the process that a_process_that_dies_… starts and that dies"]
async fn dies() {
    let (name, directory) = death();
    let point = *UploadFaultPoint::ALL.iter().find(|point| point.name() == name).unwrap();
    let db = Database::open(&database_in(&directory)).await.unwrap();
    let uploads = Uploads::new(open_folder(&directory, PART), db, options()).with_faults(Arc::new(AbortAt(point)));
    let place = Place::folder(PART).await;
    let outcome = whole_life(&place, &uploads, &noise(2500, 5)).await;
    panic!("should have died at {point:?}: {outcome:?}");
}

#[tokio::test]
async fn a_process_that_dies_at_any_point_loses_nothing_that_was_acknowledged() {
    // In a folder no tail is kept elsewhere.
    for &point in UploadFaultPoint::ALL.iter().filter(|&&point| point != UploadFaultPoint::TailStored) {
        let place = Place::folder(PART).await;
        expect_death("uploads::crash::dies", point.name(), place.directory.path());
        let bytes = noise(2500, 5);
        expect_nothing_half(&place, &bytes).await;
        go_on(&place, &bytes).await;
    }
}
