//! Decides what to forget: entries with weights, in the order in which they were last used. Pure: the caller acts on what it gives up.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Entries in order of use. A use is only noted: entries find their place in the order when something is to be forgotten, which takes
/// logarithmic time for each that was used since.
#[derive(Debug)]
pub struct Recency<K, V> {
    entries: HashMap<K, Entry<V>>,
    /// Keys by a moment no later than their last use, oldest first.
    order: BTreeMap<u64, K>,
    now: u64,
    weight: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    weight: u64,
    used: u64,
    /// Where it stands in the order.
    placed: u64,
}

impl<K, V> Default for Recency<K, V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: BTreeMap::new(), now: 0, weight: 0 }
    }
}

impl<K: Clone + Eq + Hash, V> Recency<K, V> {
    /// The sum of all weights.
    #[must_use]
    pub const fn weight(&self) -> u64 {
        self.weight
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an entry, or replaces one, as the one used last.
    pub fn insert(&mut self, key: K, value: V, weight: u64) {
        self.remove(&key);
        self.now += 1;
        self.weight += weight;
        self.order.insert(self.now, key.clone());
        self.entries.insert(key, Entry { value, weight, used: self.now, placed: self.now });
    }

    /// An entry, which is thereby the one used last.
    pub fn get(&mut self, key: &K) -> Option<&mut V> {
        let entry = self.entries.get_mut(key)?;
        if entry.used != self.now {
            self.now += 1;
            entry.used = self.now;
        }
        Some(&mut entry.value)
    }

    /// All values, in no order, and none of them used thereby.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut().map(|entry| &mut entry.value)
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let entry = self.entries.remove(key)?;
        self.order.remove(&entry.placed);
        self.weight -= entry.weight;
        Some(entry.value)
    }

    /// Takes out what was not used for longest until the weights are no more than `bound`.
    pub fn shrink_to(&mut self, bound: u64) -> Vec<(K, V)> {
        let mut given_up = Vec::new();
        while self.weight > bound {
            let Some((placed, key)) = self.order.pop_first() else { break };
            match self.entries.get_mut(&key) {
                Some(entry) if entry.used != placed => {
                    entry.placed = entry.used;
                    self.order.insert(entry.used, key);
                }
                // Nobody stands before it, and so nobody was used earlier.
                _ => given_up.extend(self.remove(&key).map(|value| (key, value))),
            }
        }
        given_up
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_used_last_stays() {
        let mut entries = Recency::default();
        for key in ["a", "b", "c"] {
            entries.insert(key, (), 10);
        }
        assert!(entries.get(&"a").is_some());
        assert_eq!(entries.shrink_to(20), [("b", ())]);
        assert_eq!(entries.shrink_to(19), [("c", ())]);
        assert_eq!((entries.len(), entries.weight()), (1, 10));
        assert_eq!(entries.shrink_to(0), [("a", ())]);
        assert!(entries.is_empty());
    }

    #[test]
    fn an_entry_that_is_replaced_counts_once() {
        let mut entries = Recency::default();
        entries.insert("a", 1, 10);
        entries.insert("a", 2, 3);
        assert_eq!((entries.len(), entries.weight()), (1, 3));
        assert_eq!(entries.remove(&"a"), Some(2));
        assert_eq!(entries.remove(&"a"), None);
        assert_eq!(entries.weight(), 0);
    }

    proptest! {
        /// Against the same thing done slowly: a list, oldest first.
        #[test]
        fn it_does_what_a_list_does(steps in prop::collection::vec((0..4_u8, 0..12_u8, 1..9_u64), 1..200)) {
            let mut entries = Recency::default();
            let mut list: Vec<(u8, u64)> = Vec::new();
            for (step, key, weight) in steps {
                let at = list.iter().position(|(held, _)| *held == key);
                match step {
                    0 => {
                        entries.insert(key, (), weight);
                        if let Some(at) = at { list.remove(at); }
                        list.push((key, weight));
                    }
                    1 => {
                        prop_assert_eq!(entries.get(&key).is_some(), at.is_some());
                        if let Some(at) = at { let held = list.remove(at); list.push(held); }
                    }
                    2 => {
                        prop_assert_eq!(entries.remove(&key).is_some(), at.is_some());
                        if let Some(at) = at { list.remove(at); }
                    }
                    _ => {
                        let bound = weight * 4;
                        let mut expected = Vec::new();
                        while list.iter().map(|(_, weight)| weight).sum::<u64>() > bound {
                            expected.push((list.remove(0).0, ()));
                        }
                        prop_assert_eq!(entries.shrink_to(bound), expected);
                    }
                }
                prop_assert_eq!(entries.len(), list.len());
                prop_assert_eq!(entries.weight(), list.iter().map(|(_, weight)| weight).sum::<u64>());
            }
        }
    }
}
