//! Media made on the spot: small, valid, and different wherever they should be.

use std::path::Path;

/// Samples a second; one byte each.
const RATE_HZ: u32 = 8000;

/// A WAV file of `seconds`, its sound chosen by `seed`, which also decides every byte of it.
pub(crate) fn wav(seconds: u32, seed: u8) -> Vec<u8> {
    let count = RATE_HZ * seconds;
    let mut bytes = Vec::with_capacity(44 + count as usize);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + count).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    bytes.extend_from_slice(&16_u32.to_le_bytes());
    bytes.extend_from_slice(&[1, 0, 1, 0]);
    bytes.extend_from_slice(&RATE_HZ.to_le_bytes());
    bytes.extend_from_slice(&RATE_HZ.to_le_bytes());
    bytes.extend_from_slice(&[1, 0, 8, 0]);
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&count.to_le_bytes());
    // xorshift: bytes that repeat nowhere, so that pieces are cut everywhere.
    let mut state = 0x9e37_79b9_u32 ^ (u32::from(seed) << 8) | 1;
    bytes.extend((0..count).map(|_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    }));
    bytes
}

/// `count` bytes of text that says where it is.
pub(crate) fn digits(count: usize) -> Vec<u8> {
    (0..count).map(|at| b'0' + u8::try_from(at % 10).expect("a digit")).collect()
}

/// A course with two modules: three lessons, of which one is long enough to have several pieces, captions, and attachments of
/// the sizes that the vectors need.
pub(crate) fn course(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders can be made");
        std::fs::write(path, bytes).expect("files can be written");
    };
    write("tag.toml", b"title = \"Course\"\nlanguage = \"en\"\n");
    write("01-first/01-short.wav", &wav(1, 1));
    write("01-first/01-short.en.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nNoise.\n");
    write("01-first/02-long.wav", &wav(600, 2));
    write("02-second/01-\u{dc}ber 100%.wav", &wav(2, 3));
    for count in [10, 100, 1000, 100_000] {
        write(&format!("02-second/{count}-digits.txt"), &digits(count));
    }
    write("02-second/page.html", b"<!doctype html><script>alert(1)</script>");
}
