//! What can be answered for one address, with every header that does not depend on the request made once.
//!
//! Build it when the thing is loaded, keep it beside the thing, and plan every answer from it: an answer then copies a list of
//! references and formats at most one number.

use crate::Digest;
use crate::bundle::{self, BundleLayout};
use crate::cache_policy::{CachePolicy, SurrogateKey};
use crate::coding::Coding;
use crate::conditional::{DateOrder, Validators};
use crate::cors;
use crate::header_text::{Header, HeaderText};
use crate::headers::PreparedHeaders;
use crate::http_date;
use crate::media_type;
use crate::negotiation::Varies;
use crate::piece::Piece;
use crate::repr_digest::repr_digest;

/// What a representation is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepresentationFacts {
    /// SHA-256 of the bytes that are sent.
    pub digest: Digest,
    /// How many.
    pub size: u64,
    /// Value of `Content-Type`.
    pub media_type: String,
    /// How the bytes are coded.
    pub coding: Coding,
    /// By what the address chooses among forms of which this is one.
    pub varies: Varies,
    /// How long answers may be kept.
    pub cache: CachePolicy,
    /// By which keys an edge purges them.
    pub surrogate_keys: Vec<SurrogateKey>,
    /// More headers of 200 and 206 answers, such as `content-security-policy`.
    pub extra: Vec<Header>,
}

impl RepresentationFacts {
    /// The bytes of a blob under one of its names. Text comes in several forms; media is identity only. What a browser would run
    /// is sandboxed: it is a listener's file, not a page.
    #[must_use]
    pub fn blob(digest: Digest, size: u64, media_type: &str) -> Self {
        let sandbox = media_type::is_active(media_type).then_some(("content-security-policy", "sandbox".into()));
        Self {
            digest,
            size,
            media_type: media_type::content_type(media_type),
            coding: Coding::Identity,
            varies: if media_type::is_text(media_type) { Varies::ByCoding } else { Varies::Never },
            cache: CachePolicy::Immutable,
            surrogate_keys: Vec::new(),
            extra: sandbox.into_iter().collect(),
        }
    }

    /// The same document in another form, of its own bytes.
    #[must_use]
    pub fn coded(&self, coding: Coding, digest: Digest, size: u64) -> Self {
        Self { digest, size, coding, ..self.clone() }
    }
}

/// One version of what an address answers. Cheap to share, not to make.
#[derive(Debug, Clone)]
pub struct Representation {
    /// SHA-256 of the bytes.
    pub(crate) digest: Digest,
    /// How many.
    pub(crate) size: u64,
    pub(crate) media_type: HeaderText,
    etag: String,
    last_modified_unix_s: u64,
    date_order: DateOrder,
    coding: Coding,
    varies: Varies,
    /// Headers of 200 and 206, without those about type, range and digests.
    pub(crate) full_headers: Box<[Header]>,
    /// `Repr-Digest`, where the digest is known.
    pub(crate) repr_digest: Option<Header>,
    /// `Content-Digest` of a whole answer, where it is sent.
    pub(crate) content_digest: Option<Header>,
    /// All headers of a 200, and of a 206 but its range.
    pub(crate) whole_headers: PreparedHeaders,
    /// Headers of 304: what RFC 9110 §15.4.5 asks for, and CORS.
    pub(crate) not_modified_headers: PreparedHeaders,
}

/// Headers among the extra ones that a 304 must repeat (RFC 9110 §15.4.5).
const REPEATED_WHEN_NOT_MODIFIED: [&str; 1] = ["content-location"];

impl Representation {
    /// Makes every header that does not depend on the request.
    #[must_use]
    pub fn new(facts: RepresentationFacts) -> Self {
        let etag = facts.digest.etag();
        let repr_digest = ("repr-digest", repr_digest(&facts.digest).into());
        Self::build(facts, etag, Some(repr_digest))
    }

    /// The bytes of a blob under one of its names.
    #[must_use]
    pub fn blob(digest: Digest, size: u64, media_type: &str) -> Self {
        Self::new(RepresentationFacts::blob(digest, size, media_type))
    }

    /// A run of pieces of a blob as a whole answer. Nothing for an empty run.
    ///
    /// One piece is named by its digest, which is the `Content-Digest` of the whole answer as well. The bytes of several have never been hashed together, so their entity tag is made of
    /// the pieces' digests, which fix the bytes as well, and there is no digest header.
    #[must_use]
    pub fn part(pieces: &[Piece]) -> Option<Self> {
        let facts = |digest| RepresentationFacts {
            digest,
            size: pieces.iter().map(|piece| piece.length).sum(),
            media_type: media_type::OCTET_STREAM.to_owned(),
            coding: Coding::Identity,
            varies: Varies::Never,
            cache: CachePolicy::Immutable,
            surrogate_keys: Vec::new(),
            extra: Vec::new(),
        };
        match pieces {
            [] => None,
            [piece] => {
                let content_digest = Some(("content-digest", repr_digest(&piece.sha256).into()));
                Some(Self { content_digest, ..Self::new(facts(piece.sha256)) })
            }
            several => {
                let names: Vec<u8> = several.iter().flat_map(|piece| *piece.sha256.as_bytes()).collect();
                let name = Digest::of(&names);
                Some(Self::build(facts(name), format!("\"pieces:{}\"", name.hex()), None))
            }
        }
    }

    /// A bundle, offered as `file_name`. Its bytes are never hashed together, so there is no `Repr-Digest`; a body range is to be
    /// walked with [`BundleLayout::segments`].
    #[must_use]
    pub fn bundle(layout: &BundleLayout, file_name: &str, cache: CachePolicy) -> Self {
        let quoted = file_name.replace(['"', '\\'], "_");
        let facts = RepresentationFacts {
            digest: layout.digest(),
            size: layout.total_size(),
            media_type: bundle::MEDIA_TYPE.to_owned(),
            coding: Coding::Identity,
            varies: Varies::Never,
            cache,
            surrogate_keys: Vec::new(),
            extra: vec![("content-disposition", format!("attachment; filename=\"{quoted}\"").into())],
        };
        Self::build(facts, layout.etag(), None)
    }

    fn build(facts: RepresentationFacts, etag: String, repr_digest: Option<Header>) -> Self {
        let last_modified_unix_s = facts.digest.last_modified_unix_s();
        let mut shared: Vec<Header> =
            vec![("etag", etag.clone().into()), ("last-modified", http_date::format(last_modified_unix_s).into())];
        shared.extend(facts.cache.headers(&facts.surrogate_keys));
        shared.extend(cors::READ_HEADERS.iter().cloned());
        shared.extend(facts.varies.header().map(|names| ("vary", names.into())));

        let mut full = shared.clone();
        full.push(("accept-ranges", "bytes".into()));
        full.extend(facts.coding.token().map(|token| ("content-encoding", token.into())));
        full.push(("x-content-type-options", "nosniff".into()));
        let repeated = |header: &&Header| REPEATED_WHEN_NOT_MODIFIED.contains(&header.0);
        shared.extend(facts.extra.iter().filter(repeated).cloned());
        full.extend(facts.extra);
        let media_type = HeaderText::from(facts.media_type);
        let mut whole = vec![("content-type", media_type.clone())];
        whole.extend(full.iter().chain(&repr_digest).cloned());
        Self {
            digest: facts.digest,
            size: facts.size,
            media_type,
            etag,
            last_modified_unix_s,
            date_order: match (facts.cache, facts.coding) {
                (CachePolicy::Immutable, Coding::Identity) => DateOrder::Chronological,
                // Coded forms have dates of their own, which are neither before nor after the others': a date must never join
                // bytes of two forms.
                _ => DateOrder::Opaque,
            },
            coding: facts.coding,
            varies: facts.varies,
            repr_digest,
            content_digest: None,
            full_headers: full.into(),
            whole_headers: PreparedHeaders::new(whole),
            not_modified_headers: PreparedHeaders::new(shared),
        }
    }

    /// SHA-256 of the bytes; for a run of several pieces, of their digests.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub const fn media_type(&self) -> &HeaderText {
        &self.media_type
    }

    /// A header of whole answers other than those about type and digests.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&HeaderText> {
        self.full_headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Is [`digest`](Self::digest) that of the bytes? Those of bundles and of runs of pieces are never hashed together.
    #[must_use]
    pub const fn has_digest(&self) -> bool {
        self.repr_digest.is_some()
    }

    /// How the bytes are coded.
    #[must_use]
    pub const fn coding(&self) -> Coding {
        self.coding
    }

    /// Does the address choose among forms, of which this is one?
    #[must_use]
    pub const fn varies(&self) -> bool {
        !matches!(self.varies, Varies::Never)
    }

    /// The value of `Vary`, where there is one.
    #[must_use]
    pub const fn vary(&self) -> Option<&'static str> {
        self.varies.header()
    }

    /// The strong entity tag, quotes included.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// What conditions are compared with.
    #[must_use]
    pub fn validators(&self) -> Validators<'_> {
        Validators { etag: &self.etag, last_modified_unix_s: self.last_modified_unix_s, date_order: self.date_order }
    }
}
