//! What can go wrong with uploads and publications, as problems. What broke inside is logged here, once, and not told.

use std::error::Error;

use stowaway_domain::http_date;
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;
use stowaway_domain::upload::AppendRefusal;
use stowaway_engine::error_chain::ErrorChain;
use stowaway_engine::publications::PublicationError;
use stowaway_engine::publish::PublishError;
use stowaway_engine::store::StoreError;
use stowaway_engine::uploads::UploadError;
use tokio::task::JoinError;

use super::refused::Refused;
use crate::failure::is_disk_full;

/// A task of this program ended without a word.
pub(super) fn broken_task(error: &JoinError) -> Refused {
    tracing::error!(%error, "an append broke");
    Problem::new(ProblemCode::Internal, "Ask with HEAD how far the upload is, and go on from there.").into()
}

impl From<UploadError> for Refused {
    fn from(error: UploadError) -> Self {
        let detail = format!("{error}.");
        let problem = |code| Problem::new(code, detail.clone());
        let problem = match &error {
            UploadError::NotFound { .. } => problem(ProblemCode::UploadNotFound),
            UploadError::Expired { expired_ms, .. } => {
                problem(ProblemCode::UploadExpired).with("expired", http_date::format(expired_ms / 1000))
            }
            UploadError::TooLarge { max_bytes, .. } => {
                problem(ProblemCode::UploadTooLarge).with("maxBytes", *max_bytes)
            }
            UploadError::TooMany { most } => problem(ProblemCode::TooManyUploads).with("most", *most),
            UploadError::Append(AppendRefusal::Offset { offset_bytes, .. }) => {
                problem(ProblemCode::UploadOffsetConflict).with("offset", *offset_bytes)
            }
            UploadError::Append(AppendRefusal::PastEnd { size_bytes, .. }) => {
                problem(ProblemCode::UploadPastEnd).with("size", *size_bytes)
            }
            UploadError::Busy { .. } => problem(ProblemCode::UploadLocked).with_header("retry-after", "1"),
            UploadError::Overloaded => problem(ProblemCode::Overloaded).with_header("retry-after", "1"),
            UploadError::Checksum => problem(ProblemCode::UploadChecksumMismatch),
            UploadError::Digest { received, .. } => {
                problem(ProblemCode::UploadDigestMismatch).with("received", received.hex())
            }
            UploadError::Interrupted { offset_bytes, .. } => {
                problem(ProblemCode::UploadInterrupted).with("offset", *offset_bytes)
            }
            UploadError::Damaged { .. } => {
                log(&error);
                problem(ProblemCode::StoredBytesDamaged)
            }
            UploadError::Store(source) => store(source),
            UploadError::Database(source) => database(source),
            UploadError::Claim(_) | UploadError::Fault(_) => {
                log(&error);
                Problem::new(ProblemCode::Internal, "Try again later.")
            }
        };
        problem.into()
    }
}

impl From<PublicationError> for Refused {
    fn from(error: PublicationError) -> Self {
        match error {
            PublicationError::Publish(error) => publish(&error).into(),
            PublicationError::Upload(error) => error.into(),
            PublicationError::Store(error) => store(&error).into(),
            PublicationError::Database(error) => database(&error).into(),
            error @ PublicationError::Broken => {
                log(&error);
                Problem::new(ProblemCode::Internal, "Try again later.").into()
            }
        }
    }
}

fn publish(error: &PublishError) -> Problem {
    match error {
        error if error.is_misuse() => Problem::new(ProblemCode::PublicationRefused, format!("{error}.")),
        PublishError::OverQuota { .. } => Problem::new(ProblemCode::PublicationRefused, format!("{error}.")),
        PublishError::Overtaken { .. } => {
            Problem::new(ProblemCode::PublicationOvertaken, format!("{error}.")).with_header("retry-after", "1")
        }
        PublishError::StoredDamaged { path, .. } => {
            log(error);
            Problem::new(ProblemCode::StoredBytesDamaged, format!("{error}.")).with("path", path.as_str())
        }
        PublishError::Store(error) => store(error),
        PublishError::Database(error) => database(error),
        error => {
            log(error);
            Problem::new(ProblemCode::Internal, "Try again later.")
        }
    }
}

fn store(error: &StoreError) -> Problem {
    log(error);
    if is_disk_full(error) {
        return Problem::new(ProblemCode::StorageFull, "The operator has to make room; what was acknowledged is kept.");
    }
    Problem::new(ProblemCode::StoreUnavailable, "Try again in a moment.").with_header("retry-after", "5")
}

fn database(error: &(dyn Error + 'static)) -> Problem {
    log(error);
    if is_disk_full(error) {
        return Problem::new(ProblemCode::StorageFull, "The operator has to make room; what was acknowledged is kept.");
    }
    Problem::new(ProblemCode::DatabaseUnavailable, "Try again in a moment.").with_header("retry-after", "5")
}

fn log(error: &(dyn Error + 'static)) {
    tracing::error!(error = %ErrorChain(error), "an upload or a publication failed");
}
