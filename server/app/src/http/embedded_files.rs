//! The built client as resources: pages, worker and library, each with its security headers, made once at start-up.

use std::collections::HashMap;
use std::sync::Arc;

use stowaway_domain::cache_policy::CachePolicy;
use stowaway_domain::coding::Coding;
use stowaway_domain::header_text::{Header, HeaderText};
use stowaway_domain::media_type;
use stowaway_domain::negotiation::Varies;
use stowaway_domain::problem::Problem;
use stowaway_domain::representation::RepresentationFacts;
use stowaway_engine::read::Resource;

use super::error;
use crate::embedded::{self, ClientFile};

/// The page of the console.
const CONSOLE_PAGE: &str = "admin.html";
/// What a page may load and do: media also from object URLs, styles also inline, as the custom elements have theirs.
const CONTENT_SECURITY_POLICY: Header = (
    "content-security-policy",
    HeaderText::from_static(
        "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; \
         object-src 'none'; base-uri 'none'; frame-ancestors 'self'",
    ),
);
/// What the console may: nothing but its own files and this server. It holds a token while it is open.
const CONSOLE_SECURITY_POLICY: Header = (
    "content-security-policy",
    HeaderText::from_static(
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
);
const NO_REFERRER: Header = ("referrer-policy", HeaderText::from_static("no-referrer"));
const REFERRER_POLICY: Header = ("referrer-policy", HeaderText::from_static("strict-origin-when-cross-origin"));
/// Lets the worker control the whole site wherever it is registered from.
const WORKER_SCOPE: Header = ("service-worker-allowed", HeaderText::from_static("/"));

/// The files of the built client, by their path in it.
pub(crate) struct EmbeddedFiles(HashMap<String, Arc<Resource>>);

impl EmbeddedFiles {
    /// Takes what was compiled in.
    pub(crate) fn load() -> Self {
        Self(embedded::client_files().map(|file| (file.path.clone().into_owned(), Arc::new(resource(file)))).collect())
    }

    /// Every file with its path.
    pub(crate) fn into_iter(self) -> impl Iterator<Item = (String, Arc<Resource>)> {
        self.0.into_iter()
    }

    /// The file at `path`.
    ///
    /// # Errors
    /// It does not exist, or the binary was built without the client.
    pub(crate) fn find(&self, path: &str) -> Result<Arc<Resource>, Problem> {
        let missing = || if self.0.is_empty() { error::built_without_client() } else { error::unknown_address() };
        self.0.get(path).cloned().ok_or_else(missing)
    }
}

fn resource(file: ClientFile) -> Resource {
    let is_console = file.path == CONSOLE_PAGE;
    let extra = match file.path.as_ref() {
        CONSOLE_PAGE => vec![CONSOLE_SECURITY_POLICY, NO_REFERRER],
        "sw.js" => vec![CONTENT_SECURITY_POLICY, WORKER_SCOPE],
        path if path.ends_with(".html") => vec![CONTENT_SECURITY_POLICY, REFERRER_POLICY],
        _ => Vec::new(),
    };
    let is_text = media_type::is_text(file.media_type);
    let facts = RepresentationFacts {
        digest: file.digest,
        size: file.bytes.len() as u64,
        media_type: file.media_type.to_owned(),
        coding: Coding::Identity,
        varies: if is_text { Varies::ByCoding } else { Varies::Never },
        cache: if is_console { CachePolicy::NoStore } else { CachePolicy::Revalidate },
        surrogate_keys: Vec::new(),
        extra,
    };
    Resource::made_on_demand(facts, file.bytes)
}
