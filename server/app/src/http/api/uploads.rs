//! `/api/uploads`: bytes on their way, in the dialect of tus 1.0.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, delete, head, options, patch, post};
use stowaway_domain::http_date;
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;
use stowaway_domain::scope::Scope;
use stowaway_domain::upload::{
    APPEND_MEDIA_TYPE, Checksum, SUPPORTED_CHECKSUMS, TUS_EXTENSIONS, TUS_VERSION, UploadId, UploadMetadata,
};
use stowaway_engine::error_chain::ErrorChain;
use stowaway_engine::uploads::{Append, UploadError, UploadState};

use super::authorized::Authorized;
use super::openapi::{AppendProblems, CreateUploadProblems, HeldUploadProblems, TokenProblems, UploadProblems};
use super::refused::Refused;
use super::state::ApiState;
use super::upload_body;

const TUS_RESUMABLE: &str = "tus-resumable";
const UPLOAD_OFFSET: &str = "upload-offset";
const UPLOAD_LENGTH: &str = "upload-length";
const UPLOAD_EXPIRES: &str = "upload-expires";
const UPLOAD_METADATA: &str = "upload-metadata";
const UPLOAD_CHECKSUM: &str = "upload-checksum";
const UPLOAD_CONCAT: &str = "upload-concat";

/// What of tus is spoken here
#[utoipa::path(
    tag = "uploads",
    security(()),
    responses((status = 204, description = "`Tus-Version`, `Tus-Extension`, `Tus-Max-Size`, `Tus-Checksum-Algorithm`"))
)]
#[options("/uploads")]
pub(super) async fn tus_options(api: Data<ApiState>) -> HttpResponse {
    answer(StatusCode::NO_CONTENT)
        .insert_header(("tus-version", TUS_VERSION))
        .insert_header(("tus-extension", TUS_EXTENSIONS))
        .insert_header(("tus-max-size", api.uploads.max_bytes().to_string()))
        .insert_header(("tus-checksum-algorithm", SUPPORTED_CHECKSUMS))
        .finish()
}

/// Begins an upload; may bring its first bytes
#[utoipa::path(
    tag = "uploads",
    params(
        ("Tus-Resumable" = String, Header, description = "1.0.0", pattern = r"^1\.0\.0$"),
        ("Upload-Length" = u64, Header, description = "Bytes of the whole upload"),
        ("Upload-Metadata" = String, Header, description = "`sha256` and the 64 hexadecimal digits in base64; other pairs are kept for who asks"),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream", description = "The first bytes, if any"),
    responses(
        (status = 201, description = "The upload is at `Location`; it has `Upload-Offset` bytes and is kept until `Upload-Expires`"),
        CreateUploadProblems, TokenProblems
    )
)]
#[post("/uploads")]
pub(super) async fn create_upload(
    api: Data<ApiState>,
    authorized: Authorized,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refused> {
    expect_publisher(&authorized)?;
    let headers = request.headers();
    expect_tus(headers)?;
    expect_whole(headers)?;
    let size = expect_number(headers, UPLOAD_LENGTH)?;
    let metadata = UploadMetadata::parse(text(headers, UPLOAD_METADATA)?).map_err(|error| bad_header(&error))?;
    let brings_bytes = headers.contains_key(CONTENT_TYPE);
    let append = if brings_bytes { Some(read_append(headers, Some(0))?) } else { None };
    let mut state = api.uploads.create(authorized.id().as_str(), size, &metadata).await?;
    let location = href(&state.id);
    if let Some(append) = append {
        let appended = upload_body::append(&api.uploads, authorized.id(), &state.id, append, payload).await;
        state = match appended {
            Ok(state) => state,
            Err(refused) => return Err(without_first_bytes(&api, &authorized, &state.id, refused).await),
        };
    }
    Ok(describe(StatusCode::CREATED, &state).insert_header((LOCATION, location)).finish())
}

/// How far an upload is
#[utoipa::path(
    tag = "uploads",
    params(
        ("id" = String, Path, description = "As in `Location`", pattern = "^[0-9a-f]{32}$"),
        ("Tus-Resumable" = String, Header, description = "1.0.0", pattern = r"^1\.0\.0$"),
    ),
    responses(
        (status = 200, description = "`Upload-Offset`, `Upload-Length`, `Upload-Metadata` and `Upload-Expires`"),
        HeldUploadProblems, UploadProblems, TokenProblems
    )
)]
#[head("/uploads/{id}")]
pub(super) async fn upload_status(
    api: Data<ApiState>,
    authorized: Authorized,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    expect_tus(request.headers())?;
    let state = api.uploads.status(authorized.id().as_str(), &parse_id(&id)?).await?;
    let mut answer = describe(StatusCode::OK, &state);
    answer.insert_header((UPLOAD_LENGTH, state.size.to_string()));
    if !state.metadata.is_empty() {
        answer.insert_header((UPLOAD_METADATA, state.metadata));
    }
    Ok(answer.finish())
}

/// Appends bytes; the last one makes them a blob
#[utoipa::path(
    tag = "uploads",
    params(
        ("id" = String, Path, description = "As in `Location`", pattern = "^[0-9a-f]{32}$"),
        ("Tus-Resumable" = String, Header, description = "1.0.0", pattern = r"^1\.0\.0$"),
        ("Upload-Offset" = u64, Header, description = "Where the bytes go: behind all that are there"),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha1` or `sha256`, and the checksum of these bytes in base64: all of them are kept, or none"),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream", description = "The bytes"),
    responses(
        (status = 204, description = "`Upload-Offset` bytes are durable"),
        AppendProblems, HeldUploadProblems, UploadProblems, TokenProblems
    )
)]
#[patch("/uploads/{id}")]
pub(super) async fn append_to_upload(
    api: Data<ApiState>,
    authorized: Authorized,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Refused> {
    let headers = request.headers();
    expect_tus(headers)?;
    let (id, append) = (parse_id(&id)?, read_append(headers, None)?);
    let state = upload_body::append(&api.uploads, authorized.id(), &id, append, payload).await?;
    Ok(describe(StatusCode::NO_CONTENT, &state).finish())
}

/// Ends an upload and removes what it brought
#[utoipa::path(
    tag = "uploads",
    params(
        ("id" = String, Path, description = "As in `Location`", pattern = "^[0-9a-f]{32}$"),
        ("Tus-Resumable" = String, Header, description = "1.0.0", pattern = r"^1\.0\.0$"),
    ),
    responses((status = 204, description = "It is gone"), HeldUploadProblems, UploadProblems, TokenProblems)
)]
#[delete("/uploads/{id}")]
pub(super) async fn remove_upload(
    api: Data<ApiState>,
    authorized: Authorized,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Refused> {
    expect_tus(request.headers())?;
    api.uploads.remove(authorized.id().as_str(), &parse_id(&id)?).await?;
    Ok(answer(StatusCode::NO_CONTENT).finish())
}

/// What becomes of an upload whose first bytes were refused: whoever sent them does not know its address yet. Without a byte it is removed;
/// with some, the problem says where it is.
async fn without_first_bytes(api: &ApiState, authorized: &Authorized, id: &UploadId, refused: Refused) -> Refused {
    let owner = authorized.id().as_str();
    let left = match api.uploads.status(owner, id).await {
        Ok(state) if state.offset == 0 => api.uploads.remove(owner, id).await,
        Ok(_) => return refused.with_header("location", href(id)),
        Err(error) => Err(error),
    };
    match left {
        Ok(()) | Err(UploadError::NotFound { .. }) => refused,
        Err(error) => {
            tracing::warn!(%id, error = %ErrorChain(&error), "an upload that nobody knows stays until it expires");
            refused.with_header("location", href(id))
        }
    }
}

/// The address of an upload.
pub(super) fn href(id: &UploadId) -> String {
    format!("/api/uploads/{id}")
}

/// Whoever may publish something may upload.
fn expect_publisher(authorized: &Authorized) -> Result<(), Refused> {
    let publishes = |scope: &Scope| matches!(scope, Scope::Admin | Scope::Publish(_));
    if authorized.scopes().as_slice().iter().any(publishes) {
        return Ok(());
    }
    let problem =
        Problem::new(ProblemCode::ScopeMissing, "This needs a token with a scope publish:PREFIX, or a wider one.");
    Err(problem.with("scope", "publish:").into())
}

fn expect_tus(headers: &HeaderMap) -> Result<(), Refused> {
    if text(headers, TUS_RESUMABLE)? == Some(TUS_VERSION) {
        return Ok(());
    }
    let detail = format!("Send Tus-Resumable: {TUS_VERSION}.");
    Err(Problem::new(ProblemCode::TusVersionUnsupported, detail).with_header("tus-version", TUS_VERSION).into())
}

/// An upload is a whole file (ADR 0035). One that ignores this header would take a piece of a file for the file.
fn expect_whole(headers: &HeaderMap) -> Result<(), Refused> {
    if !headers.contains_key(UPLOAD_CONCAT) {
        return Ok(());
    }
    let detail = "Concatenation is not spoken here, as Tus-Extension says: send a file as one upload, and several files at once.";
    Err(Problem::new(ProblemCode::BadRequest, detail).with("header", UPLOAD_CONCAT).into())
}

/// What comes with the bytes of an append; `offset` where it goes without saying.
fn read_append(headers: &HeaderMap, offset: Option<u64>) -> Result<Append, Refused> {
    if text(headers, CONTENT_TYPE.as_str())? != Some(APPEND_MEDIA_TYPE) {
        let detail = format!("Send {APPEND_MEDIA_TYPE}, and say so in Content-Type.");
        return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail).into());
    }
    let offset = offset.map_or_else(|| expect_number(headers, UPLOAD_OFFSET), Ok)?;
    let length = text(headers, CONTENT_LENGTH.as_str())?.and_then(|length| length.parse().ok());
    let checksum =
        text(headers, UPLOAD_CHECKSUM)?.map(Checksum::parse).transpose().map_err(|error| bad_header(&error))?;
    Ok(Append { offset, length, checksum })
}

fn expect_number(headers: &HeaderMap, name: &'static str) -> Result<u64, Refused> {
    let number = text(headers, name)?.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    // What databases hold.
    let number = number.and_then(|number| number.parse().ok()).filter(|&number| i64::try_from(number).is_ok());
    number.ok_or_else(|| {
        Problem::new(ProblemCode::BadRequest, format!("Send {name} with a number of bytes."))
            .with("header", name)
            .into()
    })
}

/// A header that is there once, as text.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refused> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else { return Ok(None) };
    match (value.to_str(), values.next()) {
        (Ok(value), None) => Ok(Some(value.trim())),
        _ => {
            let detail = format!("The header {name} is there twice or is no text.");
            Err(Problem::new(ProblemCode::BadRequest, detail).with("header", name).into())
        }
    }
}

fn bad_header(error: &dyn std::error::Error) -> Refused {
    Problem::new(ProblemCode::BadRequest, format!("{error}.")).into()
}

fn parse_id(id: &str) -> Result<UploadId, Refused> {
    id.parse().map_err(|error| Problem::new(ProblemCode::UploadNotFound, format!("{error}.")).into())
}

fn answer(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((TUS_RESUMABLE, TUS_VERSION));
    answer
}

fn describe(status: StatusCode, state: &UploadState) -> HttpResponseBuilder {
    let expires = http_date::format(state.expires_ms / 1000);
    let mut answer = answer(status);
    answer.insert_header((UPLOAD_OFFSET, state.offset.to_string())).insert_header((UPLOAD_EXPIRES, expires));
    answer
}
