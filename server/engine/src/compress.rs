//! Makes coded forms of documents that are whole in memory. The same input gives the same bytes with the same build of the
//! program; never call it on a thread that serves requests.

use std::io;

use flate2::{Compression, GzBuilder};
use stowaway_domain::Digest;
use stowaway_domain::coding::Coding;
use zstd::bulk::Compressor;
use zstd::zstd_safe::CParameter;

/// Larger documents are identity only: what is compressed is held in memory.
pub(crate) const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// The codings that documents are stored in.
pub(crate) const STORED: [Coding; 3] = [Coding::Brotli, Coding::Zstd, Coding::Gzip];

/// How a `dcz` stream begins (RFC 9842 §5): a skippable frame of 32 bytes, which are the dictionary's SHA-256.
const DCZ_MAGIC: [u8; 8] = [0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0];
/// Decoders need not have a larger window for a dictionary of up to 6.4 MiB (RFC 9842 §5): 2^23 bytes.
const DCZ_MAX_WINDOW_LOG: u32 = 23;
const DCZ_LEVEL: i32 = 6;
/// Up to here, the best that brotli can do takes less than a quarter of a second.
const BROTLI_BEST_BYTES: usize = 128 * 1024;
/// Up to here, so does the best that Zstandard can do.
const ZSTD_BEST_BYTES: usize = 1024 * 1024;
/// Of zlib-rs, 6 makes smaller documents than 9.
const GZIP_LEVEL: u32 = 6;

/// How much time a form is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Made once, sent for years.
    Lasting,
    /// Made once, but half of it are digests, which nothing makes smaller: more effort only takes longer.
    Digests,
    /// Made while somebody waits.
    Waiting,
}

impl Effort {
    /// Quality of brotli and level of Zstandard; `docs/adr/0023` has the measurements.
    const fn levels(self, bytes: usize) -> (i32, i32) {
        match self {
            Self::Lasting if bytes <= BROTLI_BEST_BYTES => (11, 19),
            Self::Lasting if bytes <= ZSTD_BEST_BYTES => (5, 19),
            Self::Lasting => (5, 12),
            Self::Digests | Self::Waiting => (4, 3),
        }
    }
}

/// The coded form, when it is smaller than the document.
pub(crate) fn compress(coding: Coding, effort: Effort, bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let (quality, zstd_level) = effort.levels(bytes.len());
    let coded = match coding {
        Coding::Brotli => brotli(quality, bytes)?,
        Coding::Zstd => Compressor::new(zstd_level)?.compress(bytes)?,
        Coding::Gzip => gzip(bytes)?,
        Coding::Identity | Coding::DictionaryZstd => return Ok(None),
    };
    Ok((coded.len() < bytes.len()).then_some(coded))
}

/// The `dcz` form against a dictionary that the client has.
pub(crate) fn compress_against(dictionary: &[u8], digest: &Digest, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressor = Compressor::with_dictionary(DCZ_LEVEL, dictionary)?;
    let reach = (dictionary.len() + bytes.len()).max(1);
    let window_log = usize::BITS - (reach - 1).leading_zeros();
    compressor.set_parameter(CParameter::WindowLog(window_log.clamp(10, DCZ_MAX_WINDOW_LOG)))?;
    let mut coded = [DCZ_MAGIC.as_slice(), digest.as_bytes()].concat();
    coded.extend(compressor.compress(bytes)?);
    Ok(coded)
}

fn brotli(quality: i32, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_TEXT,
        size_hint: bytes.len(),
        lgwin: window_log(bytes.len()),
        ..Default::default()
    };
    let mut coded = Vec::new();
    brotli::BrotliCompress(&mut io::Cursor::new(bytes), &mut coded, &parameters)?;
    Ok(coded)
}

/// A window as large as the document: the encoder's memory is a multiple of the window's, however little there is to find in it.
fn window_log(bytes: usize) -> i32 {
    let reach = usize::BITS - bytes.saturating_sub(1).leading_zeros();
    reach.clamp(10, 22).cast_signed()
}

/// Without name, time or system, which would differ between machines.
fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    use std::io::Write as _;
    const UNKNOWN_SYSTEM: u8 = 255;
    let builder = GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM);
    let mut encoder = builder.write(Vec::new(), Compression::new(GZIP_LEVEL));
    encoder.write_all(bytes)?;
    encoder.finish()
}
