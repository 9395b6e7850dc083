//! Explains every problem to the people who meet it. `docs/reference/problems.md` is made of this.

use std::fmt::Write as _;

use crate::problem_code::ProblemCode;

/// What the reference says about a problem beyond its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// When the server answers with it.
    pub when: &'static str,
    /// What whoever meets it can do.
    pub what_to_do: &'static str,
}

/// Explains a problem.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a table with one row a code")]
pub const fn explanation(code: ProblemCode) -> Explanation {
    let (when, what_to_do) = match code {
        ProblemCode::AddressNotFound => (
            "The path is none that the server has, or is not written in its one right form.",
            "Check the spelling; `/tags` lists what is here.",
        ),
        ProblemCode::TagNotFound => (
            "No release of that tag was ever published.",
            "Publish one, or take a tag from `/tags`. A new tag shows at once: this answer is never cached.",
        ),
        ProblemCode::ReleaseNotFound => (
            "The tag exists, but has no release of that number.",
            "Take the number from the current manifest, `download.release`, or from one before it.",
        ),
        ProblemCode::SelectionNotFound => (
            "A bundle was asked for with `?selection=` and an id that the release does not have.",
            "Take an id from `download.selections` of the manifest, or leave the query out for everything.",
        ),
        ProblemCode::AssetNotFound => (
            "The current release has no asset at that path; it may have been renamed or left out.",
            "Take the path from the current manifest.",
        ),
        ProblemCode::BlobNotFound => (
            "No release has a file with these bytes, or none has it under this name.",
            "Take the address from a manifest, with the file name it gives.",
        ),
        ProblemCode::PieceNotFound => (
            "The blob is cut into fewer pieces, or the run is written backwards.",
            "Take numbers from the piece index; they count from 0 and both ends are included.",
        ),
        ProblemCode::BadQuery => {
            ("A value of the query is outside its bounds.", "Correct the value that `detail` names.")
        }
        ProblemCode::QueryNotAllowed => (
            "The address was asked with a query key that it does not have, or with one twice.",
            "Ask without the query, or with the keys that `detail` names; tracking parameters go to `/tags/{tag}/media/`.",
        ),
        ProblemCode::BadRequest => (
            "The request, or a header of it, cannot be read at all.",
            "Correct what `detail` names; the same request will fail again.",
        ),
        ProblemCode::ReleaseRetired => (
            "The release is older than its tag keeps: the operator set how many, or for how long.",
            "Take the current release; there is no way back to this one.",
        ),
        ProblemCode::BlobRemoved => (
            "Every release that had the file was retired, and the file was removed.",
            "Take the address from the current manifest; who has the bytes already may keep them.",
        ),
        ProblemCode::BadBody => (
            "The body is no JSON, lacks a member, has one too many, or a value is outside its bounds.",
            "Correct what `detail` names; `/api/openapi.json` says what the address takes.",
        ),
        ProblemCode::UnsupportedMediaType => (
            "`Content-Type` is not one that the address takes.",
            "Send the one that `detail` names, and say so in `Content-Type`.",
        ),
        ProblemCode::BodyTooLarge => {
            ("The body has more bytes than the address takes.", "Send less; `detail` says how many bytes it may have.")
        }
        ProblemCode::BodyTimeout => {
            ("The body of the request did not come in time.", "Try again over a better connection.")
        }
        ProblemCode::TokenMissing => (
            "An address below `/api` was asked without a token.",
            "Send `Authorization: Bearer sw_…`; `stowaway token create` makes one.",
        ),
        ProblemCode::TokenUnknown => (
            "The token was never made, is misspelt, or was made in another database.",
            "Check that all of it arrived, or make another: `stowaway token create`.",
        ),
        ProblemCode::TokenExpired => (
            "The token was good until the moment in `expired`.",
            "Make another: `stowaway token create`. If it should be good, check the clock of the server.",
        ),
        ProblemCode::TokenRevoked => {
            ("The token was revoked at the moment in `revoked`.", "Ask whoever revoked it, or make another.")
        }
        ProblemCode::ScopeMissing => (
            "The token is good, but may not do this. Whether what was asked for exists is not said.",
            "Use a token with the scope in `scope`: `stowaway token create --scope …`.",
        ),
        ProblemCode::RateLimited => (
            "A token asks more often than `api.requests_per_second`, or too many wrong tokens came from the address.",
            "Try again after `Retry-After` seconds, and more slowly.",
        ),
        ProblemCode::TokenNotFound => {
            ("No token of that id was ever made.", "Take the id from `/api/tokens`, or from the token: `sw_{id}_…`.")
        }
        ProblemCode::JobNotFound => {
            ("No job of that id is on record: of each kind the last hundred are kept.", "Take the id from `/api/jobs`.")
        }
        ProblemCode::JobRunning => (
            "One job of a kind runs at a time, whatever the server or command; `job` says which one does.",
            "Wait until it is done; one whose process is gone counts as ended some minutes after it was last seen.",
        ),
        ProblemCode::TagUnpublished => (
            "The tag was published once, and taken back since. Addresses of its releases and blobs still answer.",
            "Keep what you have; the operator can publish a new release, or roll back to an old one.",
        ),
        ProblemCode::UploadNotFound => (
            "No upload has that address, it was removed, or it is another token's.",
            "Begin again with `POST /api/uploads`.",
        ),
        ProblemCode::UploadExpired => (
            "Nobody appended to the upload for `upload.expire_hours`, or published what it brought.",
            "Begin again with `POST /api/uploads`.",
        ),
        ProblemCode::UploadTooLarge => (
            "`Upload-Length` is above `upload.max_bytes`, which is `maxBytes`.",
            "Divide the file, or have the operator raise the setting.",
        ),
        ProblemCode::UploadPastEnd => (
            "The bytes of an append end behind `Upload-Length`, which is `size`.",
            "Ask with HEAD, and send no more than is missing.",
        ),
        ProblemCode::UploadOffsetConflict => (
            "`Upload-Offset` is not where the upload is, which is `offset`: bytes were lost or came twice.",
            "Go on from `offset`.",
        ),
        ProblemCode::UploadLocked => (
            "Another request appends to the same upload, or one that broke off has not been noticed yet.",
            "Wait for `Retry-After`, ask with HEAD, and go on from there.",
        ),
        ProblemCode::TooManyUploads => (
            "The token has `most` unfinished uploads, which is `upload.open_per_token`.",
            "Finish some, or remove them with DELETE.",
        ),
        ProblemCode::UploadChecksumMismatch => {
            ("The bytes of an append do not hash to `Upload-Checksum`; none of them was kept.", "Send them again.")
        }
        ProblemCode::UploadDigestMismatch => (
            "All bytes have come, and their SHA-256 is `received`, not the announced one. The upload is removed.",
            "Hash the file again, and begin again.",
        ),
        ProblemCode::UploadInterrupted => (
            "The client sent nothing for `upload.idle_seconds`, or left. What had come is kept, unless there was a checksum.",
            "Go on from `offset`.",
        ),
        ProblemCode::TusVersionUnsupported => {
            ("`Tus-Resumable` is missing or not 1.0.0.", "Send `Tus-Resumable: 1.0.0`.")
        }
        ProblemCode::PublicationRefused => (
            "The files that were uploaded break a rule that `detail` names, with the file at fault.",
            "Correct that, and publish again.",
        ),
        ProblemCode::PublicationOvertaken => (
            "Others published to the same tag faster than this publish could finish.",
            "Ask again after `Retry-After`.",
        ),
        ProblemCode::StorageFull => (
            "The store or the database has no room left. What was acknowledged is kept.",
            "The operator makes room; then go on from where the upload is.",
        ),
        ProblemCode::MethodNotAllowed => ("The address has no such method.", "Use one that `Allow` names."),
        ProblemCode::NotAcceptable => (
            "`Accept-Encoding` refuses identity and names no coding in which the document exists.",
            "Accept one of `codings`, or identity; media only ever comes as identity, whatever is accepted.",
        ),
        ProblemCode::PreconditionFailed => (
            "`If-Match` or `If-Unmodified-Since` names another version than the one at this address.",
            "Begin again with the version in `etag`, or ask for the immutable address of the one you have.",
        ),
        ProblemCode::RangeNotSatisfiable => (
            "Every range that was asked for begins at or after the end of the content.",
            "`size` says how many bytes there are; a client that has them all is done.",
        ),
        ProblemCode::Internal => (
            "Something broke that nobody foresaw.",
            "Try again later; the operator finds the cause in the log under the request id.",
        ),
        ProblemCode::StoredBytesDamaged => (
            "A stored document is not what its digest says, so it is not served.",
            "The operator restores the object that the log names from a copy, or publishes the folder again.",
        ),
        ProblemCode::ObjectChanged => (
            "The bytes lie in an object that was adopted, and somebody has replaced, changed or deleted it since; other bytes are never \
             sent in its place.",
            "For the operator: put the old object back, or run `stowaway adopt` again. The log names it.",
        ),
        ProblemCode::DatabaseUnavailable => {
            ("The database does not answer, and the answer is in no cache.", "Try again after `Retry-After` seconds.")
        }
        ProblemCode::StoreUnavailable => (
            "The object store does not answer before the first byte of the body was sent.",
            "Try again after `Retry-After` seconds.",
        ),
        ProblemCode::Overloaded => {
            ("As many requests are being answered as the server takes on.", "Try again in a moment.")
        }
        ProblemCode::NotReady => {
            ("The server is starting, or stopping and finishing what it began.", "Ask another replica, or try again.")
        }
    };
    Explanation { when, what_to_do }
}

/// The whole reference as Markdown.
///
/// # Panics
/// Never: writing to a string does not fail.
#[must_use]
pub fn markdown() -> String {
    let mut text = String::from(
        "# Problems\n\n\
         What the server answers when something is wrong: [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) documents, \
         `application/problem+json`, never cached, readable from any origin. `type` is `urn:problem-type:stowaway:` and the \
         code below; codes never change their meaning. `detail` says what was wrong with this very request.\n\n\
         Made from `server/domain/src/problem_code.rs` and `problem_reference.rs`; a test compares.\n\n\
         | code | status | title | when | what to do |\n| --- | --- | --- | --- | --- |\n",
    );
    for code in ProblemCode::ALL {
        let Explanation { when, what_to_do } = explanation(code);
        let (name, status, title) = (code.code(), code.status(), code.title());
        writeln!(text, "| `{name}` | {status} | {title} | {when} | {what_to_do} |").expect("a string takes all text");
    }
    text
}
