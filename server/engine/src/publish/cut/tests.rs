use std::collections::HashSet;
use std::io::Read;

use proptest::prelude::*;
use stowaway_domain::Digest;
use stowaway_domain::chunk::chunk_length;
use stowaway_domain::content::Content;
use stowaway_domain::piece::{PIECE_AVERAGE_BYTES, PIECE_MAX_BYTES, PIECE_MIN_BYTES};

use super::cut;

fn cut_bytes(bytes: &[u8]) -> Content {
    cut(bytes, bytes.len() as u64, |_| Ok(())).unwrap()
}

/// Bytes without pattern, the same for the same seed.
fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut data: Vec<u8> = std::iter::repeat_with(&mut next).take(bytes / 8 + 1).flatten().collect();
    data.truncate(bytes);
    data
}

/// Gives as few bytes a read as a slow disk or pipe may.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.1.min(buffer.len());
        self.0.read(&mut buffer[..length])
    }
}

fn expect_exact(content: &Content, bytes: &[u8]) {
    assert_eq!(content.digest, Digest::of(bytes));
    assert_eq!(content.size, bytes.len() as u64);
    assert_eq!(content.crc32, crc32fast::hash(bytes));
    let mut joined = Vec::new();
    for (index, piece) in content.pieces.iter().enumerate() {
        assert_eq!(piece.offset, joined.len() as u64);
        let slice = &bytes[piece.offset as usize..(piece.offset + piece.length) as usize];
        assert_eq!(piece.sha256, Digest::of(slice));
        assert!(piece.length <= u64::from(PIECE_MAX_BYTES));
        assert!(piece.length >= u64::from(PIECE_MIN_BYTES) || index + 1 == content.pieces.len());
        joined.extend_from_slice(slice);
    }
    assert_eq!(joined, bytes);
    let chunks: Vec<Digest> = bytes.chunks(chunk_length(content.size) as usize).map(Digest::of).collect();
    assert_eq!(content.chunks, if chunks.len() > 1 { chunks } else { Vec::new() });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn pieces_and_chunks_are_those_of_the_file(size in 0_usize..30_000_000, seed: u64) {
        let bytes = noise(size, seed);
        expect_exact(&cut_bytes(&bytes), &bytes);
    }

    #[test]
    fn how_the_bytes_arrive_does_not_move_a_cut(size in 0_usize..20_000_000, seed: u64, read in 1000_usize..700_000) {
        let bytes = noise(size, seed);
        prop_assert_eq!(cut(Dribble(&bytes, read), size as u64, |_| Ok(())).unwrap(), cut_bytes(&bytes));
    }

    #[test]
    fn bytes_put_in_front_leave_most_pieces_as_they_were(front in 1_usize..300_000, seed: u64) {
        let bytes = noise(16 * 1024 * 1024, seed);
        let longer = [noise(front, !seed), bytes.clone()].concat();
        let known: HashSet<Digest> = cut_bytes(&bytes).pieces.iter().map(|piece| piece.sha256).collect();
        let after = cut_bytes(&longer);
        let new_bytes: u64 = after.pieces.iter().filter(|piece| !known.contains(&piece.sha256)).map(|piece| piece.length).sum();
        prop_assert!(new_bytes < longer.len() as u64 / 2, "{new_bytes} of {} bytes are new", longer.len());
    }
}

#[test]
fn an_empty_file_has_no_pieces() {
    expect_exact(&cut_bytes(b""), b"");
    assert!(cut_bytes(b"").pieces.is_empty());
}

#[test]
fn a_small_file_is_one_piece_with_the_digest_of_the_file() {
    let content = cut_bytes(b"WEBVTT\n");
    assert_eq!(content.pieces.len(), 1);
    assert_eq!(content.pieces[0].sha256, content.digest);
}

#[test]
fn a_file_without_any_pattern_to_cut_at_is_cut_at_the_largest_piece() {
    let bytes = vec![0; 3 * PIECE_MAX_BYTES as usize + 5];
    let content = cut_bytes(&bytes);
    expect_exact(&content, &bytes);
    assert_eq!(content.pieces[0].length, u64::from(PIECE_MAX_BYTES));
}

/// Clients hold pieces by digest: other cuts would make every client download everything again.
#[test]
fn cuts_are_those_of_fastcdc_2020_for_ever() {
    let bytes = noise(40 * 1024 * 1024, 7);
    let reference = fastcdc::v2020::FastCDC::new(
        &bytes,
        PIECE_MIN_BYTES as usize,
        PIECE_AVERAGE_BYTES as usize,
        PIECE_MAX_BYTES as usize,
    );
    let expected: Vec<(u64, u64)> = reference.map(|chunk| (chunk.offset as u64, chunk.length as u64)).collect();
    let cuts: Vec<(u64, u64)> = cut_bytes(&bytes).pieces.iter().map(|piece| (piece.offset, piece.length)).collect();
    assert_eq!(cuts, expected);
    assert_eq!(cuts[..3], [(0, 3_160_829), (3_160_829, 623_195), (3_784_024, 1_055_047)]);
}

/// A file that grows or shrinks after its size was asked for is read to its end all the same; who asked compares.
#[test]
fn a_size_that_is_wrong_changes_no_piece() {
    for (size, said) in [(100, 0), (100, 5_000_000), (20_000_000, 1), (3_000_000, 50_000_000)] {
        let bytes = noise(size, 3);
        let (right, wrong) = (cut_bytes(&bytes), cut(bytes.as_slice(), said, |_| Ok(())).unwrap());
        assert_eq!((wrong.digest, wrong.size, wrong.crc32), (right.digest, right.size, right.crc32));
        assert_eq!(wrong.pieces, right.pieces);
    }
}

#[test]
fn an_error_while_reading_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("bad sector"))
        }
    }
    let later = noise(20_000_000, 1);
    assert_eq!(cut(Broken, 5, |_| Ok(())).unwrap_err().to_string(), "bad sector");
    let broken = later.as_slice().chain(Broken);
    assert_eq!(cut(broken, 30_000_000, |_| Ok(())).unwrap_err().to_string(), "bad sector");
}

#[test]
fn a_reader_that_is_told_to_stop_stops_after_the_piece() {
    let bytes = noise(20 * 1024 * 1024, 1);
    let mut pieces = 0;
    let stopped = cut(bytes.as_slice(), bytes.len() as u64, |_| {
        pieces += 1;
        Err(std::io::Error::other("enough"))
    });
    assert!(stopped.is_err());
    assert_eq!(pieces, 1);
}
