//! Coded forms that a publish makes: which documents have them, that each is what it says, and that they are made once.

use std::io::Read as _;

use stowaway_domain::coding::Coding;
use stowaway_domain::{Digest, StoreKey};
use stowaway_engine::db::VariantRow;

use super::scene::{Scene, tag, wav};

const MAX_BYTES: usize = 1024 * 1024;

impl Scene {
    /// The recorded forms of a document, after each was found stored and decoded to it.
    pub(crate) async fn forms_of(&self, document: &[u8]) -> Vec<VariantRow> {
        let rows = self.db.variants(&Digest::of(document)).await.unwrap();
        for row in &rows {
            let bytes = self.store.get_bytes(&row.key(), MAX_BYTES as u64).await.unwrap();
            assert_eq!((Digest::of(&bytes), bytes.len() as u64), (row.digest, row.size));
            assert!(bytes.len() < document.len(), "{:?}", row.coding);
            assert_eq!(decode(row.coding, &bytes), document, "{:?}", row.coding);
        }
        rows
    }
}

fn decode(coding: Coding, bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match coding {
        Coding::Gzip => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap()),
        Coding::Brotli => brotli::BrotliDecompress(&mut &bytes[..], &mut plain).unwrap(),
        Coding::Zstd => plain = zstd::bulk::decompress(bytes, MAX_BYTES).unwrap(),
        Coding::Identity | Coding::DictionaryZstd => panic!("{coding:?} is not stored"),
    }
    plain
}

fn captions() -> Vec<u8> {
    let cues = (0..50).map(|at| format!("00:00:{at:02}.000 --> 00:00:{at:02}.900\nListen, and listen again.\n\n"));
    format!("WEBVTT\n\n{}", cues.collect::<String>()).into_bytes()
}

async fn published() -> Scene {
    let scene = Scene::new().await;
    scene.write("01.wav", wav(30_000, 1));
    scene.write("01.en.vtt", captions());
    scene.write("tiny.txt", "a");
    scene.publish().await.unwrap();
    scene
}

#[tokio::test]
async fn texts_and_documents_have_every_coding_and_media_has_none() {
    let scene = published().await;
    let row = scene.db.release(&tag(), 1).await.unwrap().unwrap();
    let manifest = scene.store.get_bytes(&row.manifest_key(), u64::MAX).await.unwrap();
    let pieces = scene.store.get_bytes(&row.pieces_key(), u64::MAX).await.unwrap();
    let index = StoreKey::BlobPieces(Digest::of(&wav(30_000, 1)));
    let index = scene.store.get_bytes(&index, u64::MAX).await.unwrap();
    for document in [manifest.as_ref(), &pieces, &index, &captions()] {
        let codings: Vec<Coding> = scene.forms_of(document).await.iter().map(|row| row.coding).collect();
        assert_eq!(codings, [Coding::Brotli, Coding::Gzip, Coding::Zstd]);
    }
    assert_eq!(scene.forms_of(&wav(30_000, 1)).await, []);
    assert_eq!(scene.forms_of(b"a").await, [], "no form of one byte is smaller");
}

#[tokio::test]
async fn publishing_the_same_bytes_elsewhere_makes_the_same_forms() {
    let (one, other) = (published().await, published().await);
    let forms = one.forms_of(&captions()).await;
    assert_eq!(forms.len(), 3);
    assert_eq!(forms, other.forms_of(&captions()).await);
}

#[tokio::test]
async fn a_form_that_is_recorded_stays_whatever_a_later_compressor_makes() {
    let scene = published().await;
    let forms = scene.forms_of(&captions()).await;
    let stored = scene.stored_files();
    let other = VariantRow { digest: Digest::of(b"other"), size: 5, ..forms[0].clone() };
    scene.db.record_variants(&[other]).await.unwrap();
    scene.publish().await.unwrap();
    assert_eq!(scene.forms_of(&captions()).await, forms);
    assert_eq!(scene.stored_files(), stored);
}

#[tokio::test]
async fn publishing_an_unchanged_folder_makes_up_for_forms_that_were_never_made() {
    let scene = published().await;
    let forms = scene.forms_of(&captions()).await;
    scene.forget_forms().await;
    assert_eq!(scene.forms_of(&captions()).await, []);
    scene.publish().await.unwrap();
    assert_eq!(scene.forms_of(&captions()).await, forms);
}
