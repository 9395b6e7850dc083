//! Knows whether a tag may have changed since it was looked up, so that what has not need not be asked for again.
//!
//! One connection hears of every change, whoever makes it. While it is proved to be alive, what was found under a tag's version is so
//! until the version moves on. Without that proof nothing is known here, and readers go by the clock.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use stowaway_domain::Tag;

use crate::db::{Change, Changes, Database, DbError};
use crate::error_chain::ErrorChain;

/// How often the database is asked whether nothing happened, while nothing does.
const INTERVAL: Duration = Duration::from_millis(200);
/// For how long its answer counts. With [`INTERVAL`] and what readers remember this stays well below a second.
const PROVED_FOR: Duration = Duration::from_millis(500);
/// How long the database may take to answer here.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait before the next attempt to watch.
const PAUSE: Duration = Duration::from_millis(500);
/// Tags share this many versions: one that moves on for a tag does so for a few others.
const STRIPES: usize = 1024;

/// Versions of tags, and whether they are to be trusted.
pub(super) struct Watch {
    begun: Instant,
    /// Milliseconds after `begun`.
    trusted_until_ms: AtomicU64,
    /// Changes of any tag.
    any: AtomicU64,
    /// Changes of nobody knows what.
    unknown: AtomicU64,
    stripes: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl Default for Watch {
    /// Nothing is known yet.
    fn default() -> Self {
        let stripes = std::iter::repeat_with(AtomicU64::default).take(STRIPES).collect();
        Self {
            begun: Instant::now(),
            trusted_until_ms: AtomicU64::default(),
            any: AtomicU64::default(),
            unknown: AtomicU64::default(),
            stripes,
            hasher: RandomState::new(),
        }
    }
}

impl Watch {
    /// The version of a tag, to be read before the tag is looked up; nothing while it is not known what happens.
    pub(super) fn version(&self, tag: &Tag) -> Option<u64> {
        self.trusted().then(|| self.unknown.load(Ordering::SeqCst) + self.stripe(tag).load(Ordering::SeqCst))
    }

    /// The version of all tags together.
    pub(super) fn version_of_all(&self) -> Option<u64> {
        self.trusted().then(|| self.any.load(Ordering::SeqCst))
    }

    fn trusted(&self) -> bool {
        self.elapsed_ms(Instant::now()) < self.trusted_until_ms.load(Ordering::SeqCst)
    }

    fn elapsed_ms(&self, now: Instant) -> u64 {
        u64::try_from(now.duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }

    /// Everything up to `asked` was told.
    fn prove(&self, asked: Instant) {
        self.trusted_until_ms.store(self.elapsed_ms(asked + PROVED_FOR), Ordering::SeqCst);
    }

    /// As if the database had said that nothing will happen for so long.
    #[cfg(test)]
    pub(super) fn trust_for(&self, time: Duration) {
        self.prove(Instant::now() + time);
    }

    pub(super) fn note(&self, change: &Change) {
        let version = match change {
            Change::Tag(tag) => self.stripe(tag),
            Change::Something => &self.unknown,
        };
        version.fetch_add(1, Ordering::SeqCst);
        self.any.fetch_add(1, Ordering::SeqCst);
        metrics::counter!("stowaway_database_changes_total").increment(1);
    }

    fn stripe(&self, tag: &Tag) -> &AtomicU64 {
        let at = self.hasher.hash_one(tag.as_str()) % STRIPES as u64;
        &self.stripes[usize::try_from(at).unwrap_or(0)]
    }
}

/// Watches until nobody reads any more.
pub(super) fn begin(watch: &Arc<Watch>, database: Database) {
    tokio::spawn(run(Arc::downgrade(watch), database));
}

async fn run(watch: Weak<Watch>, database: Database) {
    let mut is_told = false;
    loop {
        match begin_once(&database).await {
            Ok(None) => return,
            Ok(Some(mut changes)) => {
                if std::mem::take(&mut is_told) {
                    tracing::info!("the database says again what changes");
                }
                let Err(error) = follow(&watch, &mut changes).await else { return };
                tell(&mut is_told, &error);
            }
            Err(error) => tell(&mut is_told, &error),
        }
        tokio::time::sleep(PAUSE).await;
        if watch.strong_count() == 0 {
            return;
        }
    }
}

/// Once an outage, and not again at every attempt.
fn tell(is_told: &mut bool, error: &Unwatched) {
    set_alive(false);
    if !std::mem::replace(is_told, true) {
        tracing::warn!(
            error = %ErrorChain(error),
            "the database does not say what changes; it is asked instead, after cache.pointer_fresh_ms"
        );
    }
}

fn set_alive(alive: bool) {
    metrics::gauge!("stowaway_database_watched").set(if alive { 1.0 } else { 0.0 });
}

#[derive(Debug, thiserror::Error)]
enum Unwatched {
    #[error("the database failed")]
    Database(#[from] DbError),
    #[error("the database did not answer within {} ms", PATIENCE.as_millis())]
    Silent(#[from] tokio::time::error::Elapsed),
}

async fn begin_once(database: &Database) -> Result<Option<Changes>, Unwatched> {
    Ok(tokio::time::timeout(PATIENCE, database.changes()).await??)
}

/// Notes what happens, until the database fails or nobody reads any more. What happened before this began is not known, so that
/// every version moves on first.
async fn follow(watch: &Weak<Watch>, changes: &mut Changes) -> Result<(), Unwatched> {
    let mut seen = vec![Change::Something];
    loop {
        let asked = Instant::now();
        seen.extend(tokio::time::timeout(PATIENCE, changes.confirm()).await??);
        let Some(watch) = watch.upgrade() else { return Ok(()) };
        seen.drain(..).for_each(|change| watch.note(&change));
        watch.prove(asked);
        set_alive(true);
        while let Some(change) = changes.wait((asked + INTERVAL).into()).await? {
            watch.note(&change);
        }
    }
}
