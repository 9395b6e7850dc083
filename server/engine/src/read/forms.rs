//! The forms in which one document can be sent: loaded beside it, or made when somebody asks for them.

use std::sync::Arc;

use bytes::Bytes;
use stowaway_domain::coding::{self, Choice, Coding};
use stowaway_domain::negotiation::Varies;
use stowaway_domain::representation::{Representation, RepresentationFacts};
use stowaway_domain::{Digest, Tag};
use tokio::sync::OnceCell;

use super::{Content, ReadError, Resource};
use crate::compress::{Effort, MAX_BYTES, compress};

/// Codings in which documents are made while somebody waits, best first.
const MADE: [Coding; 3] = [Coding::Brotli, Coding::Zstd, Coding::Gzip];

/// The forms of a resource beside identity.
#[derive(Debug, Default)]
pub(super) struct Forms {
    coded: Coded,
    manifest: Option<Box<CurrentManifest>>,
    is_incomplete: bool,
}

/// What a form against a dictionary is made of.
#[derive(Debug)]
pub(super) struct CurrentManifest {
    pub(super) tag: Tag,
    pub(super) facts: RepresentationFacts,
}

#[derive(Debug, Default)]
enum Coded {
    #[default]
    None,
    /// Made when it was published.
    Recorded(Box<[Arc<Resource>]>),
    /// Made on demand, each once; a cell holds nothing where the form would not be smaller.
    Made(Box<Made>),
}

#[derive(Debug)]
struct Made {
    facts: RepresentationFacts,
    cells: [OnceCell<Option<Arc<Resource>>>; MADE.len()],
}

impl Forms {
    /// Forms that were made when the document was published.
    pub(super) fn recorded(forms: Vec<Arc<Resource>>) -> Self {
        Self { coded: Coded::Recorded(forms.into()), ..Self::default() }
    }

    /// None, because it could not be found out which ones there are.
    pub(super) fn incomplete() -> Self {
        Self { is_incomplete: true, ..Self::default() }
    }

    pub(super) const fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    /// Forms that are made when they are asked for, of a document in memory.
    fn made(facts: RepresentationFacts) -> Self {
        if facts.varies == Varies::Never || facts.size > MAX_BYTES {
            return Self::default();
        }
        Self { coded: Coded::Made(Box::new(Made { facts, cells: Default::default() })), ..Self::default() }
    }

    /// With forms against dictionaries: this is the current manifest of `tag`.
    pub(super) fn of_current_manifest(mut self, tag: Tag, facts: RepresentationFacts) -> Self {
        self.manifest = Some(Box::new(CurrentManifest { tag, facts }));
        self
    }

    pub(super) fn current_manifest(&self) -> Option<&CurrentManifest> {
        self.manifest.as_deref()
    }

    /// Bytes in memory, those that are still to be made included.
    pub(super) fn memory_bytes(&self) -> u64 {
        match &self.coded {
            Coded::None => 0,
            Coded::Recorded(forms) => forms.iter().map(|form| form.memory_bytes()).sum(),
            Coded::Made(made) => made.facts.size * MADE.len() as u64,
        }
    }
}

impl Resource {
    /// A document in memory whose forms are made when they are asked for, each once.
    #[must_use]
    pub fn made_on_demand(facts: RepresentationFacts, bytes: Bytes) -> Self {
        let representation = Representation::new(facts.clone());
        Self { forms: Forms::made(facts), ..Self::new(representation, Content::Memory(bytes)) }
    }

    /// The coded forms that can be sent to who accepts `accept_encoding`.
    pub(super) async fn coded_forms(&self, accept_encoding: &str) -> Result<Vec<Arc<Resource>>, ReadError> {
        match &self.forms.coded {
            Coded::None => Ok(Vec::new()),
            Coded::Recorded(forms) => Ok(forms.to_vec()),
            Coded::Made(made) => Ok(self.make(made, accept_encoding).await?.into_iter().collect()),
        }
    }

    /// Makes the form that the client likes best, or the next where that one would not be smaller.
    async fn make(&self, made: &Made, accept_encoding: &str) -> Result<Option<Arc<Resource>>, ReadError> {
        let Content::Memory(bytes) = &self.content else { return Ok(None) };
        let mut left = MADE.to_vec();
        while let Choice::Send(coding) = coding::choose(&left, Some(accept_encoding)) {
            let Some(at) = MADE.iter().position(|&known| known == coding) else { return Ok(None) };
            let form = made.cells[at].get_or_try_init(|| made_form(&made.facts, coding, bytes.clone())).await?;
            if let Some(form) = form {
                return Ok(Some(Arc::clone(form)));
            }
            left.retain(|&other| other != coding);
        }
        Ok(None)
    }
}

async fn made_form(
    facts: &RepresentationFacts,
    coding: Coding,
    bytes: Bytes,
) -> Result<Option<Arc<Resource>>, ReadError> {
    let coded = off_thread(move || compress(coding, Effort::Waiting, &bytes)).await?;
    Ok(coded.map(|coded| form(facts, coding, coded.into())))
}

/// A form in memory.
pub(super) fn form(facts: &RepresentationFacts, coding: Coding, bytes: Bytes) -> Arc<Resource> {
    let facts = facts.coded(coding, Digest::of(&bytes), bytes.len() as u64);
    Arc::new(Resource::new(Representation::new(facts), Content::Memory(bytes)))
}

/// Compresses where no request waits for the thread.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, ReadError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(std::io::Error::other).flatten().map_err(ReadError::Compression)
}
