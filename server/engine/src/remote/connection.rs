//! Requests to one server, and what its answers mean.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use stowaway_domain::Tag;
use stowaway_domain::upload::{APPEND_MEDIA_TYPE, TUS_VERSION, UploadMetadata};
use url::Url;

use super::api::{Answer, MissingFile, Unfinished};
use super::retry::{Failed, Retry};
use super::{RemoteError, RemoteOptions};

/// Longest answer that is read.
const ANSWER_MAX_BYTES: usize = 64 * 1024 * 1024;

/// A server and a token for it.
pub(super) struct Connection {
    client: Client,
    server: Url,
    options: RemoteOptions,
}

/// The part of a problem document that is shown.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    detail: String,
}

impl Connection {
    pub(super) fn new(server: &Url, token: &str, options: &RemoteOptions) -> Result<Self, RemoteError> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| RemoteError::TokenText)?;
        bearer.set_sensitive(true);
        let headers = [(AUTHORIZATION, bearer)].into_iter().collect::<HeaderMap>();
        let client = Client::builder()
            .default_headers(headers)
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.answer_timeout)
            // A token goes to the server that was named, and to nobody else.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(RemoteError::Client)?;
        Ok(Self { client, server: server.clone(), options: options.clone() })
    }

    pub(super) fn shown(&self) -> String {
        self.server.origin().ascii_serialization()
    }

    /// Asks for a publication until there is an answer.
    pub(super) async fn publish(&self, tag: &Tag, request: &[u8]) -> Result<Answer, RemoteError> {
        let mut retry = Retry::new(&self.options);
        loop {
            match self.publish_once(tag, request).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => retry.after(failed, &self.shown()).await?,
            }
        }
    }

    async fn publish_once(&self, tag: &Tag, request: &[u8]) -> Result<Answer, Failed> {
        let url = self.url(&format!("/api/tags/{tag}/publications"))?;
        let request = self.client.post(url).header(CONTENT_TYPE, "application/json").body(request.to_vec());
        let response = expect_success(request.send().await.map_err(for_now)?).await?;
        let ask_again = retry_after(response.headers());
        let is_unfinished = response.status() == StatusCode::ACCEPTED;
        let body = read(response).await?;
        let not_understood =
            |_| Failed::Finally(RemoteError::Unexpected { what: "gives an answer that is not understood" });
        if !is_unfinished {
            return serde_json::from_slice(&body).map(Answer::Done).map_err(not_understood);
        }
        let Unfinished { missing } = serde_json::from_slice(&body).map_err(not_understood)?;
        Ok(if missing.is_empty() { Answer::Running { ask_again } } else { Answer::Missing(missing) })
    }

    /// Begins an upload, with its first bytes if there are any; gives its address, and how far it is.
    pub(super) async fn create(
        &self,
        file: &MissingFile,
        first: Option<(u64, reqwest::Body)>,
    ) -> Result<(Url, u64), Failed> {
        let mut request = self
            .client
            .post(self.url("/api/uploads")?)
            .header("tus-resumable", TUS_VERSION)
            .header("upload-length", file.size)
            .header("upload-metadata", UploadMetadata::header_of(&file.digest));
        if let Some((length, body)) = first {
            let headers =
                [(CONTENT_TYPE, HeaderValue::from_static(APPEND_MEDIA_TYPE)), (CONTENT_LENGTH, length.into())];
            request = request.headers(headers.into_iter().collect()).body(body);
        }
        let response = expect_success(request.send().await.map_err(for_now)?).await?;
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let location =
            location.ok_or(Failed::Finally(RemoteError::Unexpected { what: "does not say where an upload is" }))?;
        Ok((self.url(location)?, upload_offset(&response)?))
    }

    /// Asks how far an upload is; nothing when it is gone.
    pub(super) async fn offset(&self, upload: &Url) -> Result<Option<u64>, Failed> {
        let request = self.client.head(upload.clone()).header("tus-resumable", TUS_VERSION);
        let response = request.send().await.map_err(for_now)?;
        if matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(None);
        }
        upload_offset(&expect_success(response).await?).map(Some)
    }

    /// Appends bytes; gives the offset behind them.
    pub(super) async fn append(
        &self,
        upload: &Url,
        offset: u64,
        length: u64,
        body: reqwest::Body,
    ) -> Result<u64, Failed> {
        let request = self
            .client
            .patch(upload.clone())
            .header("tus-resumable", TUS_VERSION)
            .header("upload-offset", offset)
            .header(CONTENT_TYPE, APPEND_MEDIA_TYPE)
            .header(CONTENT_LENGTH, length)
            .body(body);
        let response = request.send().await.map_err(for_now)?;
        upload_offset(&expect_success(response).await?)
    }

    /// An address of this server, and of no other: the token goes with every request.
    pub(super) fn url(&self, address: &str) -> Result<Url, Failed> {
        let joined = self.server.join(address).ok().filter(|url| url.origin() == self.server.origin());
        joined.ok_or(Failed::Finally(RemoteError::Unexpected { what: "names an address of another server" }))
    }
}

fn upload_offset(response: &Response) -> Result<u64, Failed> {
    let offset = response.headers().get("upload-offset").and_then(|value| value.to_str().ok()?.parse().ok());
    offset.ok_or(Failed::Finally(RemoteError::Unexpected { what: "does not say how far an upload is" }))
}

/// Turns an answer that is none into what to do about it.
async fn expect_success(response: Response) -> Result<Response, Failed> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let after = retry_after(response.headers());
    let body = read(response).await.unwrap_or_default();
    let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
    let code = problem.kind.strip_prefix("urn:problem-type:stowaway:").map(str::to_owned);
    let detail = if problem.detail.is_empty() { "it does not say why".to_owned() } else { problem.detail };
    let refused = RemoteError::Refused { status: status.as_u16(), code, detail };
    let is_for_now = status.is_server_error() || matches!(status.as_u16(), 408 | 409 | 423 | 425 | 429);
    // A full disk and a damaged store do not mend themselves while one waits.
    let is_final = status.as_u16() == 507
        || matches!(&refused, RemoteError::Refused { code: Some(code), .. } if code == "stored-bytes-damaged");
    if is_for_now && !is_final {
        return Err(Failed::ForNow { source: Box::new(refused), after });
    }
    Err(Failed::Finally(refused))
}

/// Reads a whole answer, in bounds.
async fn read(mut response: Response) -> Result<Vec<u8>, Failed> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(for_now)? {
        if body.len() + chunk.len() > ANSWER_MAX_BYTES {
            return Err(Failed::Finally(RemoteError::Unexpected { what: "gives an answer without end" }));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

pub(super) fn for_now(source: reqwest::Error) -> Failed {
    Failed::ForNow { source: Box::new(source.without_url()), after: None }
}
