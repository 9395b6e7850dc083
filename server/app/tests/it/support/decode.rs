//! Undoes content codings, with the decoders of the libraries that made them.

use std::io::Read as _;

use super::http::Answer;

/// More than any document of the tests.
const MAX_BYTES: usize = 16 * 1024 * 1024;

impl Answer {
    /// The body as it was before it was coded.
    #[track_caller]
    pub(crate) fn decoded(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        match self.header("content-encoding") {
            None => plain.clone_from(&self.body),
            Some("gzip") => drop(flate2::read::GzDecoder::new(self.body.as_slice()).read_to_end(&mut plain).unwrap()),
            Some("br") => brotli::BrotliDecompress(&mut self.body.as_slice(), &mut plain).unwrap(),
            Some("zstd") => plain = zstd::bulk::decompress(&self.body, MAX_BYTES).unwrap(),
            Some(other) => panic!("{other} is no coding that needs no dictionary"),
        }
        plain
    }

    /// The body as it was before it was coded against `dictionary`, whose digest it must name.
    #[track_caller]
    pub(crate) fn decoded_with(&self, dictionary: &[u8], digest: &[u8]) -> Vec<u8> {
        assert_eq!(self.header("content-encoding"), Some("dcz"));
        let (head, frame) = self.body.split_at(40);
        assert_eq!(head[..8], [0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0]);
        assert_eq!(&head[8..], digest);
        zstd::bulk::Decompressor::with_dictionary(dictionary).unwrap().decompress(frame, MAX_BYTES).unwrap()
    }
}
