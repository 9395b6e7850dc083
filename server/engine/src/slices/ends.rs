//! Where recent answers ended: one that begins there goes on with another.

use stowaway_domain::Digest;

/// Ends remembered, each at one place; who comes later takes it. Forgetting one costs a reader a slice fetched ahead, and no more.
const PLACES: usize = 1024;

/// Blobs and the positions behind the last byte of answers about them.
pub(super) struct Ends(Box<[Option<(Digest, u64)>]>);

impl Default for Ends {
    fn default() -> Self {
        Self(vec![None; PLACES].into())
    }
}

impl Ends {
    /// Notes an answer about `first` to `end`. Does it begin where another one ended?
    pub(super) fn follows(&mut self, digest: Digest, first: u64, end: u64) -> bool {
        let follows = self.0[place(&digest, first)].take_if(|known| *known == (digest, first)).is_some();
        self.0[place(&digest, end)] = Some((digest, end));
        follows
    }
}

fn place(digest: &Digest, at: u64) -> usize {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = (digest.prefix() ^ at).wrapping_mul(MULTIPLIER) >> 32;
    usize::try_from(mixed).unwrap_or(0) % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_follows_the_one_that_ended_where_it_begins_once() {
        let (mut ends, one, other) = (Ends::default(), Digest::of(b"one"), Digest::of(b"other"));
        assert!(!ends.follows(one, 0, 100));
        assert!(!ends.follows(other, 100, 200));
        assert!(!ends.follows(one, 99, 150));
        assert!(ends.follows(one, 100, 180));
        assert!(!ends.follows(one, 100, 170), "only one reader goes on from there");
        assert!(ends.follows(one, 180, 300));
    }
}
