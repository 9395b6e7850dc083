//! `/api/tags/{tag}/publications`: a release from a list of files. What is missing is named, uploaded, and then the same is asked again.

use std::time::Duration;

use actix_web::http::header::RETRY_AFTER;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use stowaway_domain::file_list::{FileList, ListedFile};
use stowaway_domain::problem::Problem;
use stowaway_domain::problem_code::ProblemCode;
use stowaway_domain::scope::Access;
use stowaway_domain::tag_metadata::{self, TagMetadata};
use stowaway_domain::{Digest, Tag, href};
use stowaway_engine::publications::{MissingBlob, Publication, PublicationState};
use stowaway_engine::publish::Published;
use utoipa::ToSchema;

use super::authorized::Authorized;
use super::body::{JsonBody, whole_number};
use super::openapi::{BodyProblems, PublicationProblems, ScopeProblem, TokenProblems};
use super::refused::Refused;
use super::state::ApiState;
use super::uploads;

/// How long a request waits for its release before it is told to ask again: less than proxies wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// The files of a release, and what is to be said about them.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPublication {
    /// Every file, under the rules of a folder: hidden and unfinished ones are left out.
    #[schema(min_items = 1, max_items = 100_000)]
    files: Vec<NewFile>,
    /// The text of `tag.toml`, if there is one.
    #[serde(default)]
    tag_toml: Option<String>,
}

/// A file of the folder.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewFile {
    /// Path in the folder.
    #[schema(min_length = 1, max_length = 900, example = "01-basics/01-welcome.mp4")]
    path: String,
    /// Bytes.
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    #[serde(deserialize_with = "whole_number")]
    size: u64,
    /// SHA-256 of the bytes.
    #[schema(pattern = "^[0-9a-f]{64}$", example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    sha256: String,
}

/// What there is to do before there can be a release; nothing when it is being made.
#[derive(Serialize, ToSchema)]
struct Unfinished {
    /// Bytes to upload, in the order of the folder. Empty: the release is being made, ask again.
    missing: Vec<Missing>,
}

/// Bytes to upload.
#[derive(Serialize, ToSchema)]
struct Missing {
    /// What they are.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// How many.
    size: u64,
    /// An upload of them that this token began and can go on with.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<OpenUpload>,
}

/// An upload that can go on.
#[derive(Serialize, ToSchema)]
struct OpenUpload {
    /// Its address.
    href: String,
    /// Bytes that are there.
    offset: u64,
}

/// The release that there is now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PublishedRelease {
    /// Whether it is a new one.
    changed: bool,
    /// Its number.
    release: u64,
    /// Its release digest, of a new one.
    #[schema(value_type = Option<String>, pattern = "^sha256:[0-9a-f]{64}$")]
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    /// Its assets, of a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    assets: Option<u64>,
    /// What a client that has nothing downloads for everything, of a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_total: Option<u64>,
    /// What a client that has the release before must fetch, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_to_fetch_from_previous: Option<u64>,
}

/// Publishes files that were uploaded, or says which bytes are missing
///
/// The same request again gives the same release.
#[utoipa::path(
    tag = "publishing",
    params(("tag" = String, Path, description = "The tag", pattern = "^[a-z0-9][a-z0-9._-]{0,127}$")),
    request_body = NewPublication,
    responses(
        (status = 200, description = "Nothing changed: the current release has these files", body = PublishedRelease),
        (status = 201, description = "A new release, at `Location`", body = PublishedRelease),
        (status = 202, description = "Nothing is published yet: upload what is missing, or ask again after `Retry-After`", body = Unfinished),
        BodyProblems, PublicationProblems, TokenProblems, ScopeProblem
    )
)]
#[post("/tags/{tag}/publications")]
pub(super) async fn publish(
    api: Data<ApiState>,
    authorized: Authorized,
    tag: Path<Tag>,
    body: JsonBody<NewPublication, { 32 * 1024 * 1024 }>,
) -> Result<HttpResponse, Refused> {
    let tag = tag.into_inner();
    authorized.require(Access::Publish(&tag))?;
    let JsonBody(new) = body;
    let digest = Digest::of(&serde_json::to_vec(&new).expect("a list of files is plain JSON"));
    let metadata = new.tag_toml.as_deref().map(tag_metadata::parse).transpose();
    let metadata: TagMetadata = metadata.map_err(|error| refuse("tagToml", &error))?.unwrap_or_default();
    let files = new.files.into_iter().map(NewFile::parse).collect::<Result<Vec<_>, _>>()?;
    let files = FileList::new(files).map_err(|error| refuse("files", &error))?;
    let owner = authorized.id().to_string();
    let publication = Publication { tag: tag.clone(), owner, files, metadata, digest };
    let may_read = |tag: &Tag| authorized.scopes().allow(Access::Read(tag));
    Ok(answer(&tag, api.publications.publish(publication, &may_read, PATIENCE).await?))
}

fn answer(tag: &Tag, state: PublicationState) -> HttpResponse {
    match state {
        PublicationState::Missing(missing) => {
            HttpResponse::Accepted().json(Unfinished { missing: missing.into_iter().map(Missing::from).collect() })
        }
        PublicationState::Running => {
            HttpResponse::Accepted().insert_header((RETRY_AFTER, "1")).json(Unfinished { missing: Vec::new() })
        }
        PublicationState::Done(Published::Unchanged { release }) => HttpResponse::Ok().json(PublishedRelease {
            changed: false,
            release,
            digest: None,
            assets: None,
            bytes_total: None,
            bytes_to_fetch_from_previous: None,
        }),
        PublicationState::Done(Published::Released {
            release,
            digest,
            assets,
            bytes_total,
            bytes_to_fetch_from_previous,
            ..
        }) => HttpResponse::Created().insert_header(("location", href::release_manifest(tag, release))).json(
            PublishedRelease {
                changed: true,
                release,
                digest: Some(digest),
                assets: Some(assets),
                bytes_total: Some(bytes_total),
                bytes_to_fetch_from_previous,
            },
        ),
    }
}

impl NewFile {
    fn parse(self) -> Result<ListedFile, Refused> {
        let path = self.path.parse().map_err(|error| refuse("files", &error))?;
        let digest = Digest::parse_hex(&self.sha256).map_err(|error| refuse("files", &error))?;
        Ok(ListedFile { path, size: self.size, digest })
    }
}

impl From<MissingBlob> for Missing {
    fn from(blob: MissingBlob) -> Self {
        let upload = blob.upload.map(|upload| OpenUpload { href: uploads::href(&upload.id), offset: upload.offset });
        Self { sha256: blob.digest.hex(), size: blob.size, upload }
    }
}

fn refuse(member: &str, error: &dyn std::error::Error) -> Refused {
    Problem::new(ProblemCode::BadBody, format!("{member}: {error}.")).with("member", member).into()
}
