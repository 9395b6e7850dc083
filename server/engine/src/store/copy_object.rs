//! Copying an object within its bucket without its bytes passing through here, and with other headers than the first has: what
//! `object_store` leaves out. S3 only; the other vendors need more than one request for it.

use std::time::Duration;

use object_store::signer::{Method, SignedUrlOptions};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderName, HeaderValue};

use super::{Store, StoreError};
use crate::error_chain::ErrorChain;

/// What may stand bare in `x-amz-copy-source`.
const SOURCE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// How long the store may think until it must have begun with a copy.
const SIGNED_FOR: Duration = Duration::from_secs(300);
const OPERATION: &str = "copy";
/// The largest object that S3 copies in one request.
pub const COPY_MAX_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// Asks a store to copy objects of its own.
#[derive(Debug, Clone)]
pub struct ObjectCopier {
    store: Store,
    bucket: String,
    client: reqwest::Client,
}

impl Store {
    /// What copies objects of this store, where it does so when asked.
    #[must_use]
    pub fn copier(&self) -> Option<ObjectCopier> {
        let bucket = self.signer.as_ref()?.copies_within.clone()?;
        let client = reqwest::Client::builder()
            .connect_timeout(self.options.connect_timeout)
            .read_timeout(self.options.request_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        match client {
            Ok(client) => Some(ObjectCopier { store: self.clone(), bucket, client }),
            Err(error) => {
                tracing::warn!(error = %ErrorChain(&error), "objects are sent again instead of copied by their store");
                None
            }
        }
    }
}

impl ObjectCopier {
    /// Makes the object at `to` the bytes of the one at `from`, with these headers and no others of the first. It is there whole, or not at all.
    /// Objects of more than [`COPY_MAX_BYTES`] are refused by the store.
    ///
    /// # Errors
    /// The store does not copy, or failed.
    pub async fn copy(&self, from: &str, to: &str, headers: &[(HeaderName, HeaderValue)]) -> Result<(), StoreError> {
        Store::count(OPERATION, self.ask(from, to, headers).await)
    }

    async fn ask(&self, from: &str, to: &str, headers: &[(HeaderName, HeaderValue)]) -> Result<(), StoreError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| StoreError::Failed {
            operation: OPERATION,
            key: to.to_owned(),
            source,
        };
        let refused = |reason: String| failed(std::io::Error::other(reason).into());
        let signer = self.store.signer.as_ref().ok_or_else(|| refused("it signs nothing".to_owned()))?;
        let source = format!("{}/{}", self.bucket, self.store.path(from));
        let source = utf8_percent_encode(&source, SOURCE).to_string();
        let source = HeaderValue::from_str(&source).map_err(|error| failed(error.into()))?;
        let mut all = headers.to_vec();
        all.push((HeaderName::from_static("x-amz-copy-source"), source));
        all.push((HeaderName::from_static("x-amz-metadata-directive"), HeaderValue::from_static("REPLACE")));
        let (mut options, mut request) = (SignedUrlOptions::new(), Vec::with_capacity(all.len()));
        for (name, value) in all {
            options = options.with_signed_header(name.clone(), value.clone());
            request.push((name, value));
        }
        let address = signer.signer.signed_url_opts(Method::PUT, &self.store.path(to), SIGNED_FOR, &options).await;
        let address = address.map_err(|error| failed(error.into()))?;
        let headers = request.into_iter().collect();
        // What a client says of a failure shows the address, which is signed.
        let without_address = |error: reqwest::Error| failed(error.without_url().into());
        let answer = self.client.put(address).headers(headers).send().await.map_err(without_address)?;
        let status = answer.status();
        let said = answer.text().await.map_err(without_address)?;
        // A copy that fails halfway is a 200 with an error in it.
        match status.is_success() && said.contains("<CopyObjectResult") {
            true => Ok(()),
            false => Err(refused(format!("{status} {}", said.chars().take(300).collect::<String>()))),
        }
    }
}
