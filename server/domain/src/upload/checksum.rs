//! `Upload-Checksum`: what the bytes of one append hash to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// The algorithms, as `Tus-Checksum-Algorithm` lists them.
pub const SUPPORTED_CHECKSUMS: &str = "sha1,sha256";

/// What a client says that an append hashes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    algorithm: Algorithm,
    expected: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha1,
    Sha256,
}

/// Why a header is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Upload-Checksum is {0:?}: write one of {SUPPORTED_CHECKSUMS}, a space and the checksum in base64")]
pub struct ChecksumError(String);

impl Checksum {
    /// Reads the header.
    ///
    /// # Errors
    /// An algorithm that is not known, no base64, or not as many bytes as the algorithm gives.
    pub fn parse(header: &str) -> Result<Self, ChecksumError> {
        let refuse = || ChecksumError(header.chars().take(120).collect());
        let (name, value) = header.trim().split_once(' ').ok_or_else(refuse)?;
        let (algorithm, length) = match name {
            "sha1" => (Algorithm::Sha1, 20),
            "sha256" => (Algorithm::Sha256, 32),
            _ => return Err(refuse()),
        };
        let expected = STANDARD.decode(value.trim()).ok().filter(|bytes| bytes.len() == length).ok_or_else(refuse)?;
        Ok(Self { algorithm, expected })
    }

    /// Begins to hash what the client sends.
    #[must_use]
    pub fn hasher(self) -> ChecksumHasher {
        let state = match self.algorithm {
            Algorithm::Sha1 => State::Sha1(Sha1::new()),
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
        };
        ChecksumHasher { state, expected: self.expected }
    }
}

/// Hashes an append while it comes.
#[derive(Debug, Clone)]
pub struct ChecksumHasher {
    state: State,
    expected: Vec<u8>,
}

#[derive(Debug, Clone)]
enum State {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl ChecksumHasher {
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Sha1(state) => state.update(bytes),
            State::Sha256(state) => state.update(bytes),
        }
    }

    /// Whether all of the bytes were what the client says.
    #[must_use]
    pub fn matches(self) -> bool {
        match self.state {
            State::Sha1(state) => state.finalize().as_slice() == self.expected,
            State::Sha256(state) => state.finalize().as_slice() == self.expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(header: &str, bytes: &[u8]) -> bool {
        let mut hasher = Checksum::parse(header).unwrap().hasher();
        bytes.chunks(3).for_each(|chunk| hasher.update(chunk));
        hasher.matches()
    }

    #[test]
    fn both_algorithms_tell_right_from_wrong() {
        // The example of the specification.
        assert!(matches("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", b"hello world"));
        assert!(!matches("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", b"hello worlD"));
        assert!(matches("sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", b"hello world"));
        assert!(!matches("sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", b""));
    }

    #[test]
    fn other_headers_are_refused() {
        for bad in ["", "sha1", "md5 Kq5s", "sha1 Kq5s", "sha1 ?", "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0="] {
            assert!(Checksum::parse(bad).is_err(), "{bad}");
        }
    }
}
