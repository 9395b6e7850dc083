//! From a resource to the form of it that a client gets: the planner decides (`domain/negotiation`), this makes what it decides on.

use std::sync::Arc;

use stowaway_domain::Digest;
use stowaway_domain::coding::{self, Coding};
use stowaway_domain::conditional::{Conditions, Method};
use stowaway_domain::negotiation::{Form, select};

use super::forms::{CurrentManifest, form, off_thread};
use super::{Content, ReadError, Reader, Resource};
use crate::compress::{MAX_BYTES, compress_against};
use crate::error_chain::ErrorChain;

/// What a client says about forms.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// GET or HEAD.
    pub method: Method,
    /// Conditions and range.
    pub conditions: Conditions<'a>,
    /// `Accept-Encoding`.
    pub accept_encoding: Option<&'a str>,
    /// The dictionary that it has, where one may be used.
    pub dictionary: Option<Digest>,
}

impl Reader {
    /// The form to answer with; nothing when the client accepts none. Resources that come in one form are that form.
    ///
    /// # Errors
    /// A form had to be made, and could not be.
    pub async fn select(
        &self,
        resource: &Arc<Resource>,
        asked: &Asked<'_>,
    ) -> Result<Option<Arc<Resource>>, Arc<ReadError>> {
        let Some(accept_encoding) = asked.accept_encoding.filter(|_| resource.representation.varies()) else {
            return Ok(Some(Arc::clone(resource)));
        };
        let mut forms = vec![Arc::clone(resource)];
        forms.extend(resource.coded_forms(accept_encoding).await?);
        forms.extend(self.form_against_dictionary(resource, accept_encoding, asked.dictionary).await);
        let offers: Vec<Form<'_>> = forms.iter().map(|form| offer(form)).collect();
        let selected = select(&offers, Some(accept_encoding), asked.method, &asked.conditions);
        Ok(selected.map(|at| Arc::clone(&forms[at])))
    }

    /// The form against the client's dictionary, when there is one: it saves bytes, so that what stops it costs only these.
    async fn form_against_dictionary(
        &self,
        resource: &Resource,
        accept_encoding: &str,
        dictionary: Option<Digest>,
    ) -> Option<Arc<Resource>> {
        let (manifest, dictionary) = (resource.forms.current_manifest()?, dictionary?);
        if coding::weight(Coding::DictionaryZstd, Some(accept_encoding)) == 0 {
            return None;
        }
        let key = (resource.representation.digest(), dictionary);
        if let Some(held) = self.caches.deltas.get(&key).await {
            return Some(held);
        }
        let made = self.make_delta(manifest, resource, dictionary).await;
        made.unwrap_or_else(|error| {
            tracing::warn!(
                tag = %manifest.tag,
                error = %ErrorChain(&*error),
                "answering without the client's dictionary"
            );
            None
        })
    }

    /// A dictionary is any release's manifest of the same tag; nothing when it is none.
    async fn make_delta(
        &self,
        manifest: &CurrentManifest,
        resource: &Resource,
        dictionary: Digest,
    ) -> Result<Option<Arc<Resource>>, Arc<ReadError>> {
        let release = self.within(self.database.release_of_manifest(&manifest.tag, &dictionary)).await?;
        let Some(release) = release else { return Ok(None) };
        let before = self.release_manifest(&manifest.tag, release).await?;
        let (Content::Memory(before), Content::Memory(now)) = (&before.content, &resource.content) else {
            return Ok(None);
        };
        if (before.len() + now.len()) as u64 > MAX_BYTES {
            return Ok(None);
        }
        let (before, now) = (before.clone(), now.clone());
        let make = async {
            let coded = off_thread(move || compress_against(&before, &dictionary, &now)).await?;
            Ok(form(&manifest.facts, Coding::DictionaryZstd, coded.into()))
        };
        self.caches.deltas.try_get_with((resource.representation.digest(), dictionary), make).await.map(Some)
    }
}

fn offer(resource: &Resource) -> Form<'_> {
    let representation = &resource.representation;
    Form { coding: representation.coding(), size: representation.size(), etag: representation.etag() }
}
