//! SHA-256 that can be put aside and taken up again, by another process too.

use sha2::digest::common::hazmat::{SerializableState as _, SerializedState};
use sha2::{Digest as _, Sha256};
use stowaway_domain::Digest;

use super::UploadError;

/// The hash of the bytes so far.
#[derive(Clone)]
pub(super) struct RunningHash(Sha256);

impl RunningHash {
    pub(super) fn new() -> Self {
        Self(Sha256::new())
    }

    /// Goes on where [`Self::state`] was taken.
    pub(super) fn from_state(state: &[u8]) -> Result<Self, UploadError> {
        let damaged = || UploadError::Damaged { what: "the state of its hash cannot be read" };
        let state = SerializedState::<Sha256>::try_from(state).map_err(|_| damaged())?;
        Sha256::deserialize(&state).map(Self).map_err(|_| damaged())
    }

    pub(super) fn state(&self) -> Vec<u8> {
        self.0.serialize().to_vec()
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn digest(&self) -> Digest {
        Digest::from_bytes(self.0.clone().finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_hash_that_was_put_aside_anywhere_comes_to_the_same(bytes: Vec<u8>, at in 0_usize..300) {
            let (before, after) = bytes.split_at(at.min(bytes.len()));
            let mut hash = RunningHash::new();
            hash.update(before);
            let mut again = RunningHash::from_state(&hash.state()).unwrap();
            again.update(after);
            prop_assert_eq!(again.digest(), Digest::of(&bytes));
        }
    }

    #[test]
    fn what_is_no_state_is_refused() {
        assert!(RunningHash::from_state(b"short").is_err());
    }
}
