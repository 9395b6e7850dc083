//! What addresses were resolved to a moment ago: a worker's own table, so that what is asked for all the time costs one look.
//!
//! Entries are used for a moment only and keep nothing alive: what the reader lets go of is gone from here too.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use stowaway_domain::query_policy::AddressKind;
use stowaway_engine::read::Resource;

use super::route::Route;

/// Addresses that a worker remembers. Each has one place; who comes later takes it.
const PLACES: usize = 1024;
/// How long what never changes is used without asking the reader whether it is still there.
const IMMUTABLE_USED: Duration = Duration::from_secs(1);

/// The table of a worker.
pub(super) struct Recent {
    places: Vec<Option<Entry>>,
    current_used: Duration,
}

struct Entry {
    path: Box<str>,
    resource: Weak<Resource>,
    pattern: &'static str,
    is_built_in: bool,
    until: Instant,
}

/// What an address was resolved to.
pub(super) struct Resolved {
    pub(super) resource: Arc<Resource>,
    /// [`Route::pattern`] of the address.
    pub(super) pattern: &'static str,
    pub(super) is_built_in: bool,
}

impl Recent {
    /// An empty table. What an address currently answers is used for `current_used`.
    pub(super) fn new(current_used: Duration) -> Self {
        Self { places: std::iter::repeat_with(|| None).take(PLACES).collect(), current_used }
    }

    /// What `path`, without a query, was resolved to.
    pub(super) fn find(&self, path: &str, now: Instant) -> Option<Resolved> {
        let entry = self.places[place(path)].as_ref()?;
        if now >= entry.until || *entry.path != *path {
            return None;
        }
        let resource = entry.resource.upgrade()?;
        Some(Resolved { resource, pattern: entry.pattern, is_built_in: entry.is_built_in })
    }

    /// Remembers what `path`, without a query, was just resolved to.
    pub(super) fn insert(&mut self, path: &str, route: &Route, resource: &Arc<Resource>, now: Instant) {
        let used = match route.kind() {
            AddressKind::Immutable | AddressKind::Page => IMMUTABLE_USED,
            AddressKind::Current => self.current_used,
            AddressKind::Catalogue | AddressKind::Bundle | AddressKind::Operation => return,
        };
        self.places[place(path)] = Some(Entry {
            path: path.into(),
            resource: Arc::downgrade(resource),
            pattern: route.pattern(),
            is_built_in: route.is_built_in(),
            until: now + used,
        });
    }
}

/// Spreads paths. One that is made to meet another costs the two of them a look into the reader's caches, and no more.
fn place(path: &str) -> usize {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = path.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mix = |hash: u64, word: &[u8; 8]| (hash ^ u64::from_le_bytes(*word)).wrapping_mul(MULTIPLIER).rotate_left(29);
    let hash = words.iter().chain([&last]).fold(path.len() as u64, mix);
    usize::try_from(hash % PLACES as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stowaway_domain::Digest;
    use stowaway_domain::representation::Representation;
    use stowaway_engine::read::Content;

    fn resource() -> Arc<Resource> {
        let bytes = b"bytes";
        let representation = Representation::blob(Digest::of(bytes), bytes.len() as u64, "text/plain");
        Arc::new(Resource::new(representation, Content::Memory(bytes.as_slice().into())))
    }

    fn insert(recent: &mut Recent, path: &str, resource: &Arc<Resource>, now: Instant) {
        recent.insert(path, &Route::parse(path).unwrap(), resource, now);
    }

    #[test]
    fn what_was_resolved_is_found_for_a_moment() {
        let (mut recent, now, resource) = (Recent::new(Duration::from_millis(100)), Instant::now(), resource());
        let (current, page) = ("/tags/a/manifest.json", "/client/app/app.css");
        insert(&mut recent, current, &resource, now);
        insert(&mut recent, page, &resource, now);
        let found = recent.find(current, now + Duration::from_millis(99)).unwrap();
        assert!(Arc::ptr_eq(&found.resource, &resource));
        assert_eq!((found.pattern, found.is_built_in), ("/tags/{tag}/manifest.json", false));
        assert!(recent.find(current, now + Duration::from_millis(100)).is_none());
        assert!(recent.find(page, now + Duration::from_millis(100)).unwrap().is_built_in);
        assert!(recent.find(page, now + Duration::from_secs(1)).is_none());
        assert!(recent.find("/tags/b/manifest.json", now).is_none());
    }

    #[test]
    fn nothing_is_kept_alive_and_what_depends_on_more_than_the_path_is_not_remembered() {
        let (mut recent, now, resource) = (Recent::new(Duration::from_secs(1)), Instant::now(), resource());
        for path in ["/tags", "/tags/a/latest.zip", "/tags/a/releases/1.zip", "/healthz"] {
            insert(&mut recent, path, &resource, now);
            assert!(recent.find(path, now).is_none(), "{path}");
        }
        insert(&mut recent, "/tags/a/manifest.json", &resource, now);
        drop(resource);
        assert!(recent.find("/tags/a/manifest.json", now).is_none());
    }

    #[test]
    fn two_addresses_at_one_place_are_two_addresses() {
        let (mut recent, now, resource) = (Recent::new(Duration::from_secs(1)), Instant::now(), resource());
        let path = |number: usize| format!("/tags/a{number}/manifest.json");
        let other = (1..).map(path).find(|other| place(other) == place(&path(0))).unwrap();
        insert(&mut recent, &path(0), &resource, now);
        assert!(recent.find(&other, now).is_none());
        insert(&mut recent, &other, &resource, now);
        assert!(recent.find(&other, now).is_some() && recent.find(&path(0), now).is_none());
    }
}
