//! The one place that turns what went wrong into a problem. What the client reads names the thing and what to do; what broke
//! inside is for the log.

use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;
use stowaway_domain::{Tag, cors, href};
use stowaway_engine::error_chain::ErrorChain;
use stowaway_engine::read::ReadError;
use stowaway_engine::store::StoreError;

/// No such address.
pub(crate) fn unknown_address() -> Problem {
    Problem::new(ProblemCode::AddressNotFound, "Check the spelling; /tags lists what is here.")
}

/// Bytes that are no request.
pub(crate) fn malformed() -> Problem {
    Problem::new(
        ProblemCode::BadRequest,
        "What was sent is no request of HTTP/1.1 (RFC 9112). The connection is closed.",
    )
}

/// Neither GET, HEAD nor OPTIONS.
pub(crate) fn method_not_allowed(method: &str) -> Problem {
    Problem::new(ProblemCode::MethodNotAllowed, format!("{method} does nothing here: use {}.", cors::ALLOWED_METHODS))
        .with_header("allow", cors::ALLOWED_METHODS)
}

/// The binary was built before the client.
pub(crate) fn built_without_client() -> Problem {
    Problem::new(ProblemCode::AddressNotFound, "This server was built without the client: run make build.")
}

/// The problem of a failed read. What is the operator's business is logged here, once.
pub(crate) fn problem(error: &ReadError) -> Problem {
    match error {
        ReadError::NoTag(tag) => {
            Problem::new(ProblemCode::TagNotFound, format!("Nothing was published under {tag}; /tags lists what was."))
                .with("tag", tag.as_str())
        }
        ReadError::Unpublished { tag, since } => unpublished(tag, since),
        ReadError::NoRelease { tag, release } => Problem::new(
            ProblemCode::ReleaseNotFound,
            format!("{tag} has no release {release}; {} is the current one.", href::current_manifest(tag)),
        )
        .with("tag", tag.as_str())
        .with("release", *release),
        ReadError::Retired { tag, release } => retired(tag, *release),
        ReadError::BlobRemoved(_) => Problem::new(
            ProblemCode::BlobRemoved,
            "The releases that had it were retired: take the address from a current manifest.",
        ),
        ReadError::NoSelection { tag, release, selection } => Problem::new(
            ProblemCode::SelectionNotFound,
            format!(
                "Release {release} of {tag} has no selection {selection:?}; {} lists what it has.",
                href::release_manifest(tag, *release)
            ),
        )
        .with("tag", tag.as_str())
        .with("release", *release)
        .with("selection", selection.as_str()),
        ReadError::NoAsset { tag, release, path } => Problem::new(
            ProblemCode::AssetNotFound,
            format!("Release {release} of {tag} has no {path}; {} lists what it has.", href::current_manifest(tag)),
        )
        .with("tag", tag.as_str())
        .with("release", *release)
        .with("path", path.as_str()),
        ReadError::NoBlob { .. } | ReadError::NoPieceIndex(_) => {
            Problem::new(ProblemCode::BlobNotFound, "Take the address from a manifest, with the file name it gives.")
        }
        ReadError::NoPieces { pieces, .. } => {
            Problem::new(ProblemCode::PieceNotFound, format!("The blob has {pieces} pieces, counted from 0."))
                .with("pieces", *pieces)
        }
        ReadError::Database(_) | ReadError::DatabaseSilent { .. } => {
            unavailable(ProblemCode::DatabaseUnavailable, error)
        }
        ReadError::Compression(_) => {
            log(error);
            Problem::new(ProblemCode::Internal, "Ask with Accept-Encoding: identity, or try again later.")
        }
        ReadError::Store(StoreError::NotFound { .. } | StoreError::Short { .. } | StoreError::TooLarge { .. })
        | ReadError::Damaged { .. } => {
            log(error);
            Problem::new(ProblemCode::StoredBytesDamaged, "The operator has to restore it; the log names the object.")
        }
        ReadError::Store(StoreError::ObjectChanged { .. }) => changed(error),
        ReadError::Store(_) | ReadError::StoreSilent { .. } => unavailable(ProblemCode::StoreUnavailable, error),
    }
}

fn changed(error: &ReadError) -> Problem {
    log(error);
    let detail = "The operator has to put the old object back or adopt the new one; the log names it.";
    Problem::new(ProblemCode::ObjectChanged, detail)
}

fn retired(tag: &Tag, release: u64) -> Problem {
    let current = href::current_manifest(tag);
    Problem::new(
        ProblemCode::ReleaseRetired,
        format!("{tag} keeps release {release} no more; {current} is the current one."),
    )
    .with("tag", tag.as_str())
    .with("release", release)
}

fn unavailable(code: ProblemCode, error: &ReadError) -> Problem {
    log(error);
    Problem::new(code, "Try again in a moment.").with_header("retry-after", "5")
}

fn unpublished(tag: &Tag, since: &str) -> Problem {
    Problem::new(ProblemCode::TagUnpublished, format!("{tag} was taken back at {since}; keep what you have."))
        .with("tag", tag.as_str())
        .with("unpublished", since)
}

/// A coded form cannot be read, and the text is sent as it is instead.
pub(crate) fn coded_form_lost(error: &ReadError) {
    metrics::counter!("stowaway_coded_forms_lost_total").increment(1);
    tracing::error!(error = %ErrorChain(error), "a coded form is lost: its text is sent as it is");
}

fn log(error: &ReadError) {
    tracing::error!(error = %ErrorChain(error), "a read failed");
}
