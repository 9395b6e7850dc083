//! Releases that are there: listed, and the pointer of a tag moved among them or away. Nothing here makes a release or removes one.

use stowaway_domain::Tag;
use stowaway_domain::scope::TagPrefix;

use crate::db::{Database, DbError, PointerMove, ReleaseRow, TagState, TagUse, Totals};
use crate::error_chain::ErrorChain;
use crate::records;
use crate::store::Store;
use crate::timestamp;

/// How often a move is tried again because something else moved the pointer meanwhile.
const MAX_ATTEMPTS: u32 = 5;

/// Why a pointer was not moved.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// Nothing was ever published under the tag.
    #[error("there is no tag {0}")]
    NoTag(Tag),
    /// The tag has no such release.
    #[error("the tag {tag} has no release {release}")]
    NoRelease {
        /// The tag.
        tag: Tag,
        /// The number asked for.
        release: u64,
    },
    /// The tag had such a release, and let it go.
    #[error("release {release} of {tag} was retired")]
    Retired {
        /// The tag.
        tag: Tag,
        /// The number asked for.
        release: u64,
    },
    /// The tag is not what the caller has seen.
    #[error("the tag {tag} has changed: it is at {version} now")]
    Changed {
        /// The tag.
        tag: Tag,
        /// Its version.
        version: String,
    },
    /// Others were faster, again and again.
    #[error("the tag {tag} was changed by others {attempts} times in a row")]
    Overtaken {
        /// The tag.
        tag: Tag,
        /// How often it was tried.
        attempts: u32,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbError),
}

/// The pointer of a tag after a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The tag as it is now.
    pub state: TagState,
    /// Was it otherwise before?
    pub changed: bool,
}

/// A look at tags, and moves of their pointers.
#[derive(Clone)]
pub struct Releases {
    store: Store,
    database: Database,
}

impl Releases {
    /// Over this store, where the state of a moved tag is noted, and this database.
    #[must_use]
    pub const fn new(store: Store, database: Database) -> Self {
        Self { store, database }
    }

    /// A tag.
    ///
    /// # Errors
    /// There is none of that name, or the database failed.
    pub async fn tag(&self, tag: &Tag) -> Result<TagState, ReleaseError> {
        self.database.find_tag(tag).await?.ok_or_else(|| ReleaseError::NoTag(tag.clone()))
    }

    /// Up to `limit` tags after `after` that begin with one of these prefixes, which are in order and do not overlap.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tags(
        &self,
        prefixes: &[TagPrefix],
        after: Option<&Tag>,
        limit: u32,
    ) -> Result<Vec<TagState>, DbError> {
        let mut found: Vec<TagState> = Vec::new();
        for prefix in prefixes {
            let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            let (from, to) = prefix.range_after(after);
            if left > 0 && from < to {
                found.extend(self.database.tag_states(&from, &to, left).await?);
            }
        }
        Ok(found)
    }

    /// Up to `limit` releases of a tag before that of number `before` (or all), newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn page(&self, tag: &Tag, before: Option<u64>, limit: u32) -> Result<Vec<ReleaseRow>, DbError> {
        self.database.releases_page(tag, before, limit).await
    }

    /// What there is in all.
    ///
    /// # Errors
    /// The database failed.
    pub async fn totals(&self) -> Result<Totals, DbError> {
        self.database.totals().await
    }

    /// What the releases of a tag need.
    ///
    /// # Errors
    /// There is no such tag, or the database failed.
    pub async fn tag_use(&self, tag: &Tag) -> Result<TagUse, ReleaseError> {
        self.tag(tag).await?;
        Ok(self.database.tag_use(tag).await?)
    }

    /// Makes an old release the current one, and offers the tag again if it was taken back. `expected` is the version of the tag
    /// that the caller has seen.
    ///
    /// # Errors
    /// There is no such tag or release, the tag is another version, or the database failed: nothing was moved.
    #[tracing::instrument(skip_all, fields(tag = %tag, release))]
    pub async fn roll_back(&self, tag: &Tag, release: u64, expected: Option<&Expected>) -> Result<Moved, ReleaseError> {
        self.tag(tag).await?;
        self.expect_present(tag, release).await?;
        self.move_pointer(tag, PointerMove::To(release), expected).await
    }

    /// Takes a tag back: readers of its pointer are told that it is gone, and the catalogue leaves it out. What is immutable stays.
    ///
    /// # Errors
    /// There is no such tag, it is another version, or the database failed: nothing was moved.
    #[tracing::instrument(skip_all, fields(tag = %tag))]
    pub async fn unpublish(&self, tag: &Tag, expected: Option<&Expected>) -> Result<Moved, ReleaseError> {
        self.move_pointer(tag, PointerMove::Away, expected).await
    }

    async fn expect_present(&self, tag: &Tag, release: u64) -> Result<(), ReleaseError> {
        if self.database.release(tag, release).await?.is_some() {
            return Ok(());
        }
        let tag = tag.clone();
        Err(match self.database.is_retired(&tag, release).await? {
            true => ReleaseError::Retired { tag, release },
            false => ReleaseError::NoRelease { tag, release },
        })
    }

    async fn move_pointer(
        &self,
        tag: &Tag,
        to: PointerMove,
        expected: Option<&Expected>,
    ) -> Result<Moved, ReleaseError> {
        for _ in 0..MAX_ATTEMPTS {
            let seen = self.tag(tag).await?;
            if expected.is_some_and(|expected| !expected.holds(&seen)) {
                return Err(ReleaseError::Changed { tag: tag.clone(), version: version(&seen) });
            }
            if is_there(&seen, to) {
                return Ok(Moved { state: seen, changed: false });
            }
            if let PointerMove::To(release) = to {
                self.expect_present(tag, release).await?;
            }
            if self.database.move_pointer(&seen, to, &timestamp::now()).await? {
                self.note(tag).await;
                return Ok(Moved { state: self.tag(tag).await?, changed: true });
            }
        }
        Err(ReleaseError::Overtaken { tag: tag.clone(), attempts: MAX_ATTEMPTS })
    }

    /// For who makes the database again from the store. Readers have the change already, so that a store that is away undoes nothing.
    async fn note(&self, tag: &Tag) {
        if let Err(error) = records::keep_tag_state(&self.store, &self.database, tag).await {
            tracing::warn!(%tag, error = %ErrorChain(&error), "the store has no note of where the tag points now");
        }
    }
}

/// The versions of a tag on which a caller's wish holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected(Vec<String>);

impl Expected {
    /// One of these.
    #[must_use]
    pub const fn one_of(versions: Vec<String>) -> Self {
        Self(versions)
    }

    fn holds(&self, state: &TagState) -> bool {
        self.0.contains(&version(state))
    }
}

/// Names the state of a tag's pointer: another one has another version.
#[must_use]
pub fn version(state: &TagState) -> String {
    let TagState { release, last_release, unpublished, .. } = state;
    match unpublished {
        None => format!("{release}.{last_release}"),
        Some(since) => format!("{release}.{last_release}.{since}"),
    }
}

fn is_there(seen: &TagState, to: PointerMove) -> bool {
    match to {
        PointerMove::To(release) => seen.unpublished.is_none() && seen.release == release,
        PointerMove::Away => seen.unpublished.is_some(),
    }
}
