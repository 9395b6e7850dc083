//! From a storage URL to a backend. Credentials come from the standard environment of each vendor.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as ObjectPath;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreScheme, RetryConfig};
use url::Url;

use super::{StoreError, StoreOptions};

/// A backend and where in it the objects lie.
pub(super) struct Location {
    pub(super) backend: Arc<dyn ObjectStore>,
    pub(super) prefix: ObjectPath,
    pub(super) folder: Option<PathBuf>,
}

pub(super) fn open(url: &str, options: &StoreOptions) -> Result<Location, StoreError> {
    if let Some(folder) = folder_of(url)? {
        return open_folder(url, &folder);
    }
    let refuse = |reason: String| StoreError::Url { url: url.to_owned(), reason };
    let parsed = Url::parse(url).map_err(|error| refuse(format!("is not a URL ({error})")))?;
    let (scheme, prefix) =
        ObjectStoreScheme::parse(&parsed).map_err(|_| refuse("names no store that is known here".to_owned()))?;
    let (client, retry) = (client_options(options), retry_config(options));
    let backend: object_store::Result<Arc<dyn ObjectStore>> = match scheme {
        ObjectStoreScheme::Memory => Ok(Arc::new(InMemory::new())),
        ObjectStoreScheme::AmazonS3 => AmazonS3Builder::from_env()
            .with_url(url)
            .with_client_options(client)
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as _),
        ObjectStoreScheme::GoogleCloudStorage => GoogleCloudStorageBuilder::from_env()
            .with_url(url)
            .with_client_options(client)
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as _),
        ObjectStoreScheme::MicrosoftAzure => MicrosoftAzureBuilder::from_env()
            .with_url(url)
            .with_client_options(client)
            .with_retry(retry)
            .build()
            .map(|store| Arc::new(store) as _),
        _ => return Err(refuse("names no store that can be written".to_owned())),
    };
    let backend = backend.map_err(|source| StoreError::Open { url: url.to_owned(), source: Box::new(source) })?;
    Ok(Location { backend, prefix, folder: None })
}

/// The folder of a `file:` URL; `file:relative` and `file:./relative` are taken from the working directory.
fn folder_of(url: &str) -> Result<Option<PathBuf>, StoreError> {
    let Some(rest) = url.strip_prefix("file:") else { return Ok(None) };
    if !rest.starts_with('/') && !rest.is_empty() {
        return Ok(Some(PathBuf::from(rest)));
    }
    let refuse = || StoreError::Url { url: url.to_owned(), reason: "names no folder of this machine".to_owned() };
    let path = Url::parse(url).ok().and_then(|url| url.to_file_path().ok()).ok_or_else(refuse)?;
    Ok(Some(path))
}

fn open_folder(url: &str, folder: &Path) -> Result<Location, StoreError> {
    let failed = |source| StoreError::Open { url: url.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(|source| failed(Box::new(source)))?;
    let folder = folder.canonicalize().map_err(|source| failed(Box::new(source)))?;
    let backend = LocalFileSystem::new_with_prefix(&folder).map_err(|source| failed(Box::new(source)))?;
    let backend = Arc::new(backend.with_fsync(true));
    Ok(Location { backend, prefix: ObjectPath::default(), folder: Some(folder) })
}

fn client_options(options: &StoreOptions) -> ClientOptions {
    ClientOptions::new()
        .with_timeout(options.request_timeout)
        .with_connect_timeout(options.request_timeout)
        .with_allow_http(true)
}

fn retry_config(options: &StoreOptions) -> RetryConfig {
    let attempts = u32::try_from(options.retries).unwrap_or(u32::MAX).saturating_add(1);
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: options.retries,
        retry_timeout: options.request_timeout.saturating_mul(attempts),
    }
}
